import { describe, expect, test } from 'vitest'
import { keyFingerprint, type Signer, signStatement } from '../../src/trust/index.ts'
import { bundle, other, STATEMENT, signer, spoilt, verify } from './bundles.ts'
import { expectError, failure, makeSigner, rejection } from './setup.ts'

describe('who signed', () => {
  async function sign(by: Signer, statement: Uint8Array = STATEMENT): Promise<Uint8Array> {
    return signStatement(statement, by)
  }

  test('t23-key-in-record: a hint does not make a key trusted, nor hide one that is', async () => {
    const foreign = JSON.parse(Buffer.from(await sign(other)).toString())
    expectError(
      'SIGNER_UNAUTHORIZED',
      failure(() => verify([foreign])),
    )
    foreign.verificationMaterial.publicKey.hint = keyFingerprint(signer.key)
    expectError(
      'SIGNATURE_INVALID',
      failure(() => verify([foreign])),
    )
    const renamed = spoilt((b) => {
      b.verificationMaterial.publicKey.hint = 'nobody'
    })
    expect(verify([renamed])).toEqual([signer.key])
  })

  test('a bundle for another statement, swapped in', async () => {
    const swapped = await sign(signer, Buffer.from('{"other":1}'))
    expectError(
      'SUBJECT_MISMATCH',
      failure(() => verify([swapped])),
    )
    expectError(
      'SUBJECT_MISMATCH',
      failure(() => verify([bundle, swapped])),
    )
  })

  test('nothing signed, and nobody to sign', () => {
    expectError(
      'UNSIGNED',
      failure(() => verify([])),
    )
    expectError(
      'SIGNER_UNAUTHORIZED',
      failure(() => verify([bundle], [])),
    )
  })

  test('two of two', async () => {
    const both = [bundle, await sign(other)]
    const keys = [signer.key, other.key]
    expect(verify(both, keys, 2)).toEqual(keys)
    expectError(
      'SIGNER_UNAUTHORIZED',
      failure(() => verify([bundle], keys, 2)),
    )
  })

  test('t15-threshold: one key is one signer, however often it signs and is listed', async () => {
    const { key } = signer
    const twice = [
      bundle,
      await sign(signer),
      spoilt((b) => {
        b.verificationMaterial.publicKey.hint = 'b'
      }),
    ]
    for (const keys of [
      [key, other.key],
      [key, key],
      [key, { ...key }],
    ]) {
      expect(verify(twice, keys)).toHaveLength(1)
      expectError(
        'SIGNER_UNAUTHORIZED',
        failure(() => verify(twice, keys, 2)),
      )
    }
  })

  test('one bad bundle spoils the good ones', async () => {
    const third = await sign(makeSigner())
    expectError(
      'SIGNER_UNAUTHORIZED',
      failure(() => verify([bundle, third])),
    )
  })

  test.each([0, -1, 0.5, Number.NaN, Number.POSITIVE_INFINITY])(
    'a threshold of %s is refused',
    (n) => {
      expectError(
        'SIGNER_UNAUTHORIZED',
        failure(() => verify([bundle], [signer.key], n)),
      )
    },
  )

  test('a pile of bundles is refused before any is looked at', () => {
    expectError(
      'LIMIT_EXCEEDED',
      failure(() => verify(Array(33).fill(Buffer.from('x')))),
    )
  })

  test('an Ed25519 key neither signs a statement nor counts for one', async () => {
    const ed = makeSigner('ed25519')
    expectError('KEY_INVALID', await rejection(sign(ed)))
    expectError(
      'KEY_INVALID',
      failure(() => verify([bundle], [signer.key, ed.key])),
    )
  })

  test('(r, −s) is another signature by the same signer: never identify one by its bytes', () => {
    const order = 0xffffffff00000000ffffffffffffffffbce6faada7179e84f3b9cac2fc632551n
    const sig = Buffer.from(bundle.dsseEnvelope.signatures[0].sig, 'base64')
    const rLength = sig[3] ?? 0
    const s = BigInt(`0x${sig.subarray(6 + rLength).toString('hex')}`)
    const hex = (order - s).toString(16)
    const even = hex.length % 2 ? `0${hex}` : hex
    const minusS = Buffer.from(
      Number.parseInt(even.slice(0, 2), 16) > 127 ? `00${even}` : even,
      'hex',
    )
    const r = sig.subarray(2, 4 + rLength)
    const body = Buffer.concat([r, Buffer.of(2, minusS.length), minusS])
    const flipped = spoilt((b) => {
      b.dsseEnvelope.signatures[0].sig = Buffer.concat([
        Buffer.of(0x30, body.length),
        body,
      ]).toString('base64')
    })
    expect(verify([flipped])).toEqual([signer.key])
    expect(() => verify([bundle, flipped], [signer.key, other.key], 2)).toThrow()
  })
})
