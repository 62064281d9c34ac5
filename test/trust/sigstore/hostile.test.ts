// Bundles and roots made to hurt: huge, deep, with a key twice, of the wrong type everywhere. Always a coded error, soon, and never a raw one.

import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { isRegistryError, type RegistryError } from '../../../src/lib/index.ts'
import {
  parseSigstoreRoot,
  publicGoodRoot,
  verifyKeyless,
} from '../../../src/trust/sigstore/index.ts'
import { processorMs } from '../../support/processor-time.ts'
import {
  bytesOf,
  changed,
  type Loose,
  leavesOf,
  looseFixture,
  readFixture,
  statementOf,
  valueAt,
  verifyAny,
} from './bundles.ts'

const root = publicGoodRoot()
const good = looseFixture('statement-with-timestamp.sigstore.json')
const statement = statementOf(good)
const check = (bundle: Uint8Array): unknown => verifyKeyless({ bundle, statement, root })

describe('hostile bundles', () => {
  test.each([
    ['nothing', ''],
    ['not UTF-8', Buffer.from([0x7b, 0xff, 0x7d])],
    ['a byte order mark', `\ufeff${JSON.stringify(good)}`],
    ['cut off', JSON.stringify(good).slice(0, -2)],
    ['a list', '[]'],
    ['null', 'null'],
    ['a number', '1'],
    ['a key twice', JSON.stringify(good).replace('{', '{"mediaType":"x",')],
    ['__proto__', JSON.stringify(good).replace('{', '{"__proto__":{},')],
    ['100,000 lists deep', '['.repeat(100_000)],
    ['a lone surrogate', '{"mediaType":"\\ud800"}'],
  ])('%s', (_what, text) => {
    const error = refusalOf(() => check(Buffer.from(text)))
    expect(['BUNDLE_INVALID', 'LIMIT_EXCEEDED']).toContain(error.code)
    expect(error.details.next).toMatch(/Do not use it/)
  })

  test('t29-huge-bundle: too large is said before anything is parsed', () => {
    const bytes = Buffer.alloc(64 * 1024 + 1, ' ')
    const refused = (): void => expect(refusalOf(() => check(bytes)).code).toBe('LIMIT_EXCEEDED')
    expect(processorMs(refused)).toBeLessThan(50)
  })

  test('evidence without end is refused by its count, unseen', () => {
    const [entry] = good.verificationMaterial.tlogEntries
    const many = changed(good, ['verificationMaterial', 'tlogEntries'], Array(9).fill(entry))
    const error = refusalOf(() => check(bytesOf(many)))
    expect(error.details).toMatchObject({ expected: 'at most 8 items', got: 'a list of 9' })
  })

  test('the same evidence twice counts once, and is refused', () => {
    const [entry] = good.verificationMaterial.tlogEntries
    const twice = changed(good, ['verificationMaterial', 'tlogEntries'], [entry, entry])
    expect(refusalOf(() => check(bytesOf(twice))).message).toMatch(/timestamp|log entry/i)
  })

  test('any value anywhere: a coded error, or one of the fields that nobody signs', () => {
    const places = nodesOf(good)
    fc.assert(
      fc.property(fc.constantFrom(...places), fc.jsonValue({ maxDepth: 2 }), (path, value) => {
        const spoilt = bytesOf(changed(good, path, value))
        for (const run of [() => check(spoilt), () => verifyAny(spoilt, root)]) codeOf(run)
      }),
      { numRuns: 300 },
    )
  })

  test.each([
    ['fields that nobody knows', ['extra'], 1, '/extra'],
    [
      'in an entry',
      ['verificationMaterial', 'tlogEntries', '0', 'note'],
      'x',
      '/verificationMaterial/tlogEntries/0/note',
    ],
    [
      'in a signature',
      ['dsseEnvelope', 'signatures', '0', 'cert'],
      'x',
      '/dsseEnvelope/signatures/0/cert',
    ],
  ])('%s are refused in our own form, and passed over in others’', (_what, path, value, place) => {
    const bytes = bytesOf(changed(good, path, value))
    expect(refusalOf(() => check(bytes)).details.path).toBe(place)
    expect(() => verifyAny(bytes, root)).not.toThrow()
  })

  test('t22-two-contents: with an envelope and a file’s signature in one, neither is read', () => {
    const both = { ...good, messageSignature: {} }
    expect(refusalOf(() => verifyAny(bytesOf(both), root)).details.got).toBe(
      'dsseEnvelope and messageSignature',
    )
  })

  test('t22-other-statement: a good bundle over other bytes', () => {
    const error = refusalOf(() =>
      verifyKeyless({ bundle: bytesOf(good), statement: Buffer.from('{}'), root }),
    )
    expect(error.code).toBe('SUBJECT_MISMATCH')
  })
})

describe('hostile roots', () => {
  const loose: Loose = JSON.parse(readFixture('rekor2.trusted_root.json').toString())

  test.each([
    ['no start', ['tlogs', '0', 'publicKey', 'validFor', 'start'], undefined, 'the field start'],
    ['no period', ['ctlogs', '0', 'publicKey', 'validFor'], undefined, 'the field validFor'],
    [
      'no period of an authority',
      ['certificateAuthorities', '0', 'validFor'],
      undefined,
      'the field validFor',
    ],
    [
      'a date that is none',
      ['tlogs', '0', 'publicKey', 'validFor', 'start'],
      'yesterday',
      'a time such as',
    ],
    [
      'an end before the start',
      ['tlogs', '0', 'publicKey', 'validFor', 'end'],
      '1999-01-01T00:00:00Z',
      'an end after the start',
    ],
    ['no chain', ['certificateAuthorities', '0', 'certChain', 'certificates'], [], 'a certificate'],
    [
      'an unknown kind of key',
      ['tlogs', '0', 'publicKey', 'keyDetails'],
      'NEW_KEY',
      'a kind of key that is known here',
    ],
    ['an empty address', ['tlogs', '0', 'baseUrl'], '', 'the address of the log'],
    [
      'another media type',
      ['mediaType'],
      'text/plain',
      'application/vnd.dev.sigstore.trustedroot+json',
    ],
    [
      'a key that is none',
      ['tlogs', '0', 'publicKey', 'rawBytes'],
      'AAAA',
      'keys and certificates that can be read',
    ],
  ])('%s', (_what, path, value, expected) => {
    const error = refusalOf(() => parseSigstoreRoot(bytesOf(changed(loose, path, value))))
    expect(error.code).toBe('ROOT_INVALID')
    expect(error.details.expected).toContain(expected)
    expect(error.details.next).toMatch(/trusted root again/)
  })

  test('any value anywhere: a root, or a coded error', () => {
    const places = nodesOf(loose)
    fc.assert(
      fc.property(fc.constantFrom(...places), fc.jsonValue({ maxDepth: 2 }), (path, value) => {
        codeOf(() => parseSigstoreRoot(bytesOf(changed(loose, path, value))))
      }),
      { numRuns: 200 },
    )
  })

  test.each([
    [{ options: { timestamps: 0 } }, 'timestamps from 1 to 8'],
    [{ options: { logs: 0 } }, 'logs from 1 to 8'],
    [{ options: { scts: Number.NaN } }, 'scts from 1 to 8'],
    [{ issuers: [] }, 'at least one issuer'],
    [{ issuers: [''] }, 'at least one issuer'],
  ])('settings that ask for nothing: %j', (settings, expected) => {
    const error = refusalOf(() => parseSigstoreRoot(bytesOf(loose), settings))
    expect(error.details.expected).toContain(expected)
  })

  test('something that only looks like a root is trusted in nothing', () => {
    const fake = { ...root }
    expect(refusalOf(() => verifyAny(bytesOf(good), fake)).code).toBe('ROOT_INVALID')
  })
})

function refusalOf(run: () => unknown): RegistryError {
  try {
    run()
  } catch (error) {
    if (isRegistryError(error)) return error
    throw error
  }
  throw new Error('it was accepted')
}

function codeOf(run: () => unknown): string {
  try {
    run()
    return 'accepted'
  } catch (error) {
    if (isRegistryError(error)) return error.code
    throw error
  }
}

/** Leaves, and all that holds them. */
function nodesOf(document: Loose): readonly string[][] {
  const leaves = leavesOf(document)
  const nodes = leaves.flatMap((path) => path.map((_, i) => path.slice(0, i + 1)))
  const unique = new Map(nodes.map((path) => [path.join('/'), path]))
  return [...unique.values()].filter((path) => valueAt(document, path) !== undefined)
}
