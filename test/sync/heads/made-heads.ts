// Heads of logs that nobody has: records as a store holds them, for sets of any number of publishers.

import { cidOf } from '../../../src/cid/index.ts'
import { canonicalBytes, sha256Hex, toBase64, utf8 } from '../../../src/lib/index.ts'
import { type PublisherId, publisherIdOf } from '../../../src/spec/index.ts'
import type { RecordKey, StoredRecord } from '../../../src/store/index.ts'

const CID = cidOf(utf8('{}'))

export function madePublisher(number: number): PublisherId {
  return publisherIdOf(utf8(`publisher ${number}`))
}

export function madeHead(
  publisher: PublisherId,
  { size = 1, withdraws = false }: { readonly size?: number; readonly withdraws?: boolean } = {},
): StoredRecord {
  const head = {
    publisher,
    size,
    root: sha256Hex(`${size}`),
    statement: CID,
    index: CID,
    withdraws,
  }
  // As long as a note with two cosignatures.
  const checkpoint = toBase64(new Uint8Array(400))
  return { table: 'head', key: publisher, value: canonicalBytes({ ...head, checkpoint }) }
}

export function madeFork(publisher: PublisherId): StoredRecord {
  return { table: 'fork', key: publisher, value: canonicalBytes({ fork: CID, heads: [] }) }
}

export function forkOf(publisher: PublisherId): RecordKey {
  return { table: 'fork', key: publisher }
}

export function madeClaim(name: string, publisher: PublisherId): StoredRecord {
  return { table: 'claim', key: `${name}/${publisher}`, value: utf8('1.0.0') }
}
