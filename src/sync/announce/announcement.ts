// What is announced (docs/protocol.md, "Announcements"): that a log has a newer head, or that its publisher has shown two. Form only.

import { copyBytes, isRegistryError } from '../../lib/index.ts'
import type { PublisherId } from '../../spec/index.ts'
import { decodeCbor, encodeCbor } from '../wire/cbor.ts'
import { publisher } from '../wire/decoders.ts'
import { bytes, type Decode, record, refuse } from '../wire/fields.ts'

export type Announcement =
  | { readonly kind: 'head'; readonly publisher: PublisherId; readonly note: Uint8Array }
  | { readonly kind: 'fork'; readonly publisher: PublisherId; readonly proof: Uint8Array }
  /** Said by a later version of this program: neither understood nor held against anyone. */
  | { readonly kind: 'unknown' }

/** A note with the cosignatures of some dozens of witnesses. */
export const HEAD_BYTES: number = 8 * 1024
const PROOF_BYTES = 32 * 1024

export function encodeAnnouncement(
  announcement: Exclude<Announcement, { readonly kind: 'unknown' }>,
): Uint8Array {
  const { kind, publisher } = announcement
  const said = kind === 'head' ? { note: announcement.note } : { fork: announcement.proof }
  return encodeCbor({ v: 1, publisher, ...said })
}

/** Throws MESSAGE_INVALID. */
export function decodeAnnouncement(message: Uint8Array): Announcement {
  // A copy: it came among other bytes, and what is said of a log is kept.
  const value = decodeCbor(copyBytes(message))
  if (!(value instanceof Map)) return refuse('', 'a map', value)
  const v = value.get('v')
  if (Number.isSafeInteger(v) && v !== 1) return { kind: 'unknown' }
  if (value.has('fork')) {
    const { fork } = record({ v: one, publisher, fork: bytes(1, PROOF_BYTES) })(value, '')
    return { kind: 'fork', publisher: publisher(value.get('publisher'), '/publisher'), proof: fork }
  }
  const room = HEAD_BYTES - (message.length - noteLength(value))
  const head = record({ v: one, publisher, note: bytes(1, Math.max(1, room)) })(value, '')
  return { kind: 'head', publisher: head.publisher, note: head.note }
}

/** As decoded, or undefined for what is no announcement. */
export function readAnnouncement(message: Uint8Array): Announcement | undefined {
  try {
    return decodeAnnouncement(message)
  } catch (error) {
    if (isRegistryError(error, 'MESSAGE_INVALID')) return undefined
    throw error
  }
}

const one: Decode<1> = (value, path) => (value === 1 ? 1 : refuse(path, '1', value))

function noteLength(value: ReadonlyMap<unknown, unknown>): number {
  const note = value.get('note')
  return note instanceof Uint8Array ? note.length : 0
}
