// Each thing that can be wrong with a keyless signature has a verdict of its own. Every case differs in one thing from the one that is
// accepted.

import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import {
  signCarelessly,
  withEvidence,
  withoutLog,
  withoutTimestamps,
} from '../../support/sigstore/careless.ts'
import {
  type Fault,
  type Service,
  type Sigstore,
  startSigstore,
} from '../../support/sigstore/sigstore.ts'
import { GITHUB_SAN } from '../../support/sigstore/token.ts'
import { RULE, STATEMENT, signerAt, verdictOf } from './setup.ts'

let sigstore: Sigstore

beforeAll(async () => {
  sigstore = await startSigstore()
})
afterAll(() => sigstore[Symbol.asyncDispose]())

async function carelesslyWith(service: Service, fault: Fault): Promise<Uint8Array> {
  await sigstore.fault(service, fault)
  try {
    return await signCarelessly(sigstore, STATEMENT)
  } finally {
    await sigstore.fault(service, 'none')
  }
}

describe('who signed', () => {
  test('the right one is accepted', async () => {
    const bundle = await signCarelessly(sigstore, STATEMENT)
    expect(verdictOf(sigstore, bundle, RULE)).toBeUndefined()
  })

  const strangers = [
    {
      name: 'another issuer',
      token: { issuer: 'https://token.actions.githubusercontent.com.evil.example' },
      field: 'issuer',
    },
    {
      name: 'the issuer with a slash',
      token: { issuer: 'https://token.actions.githubusercontent.com/' },
      field: 'issuer',
    },
    { name: 'a longer subject', token: { san: `${GITHUB_SAN}0` }, field: 'san' },
    { name: 'a shorter subject', token: { san: GITHUB_SAN.slice(0, -1) }, field: 'san' },
    {
      name: 'a subject with something in front',
      token: { san: `https://evil.example/?${GITHUB_SAN}` },
      field: 'san',
    },
    {
      name: 'another repository whose name begins alike',
      token: { san: GITHUB_SAN.replace('/tools/', '/tools-evil/') },
      field: 'san',
    },
    {
      name: 't12-same-name-other-repository',
      token: { claims: { repository_id: '123456780' } },
      field: 'repository_id',
    },
    {
      name: 'another trigger',
      token: { claims: { trigger: 'pull_request_target' } },
      field: 'trigger',
    },
  ]
  test.each(strangers)('$name: $field', async ({ token, field }) => {
    const bundle = await signerAt(sigstore, { token }).sign(STATEMENT)
    expect(verdictOf(sigstore, bundle, RULE)).toBe(field)
  })
})

describe('what it is proven by', () => {
  test('a certificate that had expired', async () => {
    const bundle = await carelesslyWith('fulcio', 'expired')
    expect(verdictOf(sigstore, bundle, RULE)).toBe('CERTIFICATE_INVALID')
  })

  test('a certificate for another key', async () => {
    const bundle = await carelesslyWith('fulcio', 'other-key')
    expect(verdictOf(sigstore, bundle, RULE)).toBe('SIGNATURE_INVALID')
  })

  test('no log entry', async () => {
    const bundle = withoutLog(await signerAt(sigstore).sign(STATEMENT))
    expect(verdictOf(sigstore, bundle, RULE)).toBe('EVIDENCE_MISSING')
  })

  test('no time: Rekor v2 without a timestamp', async () => {
    const bundle = withoutTimestamps(await signerAt(sigstore, { rekor: 2 }).sign(STATEMENT))
    expect(verdictOf(sigstore, bundle, RULE)).toBe('EVIDENCE_MISSING')
  })

  test('a v1 entry made for another key', async () => {
    const bundle = await carelesslyWith('rekor1', 'other-key')
    expect(verdictOf(sigstore, bundle, RULE)).toBe('LOG_ENTRY_INVALID')
  })

  test('a v2 entry made for another key', async () => {
    const bundle = await signerAt(sigstore, { rekor: 2 }).sign(STATEMENT)
    await sigstore.fault('rekor2', 'other-key')
    const entry = await relog(bundle)
    await sigstore.fault('rekor2', 'none')
    const changed = withEvidence(bundle, (material) => {
      material.tlogEntries = [entry]
    })
    expect(verdictOf(sigstore, changed, RULE)).toBe('LOG_ENTRY_INVALID')
    const again = await relog(bundle)
    const good = withEvidence(bundle, (material) => {
      material.tlogEntries = [again]
    })
    expect(verdictOf(sigstore, good, RULE)).toBeUndefined()
  })

  test('a log entry of another signature', async () => {
    const [bundle, other] = [
      await signerAt(sigstore).sign(STATEMENT),
      await signerAt(sigstore).sign(STATEMENT),
    ]
    const { tlogEntries } = JSON.parse(Buffer.from(other).toString()).verificationMaterial
    const changed = withEvidence(bundle, (material) => {
      material.tlogEntries = tlogEntries
    })
    expect(verdictOf(sigstore, changed, RULE)).toBe('LOG_ENTRY_INVALID')
  })

  test('a timestamp of another signature', async () => {
    const [bundle, other] = [
      await signerAt(sigstore, { rekor: 2 }).sign(STATEMENT),
      await signerAt(sigstore, { rekor: 2 }).sign(STATEMENT),
    ]
    const material = JSON.parse(Buffer.from(other).toString()).verificationMaterial
    const changed = withEvidence(bundle, (own) => {
      own.timestampVerificationData = material.timestampVerificationData
    })
    expect(verdictOf(sigstore, changed, RULE)).toBe('TIMESTAMP_INVALID')
  })

  test('another instance altogether', async () => {
    await using other = await startSigstore()
    const bundle = await signerAt(other).sign(STATEMENT)
    expect(verdictOf(sigstore, bundle, RULE)).toBe('ROOT_UNKNOWN')
    expect(verdictOf(other, bundle, RULE)).toBeUndefined()
  })
})

/** Logs the signature of a v2 bundle once more, as the service answers it. */
async function relog(bundle: Uint8Array): Promise<unknown> {
  const { verificationMaterial } = JSON.parse(Buffer.from(bundle).toString())
  const [entry] = verificationMaterial.tlogEntries
  const body = JSON.parse(Buffer.from(entry.canonicalizedBody, 'base64').toString())
  const { data, signature } = body.spec.hashedRekordV002
  const response = await fetch(`${sigstore.endpoints.rekor2}/api/v2/log/entries`, {
    method: 'POST',
    body: JSON.stringify({ hashedRekordRequestV002: { digest: data.digest, signature } }),
  })
  return response.json()
}
