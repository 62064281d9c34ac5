// The bodies of C2SP tlog-witness (https://c2sp.org/tlog-witness, add-checkpoint): an old size line, proof lines, an empty line, a checkpoint.

import { fromBase64, RegistryError, toBase64, utf8 } from '../lib/index.ts'
import { NOTE_BYTES } from '../log/index.ts'
import type { SubmittedCheckpoint } from '../registry/index.ts'

const MOST_HASHES = 63
/** `old `, a size, and so many hashes of 44 characters, each with its newline. */
const HEAD_BYTES = 32 + MOST_HASHES * 45
export const BODY_BYTES: number = HEAD_BYTES + NOTE_BYTES

export const SIZE_TYPE = 'text/x.tlog.size'

/** Form only. Throws MESSAGE_INVALID. */
export function parseSubmitted(body: Uint8Array): SubmittedCheckpoint {
  const end = Buffer.from(body.buffer, body.byteOffset, body.length).indexOf('\n\n')
  if (end === -1 || end > HEAD_BYTES) throw malformed('an empty line before the checkpoint', 'none')
  const [old = '', ...hashes] = Buffer.from(body.subarray(0, end)).toString('latin1').split('\n')
  const [, digits] = /^old (0|[1-9][0-9]{0,15})$/.exec(old) ?? []
  const oldSize = Number(digits)
  if (digits === undefined || !Number.isSafeInteger(oldSize)) {
    throw malformed('"old SIZE", without leading zeros', old)
  }
  if (hashes.length > MOST_HASHES)
    throw malformed(`at most ${MOST_HASHES} hashes`, `${hashes.length}`)
  const proof = hashes.map((line) => {
    const hash = fromBase64(line)
    if (hash?.length === 32) return hash
    throw malformed('a hash of 32 bytes in base64', line)
  })
  return { oldSize, proof, note: body.subarray(end + 2) }
}

export function formatSubmitted({ oldSize, proof, note }: SubmittedCheckpoint): Uint8Array {
  const lines = [`old ${oldSize}`, ...proof.map(toBase64)]
  return Buffer.concat([utf8(`${lines.join('\n')}\n\n`), note])
}

function malformed(expected: string, got: string): RegistryError {
  return new RegistryError('MESSAGE_INVALID', 'This is not a request to add a checkpoint.', {
    expected,
    got: JSON.stringify(got.slice(0, 100)),
    next: 'See https://c2sp.org/tlog-witness.',
  })
}
