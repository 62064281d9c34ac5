// C2SP signed notes (https://c2sp.org/signed-note): a text, an empty line, and signature lines. Ed25519 (type 0x01) only.
// Bytes outside the signed text never leave this file except as signatures.

import {
  concatBytes,
  equalBytes,
  fromBase64,
  fromHex,
  RegistryError,
  sha256,
  toBase64,
  utf8,
} from '../../lib/index.ts'
import { type PublicKey, parsePublicKey, type Signer, verifySignature } from '../../trust/index.ts'

interface NoteSignature {
  readonly name: string
  /** 4 bytes: a hint which key of that name signed. */
  readonly keyHash: Uint8Array
  readonly signature: Uint8Array
}

export interface Note {
  /** What is signed, its last newline included. */
  readonly text: string
  readonly signatures: readonly NoteSignature[]
}

/** A checkpoint with a signature each of a few hundred witnesses; the grammar itself has no bound. */
export const NOTE_BYTES: number = 16 * 1024
const ED25519 = Uint8Array.of(0x01)
const RAW_KEY_LENGTH = 32
const DECODER = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true })
/** Of an Ed25519 SubjectPublicKeyInfo (RFC 8410): all in front of the key. */
export const SPKI_PREFIX: Uint8Array = fromHex('302a300506032b6570032100')
const SIGNATURE_LINE = /^\u2014 ([^\s+\p{Cc}]+) ([A-Za-z0-9+/]+={0,2})$/u

/** Throws CHECKPOINT_INVALID. Nothing is verified here. */
export function parseNote(bytes: Uint8Array): Note {
  const note = decode(bytes)
  // The last empty line: the text itself may hold empty lines, signature lines cannot.
  const end = note.lastIndexOf('\n\n')
  if (end === -1) throw malformed('a text, an empty line and signature lines', 'no empty line')
  if (!note.endsWith('\n') || end + 2 === note.length) {
    throw malformed('one signature line or more, each with a newline', 'none at the end')
  }
  const lines = note.slice(end + 2, -1).split('\n')
  return { text: note.slice(0, end + 1), signatures: lines.map(parseSignature) }
}

export async function signNote(
  text: string,
  { name, signer }: { readonly name: string; readonly signer: Signer },
): Promise<Uint8Array> {
  const hash = noteKeyId(name, signer.key)
  const line = toBase64(concatBytes(hash, await signer.sign(utf8(text))))
  const note = utf8(`${text}\n\u2014 ${name} ${line}\n`)
  // Fail closed: a text or signer that makes an unreadable note must not get as far as a store.
  if (verifyNote(note, { name, key: signer.key }) === text) return note
  throw malformed('a text that reads back as it was signed', 'another text')
}

/**
 * The signed text. Signatures by other keys are ignored, as the specification says; one bad signature under this name and
 * key hash refuses the note. Throws CHECKPOINT_INVALID or SIGNATURE_INVALID.
 */
export function verifyNote(
  bytes: Uint8Array,
  { name, key }: { readonly name: string; readonly key: PublicKey },
): string {
  const { text, signatures } = parseNote(bytes)
  const hash = noteKeyId(name, key)
  const own = signatures.filter((line) => line.name === name && equalBytes(line.keyHash, hash))
  const data = utf8(text)
  if (own.length > 0 && own.every((line) => verifySignature(key, data, line.signature))) return text
  const others = signatures.map((line) => JSON.stringify(line.name)).join(', ')
  throw new RegistryError('SIGNATURE_INVALID', 'The expected key did not sign this note.', {
    expected: `a good signature by ${name}`,
    got:
      own.length > 0
        ? 'a bad one under its name'
        : `signatures by other keys: ${others.slice(0, 200)}`,
    next: 'Do not use it. Ask another peer; if the answer is the same, tell the publisher.',
  })
}

/** A key under the name it signs notes by. */
export interface LogKey {
  readonly name: string
  readonly key: PublicKey
}

/** The signature lines that claim to be by these keys, unverified, each without its newline. */
export function noteLinesOf(
  bytes: Uint8Array,
  keys: readonly LogKey[],
): readonly { readonly by: LogKey; readonly line: string }[] {
  return parseNote(bytes).signatures.flatMap(({ name, keyHash, signature }) => {
    const by = keys.find(
      (one) => one.name === name && equalBytes(keyHash, noteKeyId(name, one.key)),
    )
    const line = `\u2014 ${name} ${toBase64(concatBytes(keyHash, signature))}`
    return by === undefined ? [] : [{ by, line }]
  })
}

/** Without the lines of everybody else: those of witnesses differ from peer to peer. */
export function bareNote(bytes: Uint8Array, name: string): Uint8Array {
  const { text, signatures } = parseNote(bytes)
  const own = signatures.filter((line) => line.name === name)
  if (own.length === signatures.length) return bytes
  const lines = own.map(
    ({ keyHash, signature }) => `\u2014 ${name} ${toBase64(concatBytes(keyHash, signature))}\n`,
  )
  return utf8(`${text}\n${lines.join('')}`)
}

/** A C2SP vkey, `NAME+KEYID+BASE64`, of an Ed25519 key that signs notes. Throws KEY_INVALID. */
export function parseLogKey(vkey: string): LogKey {
  const [name = '', id, ...rest] = vkey.split('+')
  const bytes = fromBase64(rest.join('+'))
  if (
    !/^[^\s+\p{Cc}]+$/u.test(name) ||
    bytes?.length !== RAW_KEY_LENGTH + 1 ||
    bytes[0] !== ED25519[0]
  ) {
    throw badVkey('NAME+KEYID+BASE64 of an Ed25519 key: type 0x01 and 32 bytes', vkey)
  }
  const spki = toBase64(concatBytes(SPKI_PREFIX, bytes.subarray(1)))
  const key = parsePublicKey({ type: 'ed25519', spki })
  const expected = Buffer.from(noteKeyId(name, key)).toString('hex')
  if (id !== expected) throw badVkey(`the key id ${expected} for this name and key`, String(id))
  return { name, key }
}

function badVkey(expected: string, got: string): RegistryError {
  return new RegistryError('KEY_INVALID', 'This is not the key of a log.', {
    expected,
    got: JSON.stringify(got.slice(0, 100)),
    next: 'Copy it again from where the log publishes it, in one piece.',
  })
}

/** The type says what the key signs: a note as it is, unless told otherwise. */
export function noteKeyId(name: string, key: PublicKey, type: Uint8Array = ED25519): Uint8Array {
  if (key.type !== 'ed25519') {
    throw new RegistryError('KEY_INVALID', 'Only an Ed25519 key can sign a note.', {
      expected: 'ed25519',
      got: key.type,
      next: 'Use the publisher’s log key.',
    })
  }
  const raw = Buffer.from(key.spki, 'base64').subarray(-RAW_KEY_LENGTH)
  return sha256(concatBytes(utf8(`${name}\n`), type, raw)).subarray(0, 4)
}

function parseSignature(line: string): NoteSignature {
  const [, name, base64] = SIGNATURE_LINE.exec(line) ?? []
  const bytes = base64 === undefined ? undefined : fromBase64(base64)
  if (name === undefined || bytes === undefined || bytes.length < 5) {
    throw malformed('"\u2014 NAME BASE64"', JSON.stringify(line.slice(0, 80)))
  }
  return { name, keyHash: bytes.subarray(0, 4), signature: bytes.subarray(4) }
}

function decode(bytes: Uint8Array): string {
  if (bytes.length > NOTE_BYTES)
    throw malformed(`at most ${NOTE_BYTES} bytes`, `${bytes.length} bytes`)
  let note: string
  try {
    note = DECODER.decode(bytes)
  } catch {
    throw malformed('UTF-8', 'bytes that are not')
  }
  const control = /[\0-\x09\x0b-\x1f]/.exec(note)?.[0]
  if (control === undefined) return note
  throw malformed(
    'no control characters but newlines',
    `U+00${control.charCodeAt(0).toString(16).padStart(2, '0')}`,
  )
}

function malformed(expected: string, got: string): RegistryError {
  const next = 'Ask another peer; this one sent something else than a signed note.'
  return new RegistryError('CHECKPOINT_INVALID', 'This is not a signed note.', {
    expected,
    got,
    next,
  })
}
