import { describe, expect, test } from 'vitest'
import { bundle, type Loose, pae, STATEMENT, signer, spoilt, verify } from './bundles.ts'
import { expectError, failure } from './setup.ts'

describe('a spoilt bundle', () => {
  test.each<[string, Parameters<typeof expectError>[0], () => Loose]>([
    [
      'a bit of the signature',
      'SIGNATURE_INVALID',
      () =>
        withSignature((sig) => {
          sig[sig.length - 1] = (sig[sig.length - 1] ?? 0) ^ 1
        }),
    ],
    [
      'a payload of other bytes',
      'SUBJECT_MISMATCH',
      () =>
        spoilt((b) => {
          b.dsseEnvelope.payload = Buffer.from('{}').toString('base64')
        }),
    ],
    [
      'the same value in another spelling',
      'SUBJECT_MISMATCH',
      () =>
        spoilt((b) => {
          b.dsseEnvelope.payload = Buffer.from(`${Buffer.from(STATEMENT)} `).toString('base64')
        }),
    ],
    [
      'base64url',
      'BUNDLE_INVALID',
      () =>
        spoilt((b) => {
          b.dsseEnvelope.payload = `${b.dsseEnvelope.payload.slice(0, -2)}-_`
        }),
    ],
    [
      'base64 without padding',
      'BUNDLE_INVALID',
      () =>
        spoilt((b) => {
          b.dsseEnvelope.payload = `${b.dsseEnvelope.payload.replace(/=+$/, '')}\n`
        }),
    ],
    [
      'another payload type',
      'BUNDLE_INVALID',
      () =>
        spoilt((b) => {
          b.dsseEnvelope.payloadType = 'text/plain'
        }),
    ],
    [
      'an older media type',
      'BUNDLE_INVALID',
      () =>
        spoilt((b) => {
          b.mediaType = 'application/vnd.dev.sigstore.bundle+json;version=0.2'
        }),
    ],
    [
      'two signatures',
      'BUNDLE_INVALID',
      () =>
        spoilt((b) => {
          b.dsseEnvelope.signatures.push(b.dsseEnvelope.signatures[0])
        }),
    ],
    [
      'no signature',
      'BUNDLE_INVALID',
      () =>
        spoilt((b) => {
          b.dsseEnvelope.signatures = []
        }),
    ],
    [
      'a message signature',
      'BUNDLE_INVALID',
      () =>
        spoilt((b) => {
          delete b.dsseEnvelope
          b.messageSignature = { messageDigest: {}, signature: 'AA==' }
        }),
    ],
    [
      'a certificate',
      'SIGNER_UNAUTHORIZED',
      () =>
        spoilt((b) => {
          b.verificationMaterial = { certificate: { rawBytes: 'AA==' } }
        }),
    ],
    [
      'a log entry',
      'BUNDLE_INVALID',
      () =>
        spoilt((b) => {
          b.verificationMaterial.tlogEntries = [{ logIndex: '1' }]
        }),
    ],
    [
      'a timestamp',
      'BUNDLE_INVALID',
      () =>
        spoilt((b) => {
          b.verificationMaterial.timestampVerificationData = { rfc3161Timestamps: [{}] }
        }),
    ],
    [
      'a field of its own',
      'BUNDLE_INVALID',
      () =>
        spoilt((b) => {
          b.note = 'trust me'
        }),
    ],
    [
      'a duplicate key',
      'BUNDLE_INVALID',
      () => Buffer.from(JSON.stringify(bundle).replace('{', '{"mediaType":"x",')),
    ],
    ['text that ends early', 'BUNDLE_INVALID', () => Buffer.from('{"mediaType":')],
    ['an array', 'BUNDLE_INVALID', () => []],
    ['64 KiB and a byte', 'LIMIT_EXCEEDED', () => Buffer.alloc(64 * 1024 + 1, ' ')],
  ])('%s: %s', (_what, code, make) => {
    expectError(
      code,
      failure(() => verify([make()])),
    )
  })

  function withSignature(change: (sig: Buffer) => void): Loose {
    return spoilt((b) => {
      const sig = Buffer.from(b.dsseEnvelope.signatures[0].sig, 'base64')
      change(sig)
      b.dsseEnvelope.signatures[0].sig = sig.toString('base64')
    })
  }

  test('a signature over another payload type does not fit', async () => {
    const sig = Buffer.from(await signer.sign(pae(STATEMENT, 'text/plain'))).toString('base64')
    const forged = spoilt((b) => {
      b.dsseEnvelope.signatures[0].sig = sig
    })
    expectError(
      'SIGNATURE_INVALID',
      failure(() => verify([forged])),
    )
  })

  test('a signature over the bare statement does not fit', async () => {
    const sig = Buffer.from(await signer.sign(STATEMENT)).toString('base64')
    const forged = spoilt((b) => {
      b.dsseEnvelope.signatures[0].sig = sig
    })
    expectError(
      'SIGNATURE_INVALID',
      failure(() => verify([forged])),
    )
  })

  test('what other clients write is read: tlogEntries empty, a keyid, white space', () => {
    const theirs = spoilt((b) => {
      b.verificationMaterial.tlogEntries = []
      b.verificationMaterial.timestampVerificationData = { rfc3161Timestamps: [] }
      b.dsseEnvelope.signatures[0].keyid = 'whatever'
    })
    expect(verify([Buffer.from(JSON.stringify(theirs, null, 2))])).toEqual([signer.key])
  })
})
