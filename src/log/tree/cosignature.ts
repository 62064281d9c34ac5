// C2SP tlog-cosignature (https://c2sp.org/tlog-cosignature), `cosignature/v1`: a witness says that at a time of its own clock a checkpoint
// was the largest state of that log it had seen. Ed25519 (type 0x04) only. Reading; cosign.ts makes them.

import {
  concatBytes,
  equalBytes,
  fromBase64,
  RegistryError,
  toBase64,
  utf8,
} from '../../lib/index.ts'
import { type PublicKey, parsePublicKey, verifySignature } from '../../trust/index.ts'
import { noteKeyId, parseNote, SPKI_PREFIX } from './note.ts'

export interface Witness {
  readonly name: string
  readonly key: PublicKey
}

export interface Cosignature {
  readonly witness: Witness
  readonly time: Date
}

/** The signature type of a key that cosigns. */
export const COSIGNATURE_V1: Uint8Array = Uint8Array.of(0x04)
const TIME_LENGTH = 8
const SIGNATURE_LENGTH = 64
/** The last second that a Date can hold; a later one is no time that anybody has seen. */
const LAST_SECOND = 8_640_000_000_000n
const VKEY = /^([^\s+\p{Cc}]+)\+([0-9a-f]{8})\+([A-Za-z0-9+/]+={0,2})$/u

/** A witness's key as its operator publishes it: a C2SP vkey, `NAME+KEYID+BASE64`. Throws KEY_INVALID. */
export function parseWitness(vkey: string): Witness {
  const [, name, keyId, base64] = VKEY.exec(vkey) ?? []
  const bytes = base64 === undefined ? undefined : fromBase64(base64)
  if (name === undefined || keyId === undefined || bytes === undefined) {
    throw invalid('NAME+KEYID+BASE64', JSON.stringify(vkey.slice(0, 100)))
  }
  const [type] = bytes
  if (type !== COSIGNATURE_V1[0] || bytes.length !== 33) {
    const got = `type 0x${(type ?? 0).toString(16).padStart(2, '0')} and ${bytes.length - 1} bytes`
    throw invalid('an Ed25519 key for cosignatures: type 0x04 and 32 bytes', got)
  }
  const spki = toBase64(concatBytes(SPKI_PREFIX, bytes.subarray(1)))
  const key = parsePublicKey({ type: 'ed25519', spki })
  const expected = Buffer.from(noteKeyId(name, key, COSIGNATURE_V1)).toString('hex')
  // A slip in copying name or key would otherwise be a witness that never says a word.
  if (keyId !== expected) throw invalid(`the key id ${expected} for this name and key`, keyId)
  return { name, key }
}

/**
 * Every good cosignature by these witnesses. Lines by others, and lines that do not verify, say nothing: anybody can add them to a note.
 * Throws CHECKPOINT_INVALID for bytes that are no note.
 */
export function findCosignatures(
  note: Uint8Array,
  witnesses: readonly Witness[],
): readonly Cosignature[] {
  const { text, signatures } = parseNote(note)
  return witnesses.flatMap((witness) => {
    const keyId = noteKeyId(witness.name, witness.key, COSIGNATURE_V1)
    return signatures
      .filter(({ name, keyHash }) => name === witness.name && equalBytes(keyHash, keyId))
      .map(({ signature }) => verifyCosignature(witness.key, text, signature))
      .flatMap((time) => (time === undefined ? [] : [{ witness, time }]))
  })
}

/** The whole text is signed, origin included: a cosignature of another log or state does not fit. */
function verifyCosignature(key: PublicKey, text: string, blob: Uint8Array): Date | undefined {
  if (blob.length !== TIME_LENGTH + SIGNATURE_LENGTH) return undefined
  const seconds = Buffer.from(blob.subarray(0, TIME_LENGTH)).readBigUInt64BE()
  if (seconds > LAST_SECOND) return undefined
  if (!verifySignature(key, cosignedMessage(text, seconds), blob.subarray(TIME_LENGTH)))
    return undefined
  return new Date(Number(seconds) * 1000)
}

/** What is signed. The first line keeps it apart from everything else that the key may sign. */
export function cosignedMessage(text: string, seconds: bigint): Uint8Array {
  return utf8(`cosignature/v1\ntime ${seconds}\n${text}`)
}

function invalid(expected: string, got: string): RegistryError {
  return new RegistryError('KEY_INVALID', 'This is not the key of a witness.', {
    expected,
    got,
    next: 'Copy it again from where the witness publishes it, in one piece.',
  })
}
