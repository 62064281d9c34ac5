// C2SP tlog-checkpoint (https://c2sp.org/tlog-checkpoint): origin, size and root of a publisher's log, signed by its log key.
// Extension lines are refused: nothing here would check them, and unchecked bytes must not ride on a signature (T28).

import { copyBytes, fromBase64, RegistryError, toBase64 } from '../../lib/index.ts'
import type { PublisherId } from '../../spec/index.ts'
import type { PublicKey, Signer } from '../../trust/index.ts'
import type { Hash } from './merkle.ts'
import { parseNote, signNote, verifyNote } from './note.ts'

export interface Checkpoint {
  readonly origin: string
  /** Entries in the log, at least 1: a log begins with its genesis. */
  readonly size: number
  readonly root: Hash
}

/** The name of a publisher's log, and of its log key in a note. */
export function originOf(publisher: PublisherId): string {
  return `toolmark/${publisher}`
}

export async function signCheckpoint(
  checkpoint: Checkpoint,
  logSigner: Signer,
): Promise<Uint8Array> {
  const { origin, size, root } = checkpoint
  const text = `${origin}\n${size}\n${toBase64(root)}\n`
  parseCheckpoint(text, origin)
  return signNote(text, { name: origin, signer: logSigner })
}

/** Throws CHECKPOINT_INVALID or SIGNATURE_INVALID. `logKey` must come from the publisher's genesis, never from the peer. */
export function verifyCheckpoint(
  note: Uint8Array,
  { publisher, logKey }: { readonly publisher: PublisherId; readonly logKey: PublicKey },
): Checkpoint {
  const origin = originOf(publisher)
  return parseCheckpoint(verifyNote(note, { name: origin, key: logKey }), origin)
}

/** What a note says, whoever wrote it: only good for knowing what to ask next. Throws CHECKPOINT_INVALID. */
export function parseCheckpointUnverified(note: Uint8Array, publisher: PublisherId): Checkpoint {
  return parseCheckpoint(parseNote(note).text, originOf(publisher))
}

function parseCheckpoint(text: string, expectedOrigin: string): Checkpoint {
  const [origin, size, root, end, ...rest] = text.split('\n')
  if (origin !== expectedOrigin) throw invalid(expectedOrigin, origin)
  if (end !== '' || rest.length > 0)
    throw invalid('exactly three lines', `${text.split('\n').length - 1} lines`)
  if (
    size === undefined ||
    !/^[1-9][0-9]{0,15}$/.test(size) ||
    !Number.isSafeInteger(Number(size))
  ) {
    throw invalid('a size from 1 to 2^53 - 1, without leading zeros', size)
  }
  const hash = root === undefined ? undefined : fromBase64(root)
  if (hash?.length !== 32) throw invalid('a root of 32 bytes in base64', root)
  return { origin, size: Number(size), root: copyBytes(hash) }
}

function invalid(expected: string, got: string | undefined): RegistryError {
  return new RegistryError('CHECKPOINT_INVALID', 'This is not a checkpoint of that log.', {
    expected,
    got: JSON.stringify((got ?? '').slice(0, 100)),
    next: 'Do not use it. Ask another peer; if the answer is the same, tell the publisher.',
  })
}
