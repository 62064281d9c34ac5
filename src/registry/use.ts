// Which release a block belongs to: the way from a CID back to a signature.

import type { Cid } from '../cid/index.ts'
import { utf8 } from '../lib/index.ts'
import type { PublisherId } from '../spec/index.ts'
import type { StoredRecord } from '../store/index.ts'

/** Names the newest release of a publisher that is, or holds, the block. */
export function useRecord(
  cid: Cid,
  release: {
    readonly publisher: PublisherId
    readonly name: string
    readonly version: string
  },
): StoredRecord {
  return {
    table: 'use',
    key: `${cid}/${release.publisher}`,
    value: utf8(`${release.name}@${release.version}`),
  }
}

/** What publishing a release writes beside the log: whose name it is, and what its blocks belong to. */
export function offerRecords(
  cids: readonly Cid[],
  release: Parameters<typeof useRecord>[1],
): readonly StoredRecord[] {
  const { name, publisher, version } = release
  return [
    { table: 'claim', key: `${name}/${publisher}`, value: utf8(version) },
    ...cids.map((cid) => useRecord(cid, release)),
  ]
}
