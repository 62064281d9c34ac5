// The beacon: as time goes by the same states are cosigned again, so that readers can tell "nothing new" from "kept from you" (T2).

import { isRegistryError, type RegistryError, toHex } from '../../lib/index.ts'
import { type LogHead, listHeads, originOf } from '../../log/index.ts'
import type { PublisherId } from '../../spec/index.ts'
import type { Store } from '../../store/index.ts'
import { hashOfOrigin, readCosigned } from './cosigned.ts'
import { cosignHead, type HeadCosigned, type WitnessNode } from './heads.ts'

export interface BeaconOptions {
  /** Words older than this are said again; 12 hours unless said. */
  readonly everyMs?: number
  /** Logs looked at in one go; 1,000 unless said. The next call goes on behind them. */
  readonly limit?: number
  readonly signal?: AbortSignal
}

export interface BeaconRun {
  readonly cosigned: readonly HeadCosigned[]
  /** Logs that cannot be vouched for, and why. */
  readonly failed: readonly { readonly publisher: PublisherId; readonly error: RegistryError }[]
  /** False where there are more logs to look at: call again soon. */
  readonly isComplete: boolean
}

const EVERY_MS = 12 * 60 * 60_000
const LIMIT = 1_000

/** Of every log held here whose head is new, or was cosigned too long ago. Goes on from where the last call stopped. */
export function createBeacon(
  node: WitnessNode,
): (now: Date, options?: BeaconOptions) => Promise<BeaconRun> {
  let after: PublisherId | undefined
  return async (now, { everyMs = EVERY_MS, limit = LIMIT, signal } = {}) => {
    const cosigned: HeadCosigned[] = []
    const failed: { publisher: PublisherId; error: RegistryError }[] = []
    let seen = 0
    for await (const head of listHeads(node.store, after)) {
      signal?.throwIfAborted()
      seen += 1
      after = head.publisher
      try {
        if (await isDue(node.store, head, { now, everyMs })) {
          cosigned.push(await cosignHead(node, head.publisher, now))
        }
      } catch (error) {
        if (!isRegistryError(error) || isFatal(error)) throw error
        failed.push({ publisher: head.publisher, error })
      }
      if (seen === limit) return { cosigned, failed, isComplete: false }
    }
    after = undefined
    return { cosigned, failed, isComplete: true }
  }
}

/** What is not about one log. */
function isFatal({ code }: RegistryError): boolean {
  return code === 'STORE_UNAVAILABLE' || code === 'CLOSED'
}

async function isDue(
  store: Store,
  { publisher, size, root }: LogHead,
  { now, everyMs }: { readonly now: Date; readonly everyMs: number },
): Promise<boolean> {
  const { last } = await readCosigned(store, hashOfOrigin(originOf(publisher)))
  if (last === undefined || last.size < size) return true
  if (last.size > size) return false
  return toHex(last.root) !== root || Number(now) - Number(last.time) >= everyMs
}
