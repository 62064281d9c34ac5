// Statements: what is built reads back, and everything that is not exactly the form is refused with its place.

import { describe, expect, test } from 'vitest'
import { type Cid, cidOf, digestOf } from '../../src/cid/index.ts'
import { canonicalBytes, toHex } from '../../src/lib/index.ts'
import { EMPTY_INDEX, parseStatement, type Roles } from '../../src/log/index.ts'
import { publisherIdOf } from '../../src/spec/index.ts'
import {
  createPublisher,
  createSigner,
  genesisStatement,
  refusalOf,
  releaseStatement,
} from './helpers.ts'

const { roles } = createPublisher()
const cid = (text: string): Cid => cidOf(Buffer.from(text))
const subjectOf = (name: Cid): object => ({ name, digest: { sha256: toHex(digestOf(name)) } })
const genesis = genesisStatement({ roles })
const publisher = publisherIdOf(genesis)
const release = {
  publisher,
  seq: 1,
  prev: cidOf(genesis),
  index: cid('index'),
  name: 'com.example/weather',
  version: '1.0.0',
  release: cid('release'),
}

test('a genesis reads back, and names itself by its hash', () => {
  const created = '2026-11-21T09:30:00.123Z'
  const bytes = genesisStatement({ roles, created })
  expect(parseStatement(bytes)).toEqual({
    kind: 'genesis',
    cid: cidOf(bytes),
    bytes,
    publisher: publisherIdOf(bytes),
    seq: 0,
    prev: null,
    index: EMPTY_INDEX.cid,
    subject: cidOf(canonicalBytes(roles)),
    roles,
    created,
  })
  expect(parseStatement(genesis)).toMatchObject({ created: undefined })
})

test('a release reads back', () => {
  const bytes = releaseStatement(release)
  const { release: subject, ...fields } = release
  expect(parseStatement(bytes)).toEqual({
    kind: 'release',
    cid: cidOf(bytes),
    bytes,
    subject,
    ...fields,
  })
  expect(JSON.parse(Buffer.from(bytes).toString())).toEqual({
    _type: 'https://in-toto.io/Statement/v1',
    subject: [subjectOf(subject)],
    predicateType: 'https://toolmark.dev/release/v1',
    predicate: fields,
  })
})

interface Draft {
  [key: string]: unknown
  subject: unknown[]
  predicate: Record<string, unknown>
}

/** The statement's JSON after `change`, canonical again. */
function altered(bytes: Uint8Array, change: (draft: Draft) => unknown): Uint8Array {
  const draft: Draft = JSON.parse(Buffer.from(bytes).toString())
  change(draft)
  return canonicalBytes(draft)
}

const WORDS = 'This is not a statement of a publisher’s log. expected'

describe('a release is refused with', () => {
  const bytes = releaseStatement(release)
  const same = toHex(digestOf(release.release))
  const count = 'a whole number from 1 to 2^53 - 2'
  test.each<[string, (draft: Draft) => unknown, string]>([
    [
      'another type',
      (d) => (d._type = 'https://in-toto.io/Statement/v0.1'),
      `STATEMENT_INVALID at /_type: ${WORDS} "https://in-toto.io/Statement/v1"; got "https://in-toto.io/Statement/v0.1"`,
    ],
    [
      'another predicate type',
      (d) => (d.predicateType = 'https://toolmark.dev/other/v1'),
      `STATEMENT_INVALID at /predicateType: ${WORDS} ${['genesis', 'keys', 'delegate', 'claim', 'release', 'deprecate', 'yank', 'revoke', 'tombstone', 'recover'].map((kind) => `https://toolmark.dev/${kind}/v1`).join(', ')}; got "https://toolmark.dev/other/v1"`,
    ],
    [
      'the genesis type (replay as another action)',
      (d) => (d.predicateType = 'https://toolmark.dev/genesis/v1'),
      `STATEMENT_INVALID at /predicate: ${WORDS} a field roles; got none`,
    ],
    [
      'a field more',
      (d) => (d.x = 1),
      `STATEMENT_INVALID at : ${WORDS} only the fields _type, subject, predicateType, predicate; got a field "x"`,
    ],
    [
      'a field less',
      (d) => delete d._type,
      `STATEMENT_INVALID at : ${WORDS} a field _type; got none`,
    ],
    [
      'no subject',
      (d) => (d.subject = []),
      `STATEMENT_INVALID at /subject: ${WORDS} a list of one subject; got a list of 0`,
    ],
    [
      'two subjects',
      (d) => d.subject.push(subjectOf(cid('other'))),
      `STATEMENT_INVALID at /subject: ${WORDS} a list of one subject; got a list of 2`,
    ],
    [
      'a subject whose name is not its digest',
      (d) => (d.subject = [{ name: cid('other'), digest: { sha256: same } }]),
      `STATEMENT_INVALID at /subject/0/digest/sha256: ${WORDS} "${toHex(digestOf(cid('other')))}"; got "${same}"`,
    ],
    [
      'a second digest',
      (d) => (d.subject = [{ name: release.release, digest: { sha1: '', sha256: same } }]),
      `STATEMENT_INVALID at /subject/0/digest: ${WORDS} only the fields sha256; got a field "sha1"`,
    ],
    [
      'an upper-case digest',
      (d) => (d.subject = [{ name: release.release, digest: { sha256: same.toUpperCase() } }]),
      `STATEMENT_INVALID at /subject/0/digest/sha256: ${WORDS} "${same}"; got "${same.toUpperCase()}"`,
    ],
    [
      'a predicate field more',
      (d) => (d.predicate.x = 1),
      `STATEMENT_INVALID at /predicate: ${WORDS} only the fields publisher, seq, prev, index, name, version; got a field "x"`,
    ],
    [
      'seq 0',
      (d) => (d.predicate.seq = 0),
      `STATEMENT_INVALID at /predicate/seq: ${WORDS} ${count}; got 0`,
    ],
    [
      'seq 1.5',
      (d) => (d.predicate.seq = 1.5),
      `STATEMENT_INVALID at /predicate/seq: ${WORDS} ${count}; got 1.5`,
    ],
    [
      'seq as text',
      (d) => (d.predicate.seq = '1'),
      `STATEMENT_INVALID at /predicate/seq: ${WORDS} ${count}; got "1"`,
    ],
    [
      'seq 2^53 - 1 (fast-forward)',
      (d) => (d.predicate.seq = 2 ** 53 - 1),
      `STATEMENT_INVALID at /predicate/seq: ${WORDS} ${count}; got 9007199254740991`,
    ],
    [
      'no prev',
      (d) => (d.predicate.prev = null),
      `STATEMENT_INVALID at /predicate/prev: ${WORDS} a CID (bafkrei…, 59 characters); got null`,
    ],
    [
      'an index that is no CID',
      (d) => (d.predicate.index = 'x'),
      `STATEMENT_INVALID at /predicate/index: ${WORDS} a CID (bafkrei…, 59 characters); got "x"`,
    ],
    [
      'a predicate that is a list',
      (d) => (d.predicate = [] as never),
      `STATEMENT_INVALID at /predicate: ${WORDS} an object; got a list of 0`,
    ],
  ])('%s', (_, change, text) => {
    expect(refusalOf(() => parseStatement(altered(bytes, change)))).toBe(text)
  })

  test.each<[string, (draft: Draft) => unknown, RegExp]>([
    ['a publisher that is none', (d) => (d.predicate.publisher = 'p'), /^NAME_INVALID/],
    ['a name in upper case', (d) => (d.predicate.name = 'com.example/Weather'), /^NAME_INVALID/],
  ])('%s', (_, change, code) => {
    expect(refusalOf(() => parseStatement(altered(bytes, change)))).toMatch(code)
  })

  test('a version with build metadata', () => {
    expect(() => parseStatement(altered(bytes, (d) => (d.predicate.version = '1.0.0+a')))).toThrow(
      'This is not a version.',
    )
  })
})

describe('a genesis is refused with', () => {
  const other = createSigner('ecdsa-p256').key
  const [own] = roles.root.keys
  const withRoles =
    (change: (roles: Record<string, Record<string, unknown>>) => unknown) => (d: Draft) => {
      const changed = d.predicate.roles as Record<string, Record<string, unknown>>
      change(changed)
      d.subject = [subjectOf(cidOf(canonicalBytes(changed)))]
    }
  const at = '/predicate/roles'
  const date = 'a time such as 2026-11-21T09:30:00Z'
  test.each<[string, (draft: Draft) => unknown, string]>([
    ['another seq', (d) => (d.predicate.seq = 1), `/predicate/seq: ${WORDS} 0; got 1`],
    [
      'a prev',
      (d) => (d.predicate.prev = cid('x')),
      `/predicate/prev: ${WORDS} null; got "${cid('x')}"`,
    ],
    [
      'an index with content',
      (d) => (d.predicate.index = cid('x')),
      `/predicate/index: ${WORDS} "${EMPTY_INDEX.cid}"; got "${cid('x')}"`,
    ],
    [
      'a publisher of its own choice',
      (d) => (d.predicate.publisher = publisher),
      `/predicate: ${WORDS} only the fields seq, prev, index, roles, nextKeyHashes, created; got a field "publisher"`,
    ],
    [
      '30 February',
      (d) => (d.predicate.created = '2026-02-30T00:00:00Z'),
      `/predicate/created: ${WORDS} ${date}; got "2026-02-30T00:00:00Z"`,
    ],
    [
      'a local time',
      (d) => (d.predicate.created = '2026-02-01T00:00:00+01:00'),
      `/predicate/created: ${WORDS} ${date}; got "2026-02-01T00:00:00+01:00"`,
    ],
    [
      'a subject that is not its roles',
      (d) => (d.subject = [subjectOf(cid('x'))]),
      `/subject/0/name: ${WORDS} "${cidOf(canonicalBytes(roles))}"; got "${cid('x')}"`,
    ],
    [
      'threshold 0',
      withRoles((r) => ((r.root ?? {}).threshold = 0)),
      `${at}/root/threshold: ${WORDS} a whole number from 1 to 2^53 - 2; got 0`,
    ],
    [
      'a threshold over its keys',
      withRoles((r) => ((r.brake ?? {}).threshold = 2)),
      `${at}/brake/threshold: ${WORDS} a threshold of at most 1; got 2`,
    ],
    [
      'one key twice',
      withRoles((r) => (r.release = { threshold: 2, keys: [own, own] })),
      `${at}/release/keys/1: ${WORDS} distinct keys; got one key twice`,
    ],
    [
      'no keys',
      withRoles((r) => (r.release = { threshold: 1, keys: [] })),
      `${at}/release/threshold: ${WORDS} a threshold of at most 0; got 1`,
    ],
    [
      'an Ed25519 root key',
      withRoles((r) => (r.root = { threshold: 1, keys: roles.log.keys })),
      `${at}/root/keys/0: ${WORDS} a key of type ecdsa-p256; got ed25519`,
    ],
    [
      'a P-256 log key',
      withRoles((r) => (r.log = { keys: [own] })),
      `${at}/log/keys/0: ${WORDS} a key of type ed25519; got ecdsa-p256`,
    ],
    [
      'no log key',
      withRoles((r) => (r.log = { keys: [] })),
      `${at}/log/keys: ${WORDS} one log key; got 0 keys`,
    ],
    [
      'a log threshold',
      withRoles((r) => (r.log = { threshold: 1, keys: roles.log.keys })),
      `${at}/log: ${WORDS} only the fields keys; got a field "threshold"`,
    ],
    [
      'another role',
      withRoles((r) => (r.admin = {})),
      `${at}: ${WORDS} only the fields root, release, brake, log; got a field "admin"`,
    ],
    [
      'keys that are no list',
      withRoles((r) => (r.root = { threshold: 1, keys: {} })),
      `${at}/root/keys: ${WORDS} a list of at most 16 keys; got an object`,
    ],
  ])('%s', (_, change, text) => {
    expect(refusalOf(() => parseStatement(altered(genesis, change)))).toBe(
      `STATEMENT_INVALID at ${text}`,
    )
  })

  test('a key that is none, with its place', () => {
    const bad = altered(
      genesis,
      withRoles((r) => (r.root = { threshold: 1, keys: [{ ...other, spki: 'AAAA' }] })),
    )
    expect(refusalOf(() => parseStatement(bad))).toMatch(
      new RegExp(`^KEY_INVALID at ${at}/root/keys/0`),
    )
  })

  test('two log keys', () => {
    const [key] = roles.log.keys
    const bad = altered(
      genesis,
      withRoles((r) => (r.log = { keys: [key, createSigner('ed25519').key] })),
    )
    expect(refusalOf(() => parseStatement(bad))).toBe(
      `STATEMENT_INVALID at ${at}/log/keys: ${WORDS} one log key; got 2 keys`,
    )
  })
})

test('bytes that are not canonical, or too many', () => {
  const text = Buffer.from(genesis).toString()
  expect(refusalOf(() => parseStatement(Buffer.from(`${text} `)))).toMatch(/^NOT_CANONICAL/)
  expect(() => parseStatement(canonicalBytes({ x: 'x'.repeat(16 * 1024) }))).toThrow()
})

test('what readers would refuse is never built', () => {
  const broken = { ...roles, root: { threshold: 2, keys: roles.root.keys } } satisfies Roles
  expect(refusalOf(() => genesisStatement({ roles: broken }))).toMatch(/^STATEMENT_INVALID/)
  expect(refusalOf(() => releaseStatement({ ...release, seq: 0 }))).toMatch(/^STATEMENT_INVALID/)
  expect(refusalOf(() => releaseStatement({ ...release, name: 'weather' }))).toMatch(
    /^NAME_INVALID/,
  )
})
