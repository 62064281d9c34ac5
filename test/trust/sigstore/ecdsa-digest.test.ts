// Our check of ECDSA over a digest against OpenSSL’s over the bytes: the same answer to good, spoilt and degenerate signatures.

import { createHash, generateKeyPairSync, randomBytes, sign, verify } from 'node:crypto'
import { describe, expect, test } from 'vitest'
import { verifyEcdsaDigest } from '../../../src/trust/sigstore/artifact/ecdsa-digest.ts'
import { der, integer, sequence } from '../../support/sigstore/der.ts'

const ORDER = BigInt('0xffffffff00000000ffffffffffffffffbce6faada7179e84f3b9cac2fc632551')
const toBytes = (value: bigint): Buffer => Buffer.from(value.toString(16).padStart(64, '0'), 'hex')
const trim = (bytes: Buffer): Buffer =>
  bytes.subarray(
    Math.max(
      0,
      bytes.findIndex((byte) => byte !== 0),
    ),
  )
const pair = (r: bigint, s: bigint): Buffer =>
  sequence(integer(trim(toBytes(r))), integer(trim(toBytes(s))))

describe.each(['P-256', 'P-384'])('%s', (namedCurve) => {
  const { publicKey, privateKey } = generateKeyPairSync('ec', { namedCurve })

  test.each(['sha256', 'sha384', 'sha512'])('%s: as OpenSSL says', (hash) => {
    for (let i = 0; i < 4; i++) {
      const data = randomBytes(1 + i * 40)
      const digest = createHash(hash).update(data).digest()
      const good = sign(hash, data, privateKey)
      expect(verifyEcdsaDigest(publicKey, digest, good)).toBe(true)
      for (const spoilt of spoiltOf(good)) {
        expect(verifyEcdsaDigest(publicKey, digest, spoilt)).toBe(
          verify(hash, data, publicKey, spoilt),
        )
      }
      expect(
        verifyEcdsaDigest(
          publicKey,
          digest.map((byte) => byte ^ 1),
          good,
        ),
      ).toBe(false)
    }
  })
})

describe('degenerate signatures', () => {
  const { publicKey } = generateKeyPairSync('ec', { namedCurve: 'P-256' })
  const data = Buffer.from('data')
  const digest = createHash('sha256').update(data).digest()

  test.each([
    ['empty', Buffer.alloc(0)],
    ['r = 0', pair(0n, 1n)],
    ['s = 0', pair(1n, 0n)],
    ['r = n', pair(ORDER, 1n)],
    ['s = n', pair(1n, ORDER)],
    ['s above n', pair(1n, ORDER + 1n)],
    ['small', pair(1n, 1n)],
    ['one number', sequence(integer(Buffer.from([1])))],
    ['three numbers', sequence(...[1, 2, 3].map((n) => integer(Buffer.from([n]))))],
    ['negative', sequence(der(0x02, Buffer.from([0x81])), integer(Buffer.from([1])))],
    ['padded', sequence(der(0x02, Buffer.from([0, 1])), integer(Buffer.from([1])))],
    ['text', Buffer.from('not a signature')],
  ])('%s', (_what, signature) => {
    expect(verifyEcdsaDigest(publicKey, digest, signature)).toBe(false)
    expect(verify('sha256', data, publicKey, signature)).toBe(false)
  })

  test('a digest of zeros, under a key whose point meets the generator', () => {
    const zeros = Buffer.alloc(32)
    expect(verifyEcdsaDigest(publicKey, zeros, pair(1n, 1n))).toBe(false)
  })

  test('other keys are no answer at all', () => {
    for (const key of [
      generateKeyPairSync('ed25519').publicKey,
      generateKeyPairSync('ec', { namedCurve: 'secp256k1' }).publicKey,
    ]) {
      expect(verifyEcdsaDigest(key, digest, pair(1n, 1n))).toBeUndefined()
    }
  })
})

function* spoiltOf(signature: Buffer): Iterable<Buffer> {
  for (const at of [0, 1, 3, 5, 20, signature.length - 1]) {
    const copy = Buffer.from(signature)
    copy[at] = (copy[at] ?? 0) ^ 1
    yield copy
  }
  yield Buffer.concat([signature, Buffer.from([0])])
  yield signature.subarray(0, -1)
}
