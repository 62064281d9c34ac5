// Entries of a log with what proves them: the signed bytes, their signatures, and the path to the newest checkpoint. Whoever has these needs
// nothing else of this node.

import { toBase64 } from '../lib/index.ts'
import { hashReader, proveInclusion, readEntries } from '../log/index.ts'
import type { PublisherId } from '../spec/index.ts'
import type { Store } from '../store/index.ts'
import { getFullLog, type LogLine, listLog } from './read.ts'

export interface ProvenEntry extends LogLine {
  /** The statement’s bytes, in base64: the leaf. */
  readonly bytes: string
  /** Sigstore bundles, each as JSON. */
  readonly bundles: readonly string[]
  /** RFC 9162 audit path to the checkpoint, each hash in base64. */
  readonly inclusion: readonly string[]
}

export interface ProvenEntries {
  /** The C2SP signed note that all paths lead to. */
  readonly checkpoint: string
  readonly size: number
  /** In hex. */
  readonly root: string
  readonly entries: AsyncIterable<ProvenEntry>
}

/** Of one state of the log, however it grows meanwhile. NOT_FOUND when the log is not held here in full. */
export async function proveEntries(
  store: Store,
  publisher: PublisherId,
  range: { readonly from?: number; readonly to?: number } = {},
): Promise<ProvenEntries> {
  const { size, root, checkpoint } = await getFullLog(store, publisher)
  const to = Math.min(size, range.to ?? size)
  const read = hashReader(store, publisher)
  async function* entries(): AsyncIterable<ProvenEntry> {
    for await (const line of listLog(store, publisher, { ...range, to })) {
      const { seq } = line
      const [entry] = await readEntries(store, publisher, { start: seq, end: seq + 1 })
      const path = await proveInclusion({ index: seq, size }, read)
      yield {
        ...line,
        bytes: toBase64(entry?.statement ?? new Uint8Array()),
        bundles: (entry?.bundles ?? []).map((bundle) => Buffer.from(bundle).toString('utf8')),
        inclusion: path.map(toBase64),
      }
    }
  }
  return { checkpoint: Buffer.from(checkpoint).toString('utf8'), size, root, entries: entries() }
}
