// Keys of each kind that Sigstore signs with: https://github.com/sigstore/architecture-docs/blob/main/algorithm-registry.md

import { createHash, generateKeyPairSync, sign } from 'node:crypto'
import { describe, expect, test } from 'vitest'
import { isRegistryError } from '../../../src/lib/index.ts'
import { hashOfKey } from '../../../src/trust/sigstore/artifact/algorithm.ts'
import { openArtifact } from '../../../src/trust/sigstore/artifact/artifact.ts'
import { toEnvelopeContent } from '../../../src/trust/sigstore/artifact/envelope-content.ts'

const ec = (namedCurve: string) => generateKeyPairSync('ec', { namedCurve })
const rsa = (modulusLength: number) => generateKeyPairSync('rsa', { modulusLength })

test.each([
  ['sha256', ec('P-256')],
  ['sha384', ec('P-384')],
  ['sha512', ec('P-521')],
  ['sha256', rsa(2048)],
  [undefined, generateKeyPairSync('ed25519')],
] as const)('%s', (hash, { publicKey }) => {
  expect(hashOfKey(publicKey)).toBe(hash)
})

test.each([
  ['RSA of 1024 bits', rsa(1024)],
  ['ec secp256k1', ec('secp256k1')],
  ['rsa-pss', generateKeyPairSync('rsa-pss', { modulusLength: 2048 })],
  ['ed448', generateKeyPairSync('ed448')],
] as const)('%s is not of the registry', (got, { publicKey }) => {
  expect(refusalOf(() => hashOfKey(publicKey))).toEqual(['KEY_INVALID', got])
})

describe('an envelope', () => {
  const payload = Buffer.from('{}')
  const payloadType = 'application/vnd.in-toto+json'
  const encoded = Buffer.from(`DSSEv1 28 ${payloadType} 2 {}`)
  const contentOf = (sig: Buffer) =>
    toEnvelopeContent({ payload, payloadType, signatures: [{ sig, keyid: '' }] })

  test.each([
    ['P-256', 'sha256', 'sha256', true],
    ['P-384', 'sha384', 'sha384', true],
    ['P-521', 'sha512', 'sha512', true],
    // Older clients hash with SHA-256 for any key.
    ['P-384', 'sha256', 'sha256', true],
    ['P-521', 'sha256', 'sha256', true],
    ['P-256', 'sha384', 'none', false],
    ['P-384', 'sha512', 'none', false],
  ])('by %s with %s', (curve, hash, verifiedBy, isGood) => {
    const { publicKey, privateKey } = ec(curve)
    const content = contentOf(sign(hash, encoded, privateKey))
    expect(content.hash).toBe('none')
    expect(content.signature.verifySignature(publicKey)).toBe(isGood)
    expect(content.hash).toBe(verifiedBy)
    expect(content.signature.verifySignature(ec(curve).publicKey)).toBe(false)
    expect(content.hash).toBe('none')
  })

  test('by Ed25519 has no hash, so no entry that records one is about it', () => {
    const { publicKey, privateKey } = generateKeyPairSync('ed25519')
    const content = contentOf(sign(null, encoded, privateKey))
    expect(content.signature.verifySignature(publicKey)).toBe(true)
    expect(content.hash).toBe('none')
  })

  test('is recorded by its payload with SHA-256, and by what was signed with any of the three', () => {
    const { signature } = contentOf(Buffer.from('signature'))
    const digest = (hash: string, bytes: Buffer) => createHash(hash).update(bytes).digest()
    expect(signature.compareDigest(digest('sha256', payload))).toBe(true)
    expect(signature.compareDigest(digest('sha512', payload))).toBe(false)
    expect(signature.compareDigest(digest('sha256', encoded))).toBe(false)
    for (const hash of ['sha256', 'sha384', 'sha512']) {
      expect(signature.compareSignedDigest(digest(hash, encoded))).toBe(true)
      expect(signature.compareSignedDigest(digest(hash, payload))).toBe(false)
    }
    expect(signature.compareSignature(Buffer.from('signature'))).toBe(true)
    expect(signature.compareSignature(Buffer.from('another'))).toBe(false)
  })
})

test('a digest says nothing about another hash of the same file', async () => {
  const artifact = await openArtifact(`sha256:${'ab'.repeat(32)}`, new Set(['sha384']))
  expect(artifact.digestBy('sha256')).toHaveLength(32)
  expect(refusalOf(() => artifact.digestBy('sha384'))).toEqual([
    'KEY_INVALID',
    'a signature over sha384',
  ])
})

function refusalOf(run: () => unknown): readonly unknown[] {
  try {
    run()
  } catch (error) {
    if (isRegistryError(error)) return [error.code, error.details.got]
    throw error
  }
  throw new Error('it was accepted')
}
