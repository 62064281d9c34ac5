import { createHash, generateKeyPairSync } from 'node:crypto'
import { expect, test } from 'vitest'
import {
  equalKeys,
  keyFingerprint,
  parsePublicKey,
  toKeyObject,
  verifySignature,
} from '../../src/trust/index.ts'
import { expectError, failure, makeSigner } from './setup.ts'

const ED_PREFIX = '302a300506032b6570032100'

function edKey(pointHex: string): unknown {
  return { type: 'ed25519', spki: Buffer.from(ED_PREFIX + pointHex, 'hex').toString('base64') }
}

function spkiOf(curve: string): string {
  const { publicKey } = generateKeyPairSync('ec', { namedCurve: curve })
  return publicKey.export({ format: 'der', type: 'spki' }).toString('base64')
}

test('a key parses to itself, and its object is made once', () => {
  for (const type of ['ecdsa-p256', 'ed25519'] as const) {
    const { key } = makeSigner(type)
    const again = parsePublicKey(JSON.parse(JSON.stringify(key)))
    expect(equalKeys(again, key)).toBe(true)
    expect(toKeyObject(again)).toBe(toKeyObject(key))
    expect(equalKeys(key, makeSigner(type).key)).toBe(false)
  }
})

test('the fingerprint is the unpadded base64 of the hash of the SPKI', () => {
  const key = parsePublicKey(
    // RFC 8410, section 10.1.
    { type: 'ed25519', spki: 'MCowBQYDK2VwAyEAGb9ECWmEzf6FQbrBZ9w7lshQhqowtrbLDFw4rXAxZuE=' },
  )
  expect(keyFingerprint(key)).toMatch(/^SHA256:[A-Za-z0-9+/]{43}$/)
  expect(keyFingerprint(key)).toBe('SHA256:oekVYFTgT6yJmunydRMs3Ael28TqLCrTof/G4NJTaB8')
})

test.each([
  ['y = 1 (order 1)', `01${'00'.repeat(31)}`],
  ['y = 1 with the sign bit', `01${'00'.repeat(30)}80`],
  ['y = −1 (order 2)', `ec${'ff'.repeat(30)}7f`],
  ['y = −1 with the sign bit', `ec${'ff'.repeat(31)}`],
  ['y = 0 (order 4)', '00'.repeat(32)],
  ['y = 0 with the sign bit', `${'00'.repeat(31)}80`],
  ['order 8', '26e8958fc2b227b045c3f489f2ef98f0d5dfac05d3c63339b13802886d53fc05'],
  ['order 8, negative', '26e8958fc2b227b045c3f489f2ef98f0d5dfac05d3c63339b13802886d53fc85'],
  ['order 8, other', 'c7176a703d4dd84fba3c0b760d10670f2a2053fa2c39ccc64ec7fd7792ac037a'],
  ['order 8, other, negative', 'c7176a703d4dd84fba3c0b760d10670f2a2053fa2c39ccc64ec7fd7792ac03fa'],
  ['y = p, another spelling of 0', `ed${'ff'.repeat(30)}7f`],
  ['y = p + 1, another spelling of 1', `ee${'ff'.repeat(30)}7f`],
  ['y = p + 3, another spelling of a point of large order', `f0${'ff'.repeat(30)}7f`],
  ['y = 2, which no point has', `02${'00'.repeat(31)}`],
])('t27-ed25519-points: refused at enrolment: %s', (_what, hex) => {
  expectError(
    'KEY_INVALID',
    failure(() => parsePublicKey(edKey(hex))),
  )
})

const P = 2n ** 255n - 19n

/** By Euler's criterion, of (y² − 1)·(d·y² + 1). */
function isOnCurve(y: bigint): boolean {
  const square = (y * y) % P
  // d is −121665 / 121666: without the division, times a square.
  let factor = ((square - 1n + P) * (121_666n - 121_665n * square) * 121_666n) % P
  if (factor < 0n) factor += P
  let result = 1n
  for (let rest = (P - 1n) / 2n; rest > 0n; rest >>= 1n) {
    if (rest & 1n) result = (result * factor) % P
    factor = (factor * factor) % P
  }
  return result === 1n
}

test('t27-ed25519-points: a point is refused exactly where it is not on the curve', () => {
  const verdicts = Array.from({ length: 100 }, (_, i) => {
    const bytes = createHash('sha256').update(`y ${i}`).digest()
    const y = BigInt(`0x${Buffer.from(bytes).reverse().toString('hex')}`) % 2n ** 255n
    const expected = isOnCurve(y)
    const parse = () => parsePublicKey(edKey(bytes.toString('hex')))
    if (expected) expect(parse).not.toThrow()
    else expectError('KEY_INVALID', failure(parse))
    return expected
  })
  expect(new Set(verdicts).size).toBe(2)
})

test('honest Ed25519 keys pass', () => {
  for (let i = 0; i < 50; i++) expect(makeSigner('ed25519').key.type).toBe('ed25519')
})

test('wrong shapes, curves and spellings are refused', () => {
  const { key } = makeSigner()
  const der = Buffer.from(key.spki, 'base64')
  const off = Buffer.from(der)
  off[90] = (off[90] ?? 0) ^ 1
  const trailing = Buffer.concat([der, Buffer.of(0)])
  const compressed = Buffer.concat([
    Buffer.from('3039301306072a8648ce3d020106082a8648ce3d030107032200', 'hex'),
    Buffer.of(2 + ((der[90] ?? 0) & 1)),
    der.subarray(27, 59),
  ])
  const longForm = Buffer.concat([Buffer.of(0x30, 0x81, 0x59), der.subarray(2)])
  const spkis = [
    ...[off, trailing, compressed, longForm, der.subarray(0, 90)].map((b) => b.toString('base64')),
    spkiOf('P-384'),
    spkiOf('secp256k1'),
    der.toString('base64url'),
    `${key.spki}\n`,
    key.spki.replace(/=+$/, ''),
    '',
    7,
  ]
  const values: unknown[] = [
    ...spkis.map((spki) => ({ type: key.type, spki })),
    { ...key, type: 'ed25519' },
    { ...key, type: 'rsa' },
    { ...key, extra: 1 },
    { type: key.type },
    null,
    'key',
    [key],
  ]
  for (const value of values) {
    const error = expectError(
      'KEY_INVALID',
      failure(() => parsePublicKey(value)),
    )
    expect(error.details.expected).toMatch(/\S/)
    expect(error.details.got).toBeDefined()
  }
})

test('verifySignature accepts only the signature of this key over these bytes', async () => {
  const data = Buffer.from('data')
  for (const type of ['ecdsa-p256', 'ed25519'] as const) {
    const signer = makeSigner(type)
    const signature = await signer.sign(data)
    expect(verifySignature(signer.key, data, signature)).toBe(true)
    expect(verifySignature(signer.key, Buffer.from('date'), signature)).toBe(false)
    expect(verifySignature(makeSigner(type).key, data, signature)).toBe(false)
    for (const bad of [new Uint8Array(), new Uint8Array(64), signature.subarray(1)]) {
      expect(verifySignature(signer.key, data, bad)).toBe(false)
    }
  }
})
