// What a trusted root decides: whose logs and authorities count, when, and for which issuers. Real bundles, and roots with one thing taken away.

import { createHash, generateKeyPairSync } from 'node:crypto'
import { afterEach, describe, expect, test, vi } from 'vitest'
import { isRegistryError } from '../../../src/lib/index.ts'
import { readBundle } from '../../../src/trust/sigstore/form/bundle-form.ts'
import {
  parseSigstoreRoot,
  publicGoodRoot,
  stagingRoot,
  verdictKey,
  verifyArtifact,
  verifyKeyless,
} from '../../../src/trust/sigstore/index.ts'
import { assertEntryOf } from '../../../src/trust/sigstore/log-entry.ts'
import { PUBLIC_GOOD_ROOT } from '../../../src/trust/sigstore/root/public-good-root.ts'
import {
  bytesOf,
  fixturePath,
  type Loose,
  looseFixture,
  readFixture,
  statementOf,
} from './bundles.ts'

const ISSUER = 'https://token.actions.githubusercontent.com'
const IDENTITY =
  'https://github.com/sigstore-conformance/extremely-dangerous-public-oidc-beacon/.github/workflows/extremely-dangerous-oidc-beacon.yml@refs/heads/main'

const good = looseFixture('statement-with-timestamp.sigstore.json')
const claim = { bundle: bytesOf(good), statement: statementOf(good), root: publicGoodRoot() }
const loose: Loose = JSON.parse(readFixture('rekor2.trusted_root.json').toString())

/** The bundle of fixtures/sigstore with a log v2 and a timestamp, against a spoilt root. */
async function judge(root: Loose): Promise<string> {
  const error = await verifyArtifact({
    bundle: readFixture('rekor2.sigstore.json'),
    artifact: fixturePath('a.txt'),
    signer: { kind: 'keyless', issuer: ISSUER, san: IDENTITY },
    root: parseSigstoreRoot(bytesOf(root)),
  }).then(
    () => undefined,
    (caught: unknown) => caught,
  )
  if (error === undefined) return 'accepted'
  if (!isRegistryError(error)) throw error
  return `${error.code}: ${error.message}`
}

describe('the trusted root', () => {
  test('as it is, accepts', async () => expect(await judge(loose)).toBe('accepted'))

  test.each<readonly [string, (root: Loose) => void, string]>([
    [
      'without the log',
      (root) => root.tlogs.splice(1, 1),
      'ROOT_UNKNOWN: The trusted root does not know the log.',
    ],
    [
      'without the timestamp authority',
      (root) => root.timestampAuthorities.splice(0),
      'ROOT_UNKNOWN: The trusted root does not know the timestamp authority.',
    ],
    [
      'without the certificate authority',
      (root) => root.certificateAuthorities.splice(0),
      'ROOT_UNKNOWN: The trusted root does not know the certificate authority.',
    ],
    [
      'without the certificate log',
      (root) => root.ctlogs.splice(2, 1),
      'ROOT_UNKNOWN: The trusted root does not know the certificate transparency log.',
    ],
    [
      'with a log key from later',
      (root) => setPeriod(root.tlogs[1].publicKey, '2025-07-01T00:00:00Z'),
      'LOG_ENTRY_INVALID: The log’s key was not valid when this was signed.',
    ],
    [
      'with a log key that ended before',
      (root) => setPeriod(root.tlogs[1].publicKey, '2025-01-01T00:00:00Z', '2025-06-01T00:00:00Z'),
      'LOG_ENTRY_INVALID: The log’s key was not valid when this was signed.',
    ],
    [
      'with an authority from later',
      (root) => setPeriod(root.certificateAuthorities[0], '2025-07-01T00:00:00Z'),
      'CERTIFICATE_INVALID: The certificate was not valid for this signature.',
    ],
    [
      'with a timestamp authority from later',
      (root) => setPeriod(root.timestampAuthorities[0], '2025-07-01T00:00:00Z'),
      'TIMESTAMP_INVALID: A timestamp in the bundle does not hold.',
    ],
    [
      'with an intermediate that its root never signed',
      (root) => spoilEnd(root.certificateAuthorities[0].certChain.certificates[0]),
      'CERTIFICATE_INVALID: The certificate was not valid for this signature.',
    ],
    [
      'with another key of the same log',
      (root) => {
        root.tlogs[1].publicKey = root.tlogs[0].publicKey
      },
      'LOG_ENTRY_INVALID: A log entry in the bundle does not hold.',
    ],
  ])('%s', async (_what, spoil, expected) => {
    const root = structuredClone(loose)
    spoil(root)
    expect(await judge(root)).toBe(expected)
  })

  test('may have a log with an RSA key, as SubjectPublicKeyInfo', async () => {
    const { publicKey } = generateKeyPairSync('rsa', { modulusLength: 2048 })
    const rawBytes = publicKey.export({ format: 'der', type: 'spki' }).toString('base64')
    const root = structuredClone(loose)
    const log = structuredClone(root.ctlogs[0])
    log.publicKey = { ...log.publicKey, rawBytes, keyDetails: 'PKIX_RSA_PKCS1V15_2048_SHA256' }
    log.logId.keyId = createHash('sha256').update(rawBytes, 'base64').digest('base64')
    root.ctlogs.push(log)
    expect(await judge(root)).toBe('accepted')
    log.publicKey.keyDetails = 'PKIX_ECDSA_P256_SHA_256'
    log.publicKey.rawBytes = 'AAAA'
    await expect(judge(root)).rejects.toThrow(/trusted root cannot be used/)
  })

  test('asks for as much as it is told to', () => {
    const root = parseSigstoreRoot(Buffer.from(PUBLIC_GOOD_ROOT), { options: { logs: 2 } })
    expect(refusal(() => verifyKeyless({ ...claim, root }))).toMatchObject({
      code: 'EVIDENCE_MISSING',
      expected: 'at least 2',
      got: '1',
    })
  })

  test('that speaks for other issuers says nothing of this one', () => {
    const root = parseSigstoreRoot(Buffer.from(PUBLIC_GOOD_ROOT), {
      issuers: ['https://ci.acme.example'],
    })
    expect(refusal(() => verifyKeyless({ ...claim, root }))).toMatchObject({
      code: 'SIGNER_UNAUTHORIZED',
      expected: expect.stringContaining('https://ci.acme.example'),
      got: ISSUER,
    })
    const own = parseSigstoreRoot(Buffer.from(PUBLIC_GOOD_ROOT), { issuers: [ISSUER] })
    expect(verifyKeyless({ ...claim, root: own }).identity.issuer).toBe(ISSUER)
  })

  test('of another instance does not know the log', () => {
    expect(refusal(() => verifyKeyless({ ...claim, root: stagingRoot() })).code).toBe(
      'ROOT_UNKNOWN',
    )
  })
})

describe('a verdict', () => {
  afterEach(() => vi.useRealTimers())

  test('says who, when, and by which root', () => {
    const { identity, times, rootDigest } = verifyKeyless(claim)
    expect(identity.san).toMatch(/^https:\/\/github\.com\/kubewarden\/kubewarden-controller\//)
    expect(identity.claims.repository_id).toMatch(/^\d+$/)
    expect(times.map(({ by }) => by).sort()).toEqual(['log', 'timestamp'])
    expect(rootDigest).toBe('6494e21ea73fa7ee769f85f57d5a3e6a08725eae1e38c755fc3517c9e6bc0b66')
  })

  test.each(['1999-01-01', '2099-01-01'])('does not look at the clock: %s', (day) => {
    const now = verifyKeyless(claim)
    vi.useFakeTimers({ now: new Date(day) })
    expect(verifyKeyless(claim)).toEqual(now)
  })

  test('has a key that changes with everything it follows from', () => {
    const bytes = Buffer.from(PUBLIC_GOOD_ROOT)
    const keys = [
      claim,
      { ...claim, bundle: Buffer.concat([claim.bundle, Buffer.from(' ')]) },
      { ...claim, statement: Buffer.from('{}') },
      { ...claim, root: stagingRoot() },
      { ...claim, root: parseSigstoreRoot(bytes, { options: { timestamps: 2 } }) },
      { ...claim, root: parseSigstoreRoot(bytes, { issuers: [ISSUER] }) },
      { ...claim, root: parseSigstoreRoot(bytes, { issuers: [`${ISSUER}/`] }) },
    ].map(verdictKey)
    expect(new Set(keys).size).toBe(keys.length)
    expect(verdictKey({ ...claim, root: parseSigstoreRoot(bytes) })).toBe(keys[0])
  })
})

describe('a log entry', () => {
  const bundle = readBundle(claim.bundle, 'own', 1 << 20)
  const [entry] = bundle.verificationMaterial.tlogEntries
  const der = Buffer.from(good.verificationMaterial.certificate.rawBytes, 'base64')

  test('t22-other-log-entry: of this signature by another signer is refused', () => {
    if (entry === undefined) throw new Error('the fixture has an entry')
    const signer = { kind: 'CERTIFICATE', der } as const
    const signed = { content: 'dsseEnvelope', hash: 'sha256' } as const
    expect(() => assertEntryOf(entry, signer, signed)).not.toThrow()
    const other = Buffer.from(der)
    other[other.length - 1] = (other.at(-1) ?? 0) ^ 1
    for (const wrong of [{ ...signer, der: other }, { kind: 'PUBLIC KEY', der } as const]) {
      expect(refusal(() => assertEntryOf(entry, wrong, signed))).toMatchObject({
        code: 'LOG_ENTRY_INVALID',
        got: 'an entry of another signer',
      })
    }
    const file = { ...signed, content: 'messageSignature' } as const
    expect(refusal(() => assertEntryOf(entry, signer, file)).got).toBe('dsse 0.0.1')
    const kind = { ...entry, kindVersion: { kind: 'rpm', version: '0.0.1' } }
    expect(refusal(() => assertEntryOf(kind, signer, signed)).got).toBe('rpm 0.0.1')
    const body = { ...entry, canonicalizedBody: Buffer.from('{"spec":{"signatures":[{},{}]}}') }
    expect(refusal(() => assertEntryOf(body, signer, signed)).code).toBe('LOG_ENTRY_INVALID')
  })
})

/** The last byte belongs to the signature. */
function spoilEnd(certificate: Loose): void {
  const bytes = Buffer.from(certificate.rawBytes, 'base64')
  bytes[bytes.length - 1] = (bytes.at(-1) ?? 0) ^ 1
  certificate.rawBytes = bytes.toString('base64')
}

function setPeriod(holder: Loose, start: string, end?: string): void {
  holder.validFor = end === undefined ? { start } : { start, end }
}

function refusal(run: () => unknown) {
  try {
    run()
  } catch (error) {
    if (isRegistryError(error)) return { code: error.code, ...error.details }
    throw error
  }
  throw new Error('it was accepted')
}
