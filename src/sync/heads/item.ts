// The item of a log in the set of heads that is reconciled (docs/protocol.md, "Reconciliation"): 32 bytes, of which the first
// says how urgent it is, the next 19 whose log it is, and the rest which state of it. A hint to ask, never a proof.

import { decodeBase32, encodeBase32, sha256, utf8 } from '../../lib/index.ts'
import type { LogHead } from '../../log/index.ts'
import type { PublisherId } from '../../spec/index.ts'

/** What comes first in every range is told first. */
const [FORK, WITHDRAWS, HEAD] = [0, 1, 2]
/** Bytes of the publisher id's digest. 2^76 ids have to be made before two of them share so many. */
const OWNER = 19
const STATE = 12
const ITEM = 1 + OWNER + STATE

/** The same for every proof: one is enough, and no two nodes have to agree on which. */
export function forkItem(publisher: PublisherId): Uint8Array {
  return formatItem(FORK, digestOf(publisher), new Uint8Array(STATE))
}

export function headItem(
  { publisher, size, root }: Pick<LogHead, 'publisher' | 'size' | 'root'>,
  withdraws: boolean,
): Uint8Array {
  return formatItem(
    withdraws ? WITHDRAWS : HEAD,
    digestOf(publisher),
    sha256(utf8(`${size}\n${root}\n`)),
  )
}

/** What every item of the publisher with this digest begins with, one for each class. */
export function* startsOf(digest: Uint8Array): Generator<Uint8Array> {
  const start = new Uint8Array(1 + OWNER)
  start.set(digest.subarray(0, OWNER), 1)
  for (const order of [FORK, WITHDRAWS, HEAD]) {
    start[0] = order
    yield start
  }
}

/** The bytes that tell whose it is. */
export function ownerOf(item: Uint8Array): Uint8Array {
  return item.subarray(1, 1 + OWNER)
}

/** 32 bytes. */
export function digestOf(publisher: PublisherId): Uint8Array {
  return decodeBase32(publisher.slice(1))
}

export function publisherOfDigest(digest: Uint8Array): PublisherId {
  return `p${encodeBase32(digest)}` as PublisherId
}

function formatItem(order: number, digest: Uint8Array, state: Uint8Array): Uint8Array {
  const item = new Uint8Array(ITEM)
  item[0] = order
  item.set(digest.subarray(0, OWNER), 1)
  item.set(state.subarray(0, STATE), 1 + OWNER)
  return item
}
