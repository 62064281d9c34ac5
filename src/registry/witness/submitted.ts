// A checkpoint that somebody hands in over C2SP tlog-witness (https://c2sp.org/tlog-witness): which log it is of, and whether that log’s key
// signed it. Logs of others are taken as they are, extension lines included: nothing is said about those.

import { equalBytes, fromBase64, RegistryError, sha256, toHex, utf8 } from '../../lib/index.ts'
import { type LogKey, noteLinesOf, originOf, parseNote, verifyNote } from '../../log/index.ts'
import { isPublisherId, type PublisherId } from '../../spec/index.ts'
import type { Candidate } from './cosign.ts'

/** A log that is witnessed: how it calls itself, and the keys that may sign its checkpoints. */
export interface WitnessedLog {
  readonly origin: string
  readonly keys: readonly LogKey[]
}

const PREFIX = 'toolmark/'
const EMPTY_ROOT = sha256(new Uint8Array())

/** The publisher behind an origin of ours. */
export function publisherAt(origin: string): PublisherId | undefined {
  const id = origin.startsWith(PREFIX) ? origin.slice(PREFIX.length) : ''
  return isPublisherId(id) && originOf(id) === origin ? id : undefined
}

/** The first line of a note. Throws CHECKPOINT_INVALID. */
export function originIn(note: Uint8Array): string {
  const [origin = ''] = parseNote(note).text.split('\n')
  return origin
}

/** Throws SIGNATURE_INVALID, also where one of several lines by a known key is bad, and CHECKPOINT_INVALID. */
export function verifySubmitted(
  note: Uint8Array,
  { origin, keys }: WitnessedLog,
): Omit<Candidate, 'publisher'> {
  const lines = noteLinesOf(note, keys)
  const by = keys.filter((key) => lines.some((line) => line.by === key))
  // Throws for the first key that has a bad line, and where no key has any.
  for (const key of by.length === 0 ? keys.slice(0, 1) : by) verifyNote(note, key)
  if (by.length === 0) throw unknownLog(origin)
  const { text } = parseNote(note)
  const [, size = '', root = ''] = text.split('\n')
  const hash = fromBase64(root)
  if (!/^(0|[1-9][0-9]{0,15})$/.test(size) || !Number.isSafeInteger(Number(size))) {
    throw malformed('a size from 0 to 2^53 - 1, without leading zeros', size)
  }
  if (hash?.length !== 32) throw malformed('a root of 32 bytes in base64', root)
  if (size === '0' && !equalBytes(hash, EMPTY_ROOT)) throw notEmpty(hash)
  if (publisherAt(origin) !== undefined) assertOwnForm(text, size)
  const alone = utf8(`${text}\n${lines.map(({ line }) => `${line}\n`).join('')}`)
  return { origin, size: Number(size), root: hash, note: alone }
}

/** Checkpoints of our own logs are three lines, and never of nothing (T28). */
function assertOwnForm(text: string, size: string): void {
  if (text.split('\n').length !== 4) throw malformed('exactly three lines', 'more')
  if (size === '0') throw malformed('a size from 1 on: a log begins with its genesis', size)
}

export function unknownLog(origin: string): RegistryError {
  return new RegistryError('NOT_FOUND', 'This node does not witness that log.', {
    expected: 'a log that is held here, or that this node is told to witness',
    got: JSON.stringify(origin.slice(0, 120)),
    next: 'Ask its operator to add the log, or ask another witness.',
  })
}

function notEmpty(root: Uint8Array): RegistryError {
  return new RegistryError('PROOF_INVALID', 'This is not the root of a log without entries.', {
    expected: `root ${toHex(EMPTY_ROOT)}`,
    got: `root ${toHex(root)}`,
    next: 'Hand in the checkpoint as the log signed it.',
  })
}

function malformed(expected: string, got: string): RegistryError {
  return new RegistryError('CHECKPOINT_INVALID', 'This is not a checkpoint.', {
    expected,
    got: JSON.stringify(got.slice(0, 100)),
    next: 'Hand in the checkpoint as the log signed it.',
  })
}
