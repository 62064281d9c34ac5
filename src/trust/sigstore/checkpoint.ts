// What an inclusion proof says of itself, against the checkpoint it comes with. The library reads neither the tree’s size and root hash that a
// proof repeats, nor the origin, and takes any part of a log’s address for its name (T28). Before the library’s proof, which then sees only
// signature lines whose name was matched here in full.

import type { TransparencyLogEntry } from '@sigstore/bundle'
import { RegistryError } from '../../lib/index.ts'
import type { TrustMaterial } from './library.ts'

type Log = TrustMaterial['tlogs'][number]
type Proof = NonNullable<TransparencyLogEntry['inclusionProof']>

const SIZE = /^(?:0|[1-9][0-9]{0,15})$/
const LINE = /^\u2014 (\S+) (\S+)$/

/** The same entry, its checkpoint without lines by others than its log. Throws LOG_ENTRY_INVALID. Verifies no signature. */
export function withOwnLines(
  entry: TransparencyLogEntry,
  logs: readonly Log[],
): TransparencyLogEntry {
  const log = logs.find(({ logID }) => logID.equals(entry.logId.keyId))
  // A log that nobody knows is told of elsewhere.
  if (entry.inclusionProof === undefined || log === undefined) return entry
  const { text, lines } = readNote(entry.inclusionProof)
  const [origin = '', size = '', rootHash = ''] = text.split('\n')
  if (text.split('\n').length < 3) throw refusal('an origin, a size and a root hash', 'less')
  assertProof(entry.inclusionProof, size, rootHash)
  const isV2 = isRekorV2(entry)
  if (isV2 && entry.logIndex !== entry.inclusionProof.logIndex) {
    throw refusal(`the proof’s index, ${entry.inclusionProof.logIndex}`, entry.logIndex)
  }
  const names = isV2 ? namesOf(log) : undefined
  const own = lines.flatMap((line) => {
    const [, name = '', signature = ''] = LINE.exec(line) ?? []
    const isOwn = names === undefined ? isOrigin(origin, name) : names.has(name) && name === origin
    // Names are not signed; the library looks for this one in the log’s address.
    return isOwn ? [`\u2014 ${hostOf(log)} ${signature}\n`] : []
  })
  if (own.length === 0) throw refusal(`a checkpoint of ${log.baseURL}`, `one of ${origin}`)
  const envelope = `${text}\n\n${own.join('')}`
  return { ...entry, inclusionProof: { ...entry.inclusionProof, checkpoint: { envelope } } }
}

/** Rekor v2 knows one kind of entry: https://github.com/sigstore/architecture-docs/blob/main/rekor-v2-spec.md, 4.3. */
function isRekorV2({ kindVersion: { kind, version } }: TransparencyLogEntry): boolean {
  return kind === 'hashedrekord' && version === '0.0.2'
}

function readNote({ checkpoint }: Proof): { text: string; lines: readonly string[] } {
  const [text = '', signatures = ''] = (checkpoint?.envelope ?? '').split('\n\n')
  return { text, lines: signatures.split('\n').filter((line) => line !== '') }
}

function assertProof(proof: Proof, size: string, rootHash: string): void {
  if (!SIZE.test(size)) throw refusal('a checkpoint with its size in decimal', size)
  if (proof.treeSize !== size) throw refusal(`a proof of ${size} entries`, proof.treeSize)
  const proven = Buffer.from(proof.rootHash).toString('base64')
  if (proven !== rootHash) throw refusal(`a proof of the root ${rootHash}`, proven || 'none')
}

/** Rekor v1 adds its tree to its name, and inside a cluster that name is none of its address. The text with it is signed. */
function isOrigin(origin: string, name: string): boolean {
  return origin === name || (origin.startsWith(`${name} - `) && !name.includes(' '))
}

/** C2SP tlog-checkpoint: the origin is the log’s address without scheme; rekor-tiles uses the host alone. */
function namesOf(log: Log): ReadonlySet<string> {
  const { host, hostname, pathname } = addressOf(log)
  const path = pathname.replace(/\/+$/, '')
  return new Set([hostname, host, `${hostname}${path}`, `${host}${path}`])
}

const hostOf = (log: Log): string => addressOf(log).hostname

function addressOf({ baseURL }: Log): URL {
  try {
    return new URL(baseURL.includes('://') ? baseURL : `https://${baseURL}`)
  } catch (cause) {
    throw refusal('a log with an address', baseURL, cause)
  }
}

function refusal(expected: string, got: string, cause?: unknown): RegistryError {
  return new RegistryError('LOG_ENTRY_INVALID', 'A log entry in the bundle does not hold.', {
    expected,
    got: got.slice(0, 200),
    next: 'Do not use it. Ask for the bundle again; if it comes back the same, tell whoever signed.',
    ...(cause === undefined ? {} : { cause }),
  })
}
