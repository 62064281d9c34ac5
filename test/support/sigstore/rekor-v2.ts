// A tile log as Rekor v2 is one: a growing tree (RFC 6962 hashes), checkpoints signed by an Ed25519 key (C2SP tlog-checkpoint, signed-note),
// hashedrekord 0.0.2 entries, each answered with its proof. An entry that is there is answered again. It does not check the signature of an entry.

import { createHash, generateKeyPairSync, sign, X509Certificate } from 'node:crypto'

export interface RekorV2 {
  readonly spki: Buffer
  readonly logId: Buffer
  add(request: unknown): unknown
}

interface HashedRekord {
  readonly digest: string
  readonly signature: {
    readonly content: string
    readonly verifier: {
      readonly keyDetails: string
      readonly x509Certificate: { readonly rawBytes: string }
    }
  }
}

/** `replace` may put another certificate in place of the one that came. */
export function makeRekorV2(origin: string, replace: (certificate: string) => string): RekorV2 {
  const { publicKey, privateKey } = generateKeyPairSync('ed25519')
  const spki = publicKey.export({ type: 'spki', format: 'der' })
  const logId = createHash('sha256')
    .update(`${origin}\n`)
    .update(Buffer.from([1]))
    .update(spki.subarray(-32))
    .digest()
  const leaves: Buffer[] = [hashLeaf(Buffer.from('there is never a log of one entry'))]
  const checkpoint = (): string => {
    const note = `${origin}\n${leaves.length}\n${rootOf(leaves).toString('base64')}\n`
    const signature = Buffer.concat([
      logId.subarray(0, 4),
      sign(null, Buffer.from(note), privateKey),
    ])
    return `${note}\n\u2014 ${origin} ${signature.toString('base64')}\n`
  }
  return {
    spki,
    logId,
    add: (request) => {
      const body = Buffer.from(entryOf(request, replace))
      const leaf = hashLeaf(body)
      const known = leaves.findIndex((other) => other.equals(leaf))
      const index = known === -1 ? leaves.push(leaf) - 1 : known
      return {
        logIndex: `${index}`,
        logId: { keyId: logId.toString('base64') },
        kindVersion: { kind: 'hashedrekord', version: '0.0.2' },
        inclusionProof: {
          logIndex: `${index}`,
          rootHash: rootOf(leaves).toString('base64'),
          treeSize: `${leaves.length}`,
          hashes: pathOf(index, leaves).map((hash) => hash.toString('base64')),
          checkpoint: { envelope: checkpoint() },
        },
        canonicalizedBody: body.toString('base64'),
      }
    },
  }
}

/** The canonical bytes of the entry: the members in the order of RFC 8785. Throws for what the service refuses. */
function entryOf(request: unknown, replace: (certificate: string) => string): string {
  const { hashedRekordRequestV002: asked } = request as { hashedRekordRequestV002: HashedRekord }
  const { verifier, content } = asked.signature
  if (Buffer.from(asked.digest, 'base64').length !== 32)
    throw new Error('the digest has not 32 bytes')
  if (verifier.keyDetails !== 'PKIX_ECDSA_P256_SHA_256') throw new Error('unsupported key')
  new X509Certificate(Buffer.from(verifier.x509Certificate.rawBytes, 'base64'))
  const rawBytes = replace(verifier.x509Certificate.rawBytes)
  return JSON.stringify({
    apiVersion: '0.0.2',
    kind: 'hashedrekord',
    spec: {
      hashedRekordV002: {
        data: { algorithm: 'SHA2_256', digest: asked.digest },
        signature: {
          content,
          verifier: { keyDetails: verifier.keyDetails, x509Certificate: { rawBytes } },
        },
      },
    },
  })
}

const sha256 = (...parts: readonly Uint8Array[]): Buffer =>
  createHash('sha256').update(Buffer.concat(parts)).digest()

const hashLeaf = (bytes: Uint8Array): Buffer => sha256(Buffer.from([0]), bytes)

/** RFC 6962, section 2.1. */
function rootOf(leaves: readonly Buffer[]): Buffer {
  if (leaves.length === 1) return leaves[0] as Buffer
  const half = splitOf(leaves.length)
  return sha256(Buffer.from([1]), rootOf(leaves.slice(0, half)), rootOf(leaves.slice(half)))
}

/** RFC 6962, section 2.1.1. */
function pathOf(index: number, leaves: readonly Buffer[]): Buffer[] {
  if (leaves.length === 1) return []
  const half = splitOf(leaves.length)
  const [left, right] = [leaves.slice(0, half), leaves.slice(half)]
  return index < half
    ? [...pathOf(index, left), rootOf(right)]
    : [...pathOf(index - half, right), rootOf(left)]
}

/** The largest power of two below the size. */
const splitOf = (size: number): number => 2 ** (Math.ceil(Math.log2(size)) - 1)
