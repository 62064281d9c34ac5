// What our signer makes at real services, our strict verifier accepts: each kind of log, with and without a timestamp authority, and with one
// that shares no code with any of them.

import { X509Certificate } from 'node:crypto'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { startOpensslTsa } from '../../support/sigstore/openssl-tsa.ts'
import { type Sigstore, startSigstore } from '../../support/sigstore/sigstore.ts'
import { GITHUB_CLAIMS, GITHUB_ISSUER, GITHUB_SAN } from '../../support/sigstore/token.ts'
import { withTimestampAuthority } from '../../support/sigstore/trusted-root.ts'
import { STATEMENT, signerAt, verifyAt } from './setup.ts'

let sigstore: Sigstore

beforeAll(async () => {
  sigstore = await startSigstore()
})
afterAll(() => sigstore[Symbol.asyncDispose]())

interface Bundle {
  readonly mediaType: string
  readonly dsseEnvelope: { readonly payloadType: string; readonly signatures: readonly unknown[] }
  readonly verificationMaterial: {
    readonly certificate: { readonly rawBytes: string }
    readonly tlogEntries: readonly { readonly kindVersion: unknown }[]
  }
}

const read = (bundle: Uint8Array): Bundle => JSON.parse(Buffer.from(bundle).toString())

describe('round trips', () => {
  const cases = [
    { rekor: 1, tsa: true, times: ['log', 'timestamp'] },
    { rekor: 1, tsa: false, times: ['log'] },
    { rekor: 2, tsa: true, times: ['timestamp'] },
    { rekor: 'both', tsa: true, times: ['log', 'timestamp'] },
  ] as const
  test.each(cases)('Rekor v$rekor, TSA: $tsa', async ({ rekor, tsa, times }) => {
    const bundle = await signerAt(sigstore, { rekor, tsa }).sign(STATEMENT)
    const verified = verifyAt(sigstore, bundle)
    expect(verified.identity).toEqual({
      issuer: GITHUB_ISSUER,
      san: GITHUB_SAN,
      claims: { ...GITHUB_CLAIMS, build_signer: GITHUB_SAN },
    })
    expect(verified.times.map(({ by }) => by).sort()).toEqual(times)
    expect(read(bundle).verificationMaterial.tlogEntries).toHaveLength(rekor === 'both' ? 2 : 1)
  })

  test('the bundle is a v0.3 one, of one signature without a key id', async () => {
    const bundle = read(await signerAt(sigstore).sign(STATEMENT))
    expect(bundle.mediaType).toBe('application/vnd.dev.sigstore.bundle.v0.3+json')
    expect(bundle.dsseEnvelope.payloadType).toBe('application/vnd.in-toto+json')
    expect(bundle.dsseEnvelope.signatures).toEqual([{ sig: expect.any(String) }])
    const [entry] = bundle.verificationMaterial.tlogEntries
    expect(entry?.kindVersion).toEqual({ kind: 'intoto', version: '0.0.2' })
  })

  test('a timestamp by openssl', async () => {
    await using tsa = await startOpensslTsa()
    if (tsa === undefined) return
    const bundle = await signerAt(sigstore, { rekor: 2, tsa: tsa.url }).sign(STATEMENT)
    expect(tsa.count()).toBe(1)
    expect(() => verifyAt(sigstore, bundle)).toThrow(/does not know the timestamp authority/)
    const trustedRoot = withTimestampAuthority(sigstore.trustedRoot, tsa.url, tsa.chain)
    expect(verifyAt({ trustedRoot }, bundle).times.map(({ by }) => by)).toEqual(['timestamp'])
  })

  test('an e-mail address signs as one', async () => {
    const token = { issuer: 'https://oauth2.sigstore.dev/auth', san: 'ada@example.com' }
    const bundle = await signerAt(sigstore, { token }).sign(STATEMENT)
    expect(verifyAt(sigstore, bundle).identity).toEqual({
      issuer: 'https://oauth2.sigstore.dev/auth',
      san: 'ada@example.com',
      claims: {},
    })
  })

  test('the tree grows, and each proof holds', async () => {
    const signer = signerAt(sigstore, { rekor: 2 })
    for (let i = 0; i < 12; i++) {
      const statement = Buffer.from(`{"n":${i}}`)
      verifyAt(sigstore, await signer.sign(statement), statement)
    }
  })

  test('signing at once gives one certificate each, for one key each', async () => {
    const signer = signerAt(sigstore, { rekor: 'both' })
    const bundles = await Promise.all([1, 2, 3, 4].map(() => signer.sign(STATEMENT)))
    const keys = bundles.map((bundle) => {
      const { rawBytes } = read(bundle).verificationMaterial.certificate
      verifyAt(sigstore, bundle)
      return new X509Certificate(Buffer.from(rawBytes, 'base64')).publicKey
        .export({ type: 'spki', format: 'der' })
        .toString('hex')
    })
    expect(new Set(keys).size).toBe(4)
  })

  test('a signature is for its statement only', async () => {
    const bundle = await signerAt(sigstore).sign(STATEMENT)
    const other = Buffer.from(STATEMENT.toString().replace('in-toto', 'in-tota'))
    expect(() => verifyAt(sigstore, bundle, other)).toThrow(/for another statement/)
  })
})
