import { execFileSync } from 'node:child_process'
import { readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { bundleFromJSON } from '@sigstore/bundle'
import { Verifier as SigstoreVerifier, toSignedEntity, toTrustMaterial } from '@sigstore/verify'
import { describe, expect, test } from 'vitest'
import { keyFingerprint, signStatement, toKeyObject } from '../../src/trust/index.ts'
import { bundle, other, pae, STATEMENT, signer, TYPE, verify } from './bundles.ts'
import { expectError, makeFolder, rejection } from './setup.ts'

describe('a signed statement', () => {
  test('verifies, and says who signed', () => {
    expect(verify([bundle])).toEqual([signer.key])
    expect(verify([bundle], [other.key, signer.key])).toEqual([signer.key])
  })

  test('has exactly the fields of a keyed bundle v0.3, and no keyid', () => {
    expect(bundle).toEqual({
      mediaType: 'application/vnd.dev.sigstore.bundle.v0.3+json',
      verificationMaterial: {
        publicKey: { hint: keyFingerprint(signer.key) },
        timestampVerificationData: {},
      },
      dsseEnvelope: {
        payload: Buffer.from(STATEMENT).toString('base64'),
        payloadType: TYPE,
        signatures: [{ sig: bundle.dsseEnvelope.signatures[0].sig }],
      },
    })
  })

  test('is read by the Sigstore library from its bytes', () => {
    const material = toTrustMaterial(
      {
        mediaType: '',
        certificateAuthorities: [],
        timestampAuthorities: [],
        tlogs: [],
        ctlogs: [],
      },
      () => ({ publicKey: toKeyObject(signer.key), validFor: () => true }),
    )
    const library = new SigstoreVerifier(material, { tlogThreshold: 0, timestampThreshold: 0 })
    expect(() => library.verify(toSignedEntity(bundleFromJSON(bundle)))).not.toThrow()
  })

  test('is accepted by openssl over the PAE', () => {
    const folder = makeFolder()
    const [key, sig, data] = ['key.pem', 'sig', 'data'].map((name) => join(folder, name)) as [
      string,
      string,
      string,
    ]
    writeFileSync(key, toKeyObject(signer.key).export({ format: 'pem', type: 'spki' }))
    writeFileSync(sig, Buffer.from(bundle.dsseEnvelope.signatures[0].sig, 'base64'))
    writeFileSync(data, pae(STATEMENT))
    const args = ['dgst', '-sha256', '-verify', key, '-signature', sig, data]
    expect(execFileSync('openssl', args).toString()).toContain('Verified OK')
    writeFileSync(data, readFileSync(data).subarray(1))
    expect(() => execFileSync('openssl', args, { stdio: 'pipe' })).toThrow()
  })

  test('is refused over a limit, before it is signed', async () => {
    const error = await rejection(signStatement(new Uint8Array(16 * 1024 + 1), signer))
    expectError('LIMIT_EXCEEDED', error)
  })
})
