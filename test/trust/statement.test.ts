import { execFileSync } from 'node:child_process'
import { readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { bundleFromJSON } from '@sigstore/bundle'
import { Verifier as SigstoreVerifier, toSignedEntity, toTrustMaterial } from '@sigstore/verify'
import { beforeAll, describe, expect, test } from 'vitest'
import { isRegistryError } from '../../src/lib/index.ts'
import {
  keyFingerprint,
  loadVerifier,
  type PublicKey,
  type Signer,
  signStatement,
  toKeyObject,
  type Verifier,
} from '../../src/trust/index.ts'
import { expectError, failure, makeFolder, makeSigner, rejection } from './setup.ts'

const STATEMENT = Buffer.from('{"_type":"https://in-toto.io/Statement/v1","subject":[]}')
const TYPE = 'application/vnd.in-toto+json'

// biome-ignore lint/suspicious/noExplicitAny: bundles are taken apart and spoilt here.
type Loose = any

let verifier: Verifier
let signer: Signer
let other: Signer
let bundle: Loose

beforeAll(async () => {
  verifier = await loadVerifier()
  signer = makeSigner()
  other = makeSigner()
  bundle = JSON.parse(Buffer.from(await signStatement(STATEMENT, signer)).toString())
})

function verify(
  bundles: readonly (Loose | Uint8Array)[],
  keys: readonly PublicKey[] = [signer.key],
  threshold = 1,
): readonly PublicKey[] {
  const bytes = bundles.map((b) => (b instanceof Uint8Array ? b : Buffer.from(JSON.stringify(b))))
  return verifier.verifyStatement({ statement: STATEMENT, bundles: bytes, keys, threshold }).signers
}

/** A bundle that is changed by hand. */
function spoilt(change: (bundle: Loose) => void): Loose {
  const copy = structuredClone(bundle)
  change(copy)
  return copy
}

function pae(statement: Uint8Array, type = TYPE): Buffer {
  const head = `DSSEv1 ${type.length} ${type} ${statement.length} `
  return Buffer.concat([Buffer.from(head), statement])
}

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
        payload: STATEMENT.toString('base64'),
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

describe('tampering', () => {
  /** Unsigned by nature: hints, and fields that are empty. They change nothing about who signed. */
  const MALLEABLE = new Set(['/verificationMaterial/publicKey/hint'])

  function leaves(value: Loose, path = ''): readonly string[] {
    if (typeof value !== 'object') return [path]
    return [path, ...Object.keys(value).flatMap((key) => leaves(value[key], `${path}/${key}`))]
  }

  function replace(path: string, change: (parent: Loose, key: string) => void): Loose {
    return spoilt((copy) => {
      const keys = path.split('/').slice(1)
      const last = keys.pop() as string
      change(
        keys.reduce((at, key) => at[key], copy),
        last,
      )
    })
  }

  test('every field of the bundle, removed, replaced, renamed or joined', () => {
    const changes: readonly ((parent: Loose, key: string) => void)[] = [
      (parent, key) => {
        if (Array.isArray(parent)) parent.splice(Number(key), 1)
        else delete parent[key]
      },
      ...[null, 0, true, '', 'x', [], {}, [{}], { a: 1 }].map(
        (value) => (parent: Loose, key: string) => {
          parent[key] = value
        },
      ),
      (parent) => {
        parent.unknown = 1
      },
      (parent, key) => {
        if (typeof parent[key] === 'string') parent[key] += ' '
        else parent[key] = [parent[key]]
      },
      (parent, key) => {
        if (typeof parent[key] === 'string') parent[key] = parent[key].slice(0, -4)
        else parent[key] = String(parent[key])
      },
    ]
    const original = JSON.stringify(bundle)
    const accepted: string[] = []
    let refused = 0
    for (const path of leaves(bundle).filter((at) => at !== '')) {
      for (const [i, change] of changes.entries()) {
        const changed = replace(path, change)
        if (JSON.stringify(changed) === original) continue
        try {
          expect(verify([changed])).toEqual([signer.key])
          accepted.push(`${path} ${i}`)
        } catch (error) {
          expect(isRegistryError(error), `${path} ${i}: ${error}`).toBe(true)
          refused += 1
        }
      }
    }
    expect(refused).toBeGreaterThan(100)
    // An absent or empty timestampVerificationData means the same; a hint is a hint.
    const surprising = accepted.filter((entry) => !MALLEABLE.has(entry.split(' ')[0] as string))
    expect(surprising).toEqual(['/verificationMaterial/timestampVerificationData 0'])
  })

  test('sampled bytes of the JSON, flipped: refused with a code, or the same signer by a malleable byte', () => {
    const bytes = Buffer.from(JSON.stringify(bundle))
    const hint = bytes.indexOf('SHA256:')
    for (let at = 0; at < bytes.length; at += 3) {
      const copy = Buffer.from(bytes)
      copy[at] = (copy[at] ?? 0) ^ 0x01
      const inHint = at >= hint && at < hint + 50
      try {
        verify([copy])
        expect(
          inHint,
          `byte ${at} is not signed: ${copy.toString('latin1', at - 10, at + 10)}`,
        ).toBe(true)
      } catch (error) {
        expect(isRegistryError(error), `byte ${at}: ${error}`).toBe(true)
      }
    }
  })

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
          b.dsseEnvelope.payload = Buffer.from(`${STATEMENT} `).toString('base64')
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
      'BUNDLE_INVALID',
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

describe('who signed', () => {
  async function sign(by: Signer, statement: Uint8Array = STATEMENT): Promise<Uint8Array> {
    return signStatement(statement, by)
  }

  test('a hint does not make a key trusted, nor hide one that is (T23)', async () => {
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

  test('one key is one signer, however often it signs and is listed (T15)', async () => {
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
