// Making cosignatures, and moving their lines between notes (https://c2sp.org/tlog-cosignature, `cosignature/v1`). Whether a checkpoint may
// be cosigned is not decided here: one line too many is a lie that cannot be taken back.

import { concatBytes, equalBytes, RegistryError, toBase64, utf8 } from '../../lib/index.ts'
import type { Signer } from '../../trust/index.ts'
import {
  COSIGNATURE_V1,
  cosignedMessage,
  findCosignatures,
  parseWitness,
  type Witness,
} from './cosignature.ts'
import { NOTE_BYTES, noteKeyId, parseNote } from './note.ts'

/** Who cosigns: an Ed25519 key, and the name that goes with it. */
export interface Cosigner {
  readonly name: string
  readonly signer: Signer
}

/** A good cosignature, and the signature line it stands in, without its newline. */
export interface CosignatureLine {
  readonly witness: Witness
  readonly time: Date
  readonly line: string
}

/** The key as others copy it: a C2SP vkey. Throws KEY_INVALID for a name that no vkey can have, or another kind of key. */
export function formatWitness({ name, key }: Witness): string {
  const id = Buffer.from(noteKeyId(name, key, COSIGNATURE_V1)).toString('hex')
  const raw = Buffer.from(key.spki, 'base64').subarray(-32)
  const vkey = `${name}+${id}+${toBase64(concatBytes(COSIGNATURE_V1, raw))}`
  parseWitness(vkey)
  return vkey
}

/** The line for the text of a checkpoint, in whole seconds of `time`. */
export async function signCosignature(
  text: string,
  { name, signer }: Cosigner,
  time: Date,
): Promise<CosignatureLine> {
  const witness = parseWitness(formatWitness({ name, key: signer.key }))
  const seconds = BigInt(Math.floor(Number(time) / 1000))
  const stamp = Buffer.alloc(8)
  stamp.writeBigUInt64BE(seconds)
  const signature = await signer.sign(cosignedMessage(text, seconds))
  const blob = concatBytes(noteKeyId(name, signer.key, COSIGNATURE_V1), stamp, signature)
  const line = `\u2014 ${name} ${toBase64(blob)}`
  // Fail closed: what does not read back must not get as far as a store.
  const [found] = findCosignatureLines(utf8(`${text}\n${line}\n`), [witness])
  if (found !== undefined) return found
  throw new RegistryError('SIGNATURE_INVALID', 'This cosignature cannot be read back.', {
    expected: `a good cosignature by ${name}`,
    got: 'none',
    next: 'Check the key of this node: its halves may not fit.',
  })
}

/** As `findCosignatures`, with their lines. */
export function findCosignatureLines(
  note: Uint8Array,
  witnesses: readonly Witness[],
): readonly CosignatureLine[] {
  return linesBy(note, witnesses).flatMap(({ line, found }) =>
    found === undefined ? [] : [{ ...found, line }],
  )
}

/** A witness in whose name, and with whose key id, the note has a line that the witness has not signed. */
export function findForgedWitness(
  note: Uint8Array,
  witnesses: readonly Witness[],
): Witness | undefined {
  return linesBy(note, witnesses).find(({ found }) => found === undefined)?.witness
}

function linesBy(note: Uint8Array, witnesses: readonly Witness[]) {
  const { text, signatures } = parseNote(note)
  return signatures.flatMap(({ name, keyHash, signature }) => {
    const line = `\u2014 ${name} ${toBase64(concatBytes(keyHash, signature))}`
    const named = witnesses.filter((witness) => witness.name === name)
    return named.flatMap((witness) => {
      if (!equalBytes(keyHash, noteKeyId(name, witness.key, COSIGNATURE_V1))) return []
      const [found] = findCosignatures(utf8(`${text}\n${line}\n`), [witness])
      return [{ witness, line, found }]
    })
  })
}

/** The note with these lines behind its own; none twice, and none that would make it longer than a note may be. */
export function addLines(note: Uint8Array, lines: readonly string[]): Uint8Array {
  const own = new Set(Buffer.from(note).toString('utf8').split('\n'))
  let length = note.length
  const added: string[] = []
  for (const line of new Set(lines)) {
    const more = utf8(`${line}\n`).length
    if (own.has(line) || length + more > NOTE_BYTES) continue
    length += more
    added.push(`${line}\n`)
  }
  return added.length === 0 ? note : concatBytes(note, utf8(added.join('')))
}
