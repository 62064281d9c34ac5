// The file that a bundle is about, or only its digest. A file is read once, piece by piece, however large; its bytes are not kept.

import {
  constants,
  createHash,
  createVerify,
  type KeyObject,
  publicDecrypt,
  type Verify,
} from 'node:crypto'
import { createReadStream, existsSync } from 'node:fs'
import { equalBytes, fromHex, RegistryError } from '../../../lib/index.ts'
import { verifyEcdsaDigest } from './ecdsa-digest.ts'

export const HASHES = ['sha256', 'sha384', 'sha512'] as const
export type Hash = (typeof HASHES)[number]

export interface Artifact {
  readonly digests: Readonly<Partial<Record<Hash, Uint8Array>>>
  /** Throws KEY_INVALID for a hash that only the file itself would tell. */
  digestBy(hash: Hash): Uint8Array
  /** Whether `signature` over the artifact, hashed with `hash`, is by `key`; KEY_INVALID where that cannot be told. */
  isSigned(hash: Hash, key: KeyObject, signature: Uint8Array): boolean
}

const DIGEST = /^sha256:([0-9a-fA-F]{64})$/

/** `sha256:HEX` where no file has that name, else a file. Throws FILE_UNAVAILABLE. `hashes` are those that will be asked for. */
export async function openArtifact(
  target: string,
  hashes: ReadonlySet<Hash>,
  { signal }: { readonly signal?: AbortSignal } = {},
): Promise<Artifact> {
  const [, hex] = DIGEST.exec(target) ?? []
  if (hex !== undefined && !existsSync(target)) return fromDigest(fromHex(hex))
  return await readArtifact(target, new Set(['sha256', ...hashes]), signal)
}

function fromDigest(digest: Uint8Array): Artifact {
  const digests = { sha256: digest }
  return {
    digests,
    digestBy: (hash) => digestIn(digests, hash),
    isSigned: (_hash, key, signature) => {
      const answer =
        key.asymmetricKeyType === 'rsa'
          ? isRsaSigned(key, digest, signature)
          : verifyEcdsaDigest(key, digest, signature)
      if (answer !== undefined) return answer
      throw unanswerable(`a key of the type ${nameOf(key)}`, 'the file itself')
    },
  }
}

async function readArtifact(
  path: string,
  wanted: ReadonlySet<Hash>,
  signal: AbortSignal | undefined,
): Promise<Artifact> {
  const hashes = [...wanted].map((name) => [name, createHash(name), createVerify(name)] as const)
  try {
    for await (const chunk of createReadStream(path, signal === undefined ? {} : { signal })) {
      for (const [, hash, verifier] of hashes) {
        hash.update(chunk)
        verifier.update(chunk)
      }
    }
  } catch (cause) {
    throw unreadable(path, cause)
  }
  const verifiers = new Map<Hash, Verify>(hashes.map(([name, , verifier]) => [name, verifier]))
  const digests = Object.fromEntries(hashes.map(([name, hash]) => [name, hash.digest()]))
  return {
    digests,
    digestBy: (hash) => digestIn(digests, hash),
    isSigned: (hash, key, signature) => {
      const isKnown = key.asymmetricKeyType === 'ec' || key.asymmetricKeyType === 'rsa'
      const verifier = verifiers.get(hash)
      if (!isKnown || verifier === undefined) {
        throw unanswerable(`a key of the type ${nameOf(key)}`, 'an ECDSA or RSA key')
      }
      // Node forgets the bytes when it has answered.
      verifiers.delete(hash)
      return verifier.verify(key, signature)
    },
  }
}

function digestIn(digests: Artifact['digests'], hash: Hash): Uint8Array {
  const digest = digests[hash]
  if (digest === undefined) throw unanswerable(`a signature over ${hash}`, 'the file itself')
  return digest
}

/** RFC 8017, 9.2: a SHA-256 digest as PKCS #1 v1.5 wraps it. */
const DIGEST_INFO = fromHex('3031300d060960864801650304020105000420')

function isRsaSigned(key: KeyObject, digest: Uint8Array, signature: Uint8Array): boolean {
  try {
    const padding = constants.RSA_PKCS1_PADDING
    return equalBytes(
      publicDecrypt({ key, padding }, signature),
      Buffer.concat([DIGEST_INFO, digest]),
    )
  } catch {
    return false
  }
}

function nameOf(key: KeyObject): string {
  const curve = key.asymmetricKeyDetails?.namedCurve
  return `${key.asymmetricKeyType ?? 'secret'}${curve === undefined ? '' : ` ${curve}`}`
}

function unanswerable(got: string, expected: string): RegistryError {
  return new RegistryError('KEY_INVALID', 'This signature cannot be checked in this way.', {
    expected,
    got,
    next: 'Give the file instead of its digest; if that does not help, sign with an ECDSA P-256 key.',
  })
}

function unreadable(path: string, cause: unknown): RegistryError {
  return new RegistryError('FILE_UNAVAILABLE', `The file ${path} cannot be read.`, {
    expected: 'a file that can be read, or sha256: and 64 hexadecimal digits',
    got: (cause as NodeJS.ErrnoException).code ?? String(cause),
    next: 'Check the path.',
    cause,
  })
}
