// An honest peer, who asks a node the same questions again and again: over a channel that stays, and over new connections. How long the
// slowest answer took is measured, less what the machine kept the two of them from running.

import { readFileSync } from 'node:fs'
import { setTimeout as sleep } from 'node:timers/promises'
import type { Cid } from '../../../src/cid/index.ts'
import { isRegistryError } from '../../../src/lib/index.ts'
import { connectSource, openLibp2pNetwork } from '../../../src/sync/index.ts'
import type { Ready } from './siege.ts'

export interface Waited {
  /** The longest, in ms, without what the machine kept it and the node from running; and with that. */
  readonly slowest: number
  readonly plain: number
  readonly asked: number
  /** Connections that were given up only because their time, which the machine took, was over. */
  readonly late: number
}

export interface HonestPeer extends AsyncDisposable {
  /** Until it is told to stop. */
  askOn(signal: AbortSignal): Promise<Waited>
}

/** Deadlines go by the clock on the wall: a connection that ended before is refused, and that is no lateness. */
const DEADLINE_MS = 2_900

export async function openHonestPeer(
  { address, publisher, cids }: Ready,
  pid: number,
): Promise<HonestPeer> {
  const honest = await openLibp2pNetwork({ listen: [] })
  const peer = connectSource(await honest.dial(address))
  const one = cids.at(-1) as Cid
  return {
    async askOn(signal) {
      let [slowest, plain, asked, late] = [0, 0, 0, 0]
      const timed = async (work: () => Promise<unknown>): Promise<void> => {
        const began = { at: performance.now(), kept: keptWaiting(pid) }
        let failure: unknown
        try {
          await work()
        } catch (error) {
          failure = error
        }
        const took = performance.now() - began.at
        const waited = took - (keptWaiting(pid) - began.kept)
        plain = Math.max(plain, Math.round(took))
        slowest = Math.max(slowest, Math.round(waited))
        asked += 1
        if (failure === undefined) return
        if (!isRegistryError(failure, 'PEER_UNAVAILABLE') || took < DEADLINE_MS) throw failure
        late += 1
      }
      const staying = async (): Promise<void> => {
        while (!signal.aborted) {
          await timed(() => peer.checkpoint(publisher))
          await timed(() => peer.blocks([one]))
          await sleep(20)
        }
      }
      const coming = async (): Promise<void> => {
        while (!signal.aborted) {
          await using network = await openLibp2pNetwork({ listen: [] })
          await timed(async () => {
            await using peer = connectSource(await network.dial(address))
            await peer.checkpoint(publisher)
          })
          await sleep(300)
        }
      }
      await Promise.all([staying(), coming()])
      return { slowest, plain, asked, late }
    },
    [Symbol.asyncDispose]: () => honest[Symbol.asyncDispose](),
  }
}

/** Milliseconds that this process and the node were ready to run and the machine was busy with others. */
function keptWaiting(pid: number): number {
  const waits = [process.pid, pid].map((one) => {
    const [, waited = '0'] = readFileSync(`/proc/${one}/schedstat`, 'utf8').split(' ')
    return Number(waited) / 1e6
  })
  return waits.reduce((sum, one) => sum + one, 0)
}
