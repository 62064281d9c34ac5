// This node as a witness (docs/protocol.md, "Witnessing"): of logs that it holds in full it cosigns what it holds; of these and of others that
// it is told to witness, what somebody hands in with a proof. Each line says: this was the largest state that I had seen, at that time.

import { type Cosigner, formatWitness, parseLogKey } from '../../log/index.ts'
import type { PublisherId } from '../../spec/index.ts'
import type { Store } from '../../store/index.ts'
import { addCheckpoint, type SubmittedCheckpoint } from './add-checkpoint.ts'
import { type BeaconOptions, type BeaconRun, createBeacon } from './beacon.ts'
import { readCosigned } from './cosigned.ts'
import { cosignHead, type HeadCosigned } from './heads.ts'
import { publisherAt, type WitnessedLog } from './submitted.ts'

export interface WitnessOptions {
  readonly now: () => Date
  /** Logs to witness beside those that are held here: `VKEY`, or `ORIGIN VKEY` where the two names differ. */
  readonly logs?: readonly string[]
  /** Logs that nobody is told of. */
  readonly isHidden?: (publisher: PublisherId) => Promise<boolean>
}

/** All methods may overlap: what counts is decided under a lock per log. */
export interface Witness {
  /** What others copy into their policies. */
  readonly vkey: string
  /** To be called when the head of a log held here has changed; no lock of that log may be held. */
  cosignHead(publisher: PublisherId): Promise<HeadCosigned>
  /** To be called now and then: cosigns what is new, and again what was cosigned long ago. */
  beacon(now: Date, options?: BeaconOptions): Promise<BeaconRun>
  /** C2SP tlog-witness; answers signature lines, each without its newline. */
  addCheckpoint(submitted: SubmittedCheckpoint): Promise<readonly string[]>
  /** The newest checkpoint that was cosigned, by the hex SHA-256 of its origin. */
  findCheckpoint(originHash: string): Promise<Uint8Array | undefined>
}

/** Throws KEY_INVALID for a key or name that cannot cosign, or the key of a log that is none. */
export function createWitness(store: Store, cosigner: Cosigner, options: WitnessOptions): Witness {
  const { now, logs = [], isHidden = async () => false } = options
  const node = { store, cosigner }
  const witnessing = { ...node, logs: witnessedLogs(logs), isHidden }
  return {
    vkey: formatWitness({ name: cosigner.name, key: cosigner.signer.key }),
    cosignHead: (publisher) => cosignHead(node, publisher, now()),
    beacon: createBeacon(node),
    addCheckpoint: async (submitted) => [await addCheckpoint(witnessing, submitted, now())],
    findCheckpoint: async (originHash) => {
      if (!/^[0-9a-f]{64}$/.test(originHash)) return undefined
      const { last } = await readCosigned(store, originHash)
      const publisher = last === undefined ? undefined : publisherAt(last.origin)
      if (publisher !== undefined && (await isHidden(publisher))) return undefined
      return last?.note
    },
  }
}

/** Several keys of one origin may all sign for it. */
function witnessedLogs(lines: readonly string[]): readonly WitnessedLog[] {
  const logs = new Map<string, WitnessedLog>()
  for (const line of lines) {
    const at = line.lastIndexOf(' ')
    const key = parseLogKey(line.slice(at + 1))
    const origin = at === -1 ? key.name : line.slice(0, at)
    logs.set(origin, { origin, keys: [...(logs.get(origin)?.keys ?? []), key] })
  }
  return [...logs.values()]
}
