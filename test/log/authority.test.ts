// Who may say what: every kind of entry, by every role, in every way that an entry can be wrong. The cases are generated from
// the two tables below, and a full replay and a draft on a stored log must give the same verdict.

import { describe, expect, test } from 'vitest'
import { canonicalBytes, isRegistryError, type Json } from '../../src/lib/index.ts'
import {
  type ActionKind,
  createReplay,
  draftGenesis,
  keyCid,
  makeGenesis,
  makeStatement,
  openDraft,
  type Position,
} from '../../src/log/index.ts'
import { publisherIdOf } from '../../src/spec/index.ts'
import { openMemoryStore } from '../../src/store/index.ts'
import { loadVerifier, type Signer, type Verifier } from '../../src/trust/index.ts'
import {
  cidFor,
  type Entry,
  type Keyring,
  makeKeyring,
  OTHER_TOOL,
  openManyKeys,
  rolesOf,
  type Signed,
  signAll,
  TOOL,
} from '../support/many-keys.ts'

const ROLES = ['root', 'release', 'brake', 'covering', 'elsewhere', 'log', 'stranger'] as const
type RoleName = (typeof ROLES)[number]

/** May (+) or may not (-), in the order of ROLES. `covering` and `elsewhere` hold delegations of com.acme and org.other. */
const MATRIX = {
  //                                       root  release  brake  covering  elsewhere  log  stranger
  genesis: /*                           */ ' +      -       -       -         -        -      -',
  keys: /*                              */ ' +      -       -       -         -        -      -',
  'delegate by the root role': /*       */ ' +      -       -       -         -        -      -',
  'delegate below com.acme': /*         */ ' -      -       -       +         -        -      -',
  'take back com.acme': /*              */ ' +      -       -       -         -        -      -',
  claim: /*                             */ ' +      -       -       -         -        -      -',
  'release below com.acme': /*          */ ' -      +       -       +         -        -      -',
  'release below org.other': /*         */ ' -      +       -       -         +        -      -',
  'release of com.acmeless': /*         */ ' -      +       -       -         -        -      -',
  deprecate: /*                         */ ' -      +       -       +         -        -      -',
  yank: /*                              */ ' -      +       -       +         -        -      -',
  'revoke a block': /*                  */ ' +      +       +       -         -        -      -',
  'revoke a key': /*                    */ ' +      +       +       -         -        -      -',
  tombstone: /*                         */ ' +      +       -       -         -        -      -',
  recover: /*                           */ ' +      -       -       -         -        -      -',
} as const
type Row = keyof typeof MATRIX

const OK = 'accepted'
const POLICY = 'SIGNER_UNAUTHORIZED'
const ORDER = 'SEQUENCE_INVALID'
const FORM = 'STATEMENT_INVALID'

/** What is wrong: the verdict where the role may say it, and where it may not. Order is looked at before signatures, signatures before the index. */
const CASES = {
  'right keys': [OK, POLICY],
  'three keys, one revoked': [POLICY, POLICY],
  'one key and a revoked one': [POLICY, POLICY],
  'below the threshold': [POLICY, POLICY],
  'one key twice': [POLICY, POLICY],
  'right keys and a stranger': [POLICY, POLICY],
  'no signature': ['UNSIGNED', 'UNSIGNED'],
  'signatures of the entry before': ['SUBJECT_MISMATCH', 'SUBJECT_MISMATCH'],
  'signed as another kind': ['SUBJECT_MISMATCH', 'SUBJECT_MISMATCH'],
  'another publisher named': [ORDER, ORDER],
  'another publisher’s own entry': [ORDER, ORDER],
  'an entry of this log again': [ORDER, ORDER],
  'seq one less': [ORDER, ORDER],
  'a gap': [ORDER, ORDER],
  'seq 2^53 - 2': [ORDER, ORDER],
  'seq 2^53 - 1': [FORM, FORM],
  'another prev': [ORDER, ORDER],
  'the prev of the entry before': [ORDER, ORDER],
  'another index root': ['PROOF_INVALID', POLICY],
  'the index root before': ['PROOF_INVALID', POLICY],
} as const satisfies Readonly<Record<string, readonly [string, string]>>
type Case = keyof typeof CASES

const verifier = memo(await loadVerifier())
const log = await openManyKeys()
/** Another publisher with the same keys. */
const twin = await openManyKeys(log.keyrings, '2026-11-22T00:00:00Z')
const { keyrings, publisher, store } = log
const heir = makeKeyring()
/** Roles without the keys that were revoked. */
const nextRoles = rolesOf({ ...keyrings, root: keyrings.next, release: heir, brake: heir })

const ACTIONS: { readonly [R in Exclude<Row, 'genesis'>]: Entry } = {
  keys: { kind: 'keys', roles: nextRoles, nextKeyHashes: undefined },
  'delegate by the root role': { kind: 'delegate', path: 'net.third', by: null, role: heir.role },
  'delegate below com.acme': { kind: 'delegate', path: TOOL, by: 'com.acme', role: heir.role },
  'take back com.acme': { kind: 'delegate', path: 'com.acme', by: null, role: null },
  claim: { kind: 'claim', namespace: 'com.acme' },
  'release below com.acme': release(TOOL, '2.0.0'),
  'release below org.other': release(OTHER_TOOL, '2.0.0'),
  // Paths cover whole segments: com.acme is not com.acmeless (T20).
  'release of com.acmeless': release('com.acmeless/tool', '1.0.0'),
  deprecate: { ...release(TOOL, '1.0.0'), kind: 'deprecate', message: 'old', successor: undefined },
  yank: { ...release(TOOL, '1.0.0'), kind: 'yank', reason: 'broken' },
  'revoke a block': {
    kind: 'revoke',
    target: 'block',
    reason: 'stolen',
    subject: cidFor(`${TOOL}@1.0.0`),
  },
  'revoke a key': {
    kind: 'revoke',
    target: 'key',
    reason: 'lost',
    subject: keyCid(keyrings.stranger.signers[0].key),
  },
  tombstone: { kind: 'tombstone', reason: 'a court said so', subject: cidFor(`${TOOL}@1.0.0`) },
  recover: { kind: 'recover', reason: undefined, subject: cidFor('a fork') },
}

function release(name: string, version: string) {
  return { kind: 'release', name, version, subject: cidFor(`${name}@${version}`) } as const
}

/** Who signs: two of three keys, of which the third was revoked. */
function keysOf(role: RoleName): readonly [Signer, Signer, Signer] {
  if (role === 'log') return [keyrings.log, keyrings.log, keyrings.log]
  return keyrings[role].signers
}

function signersFor(row: Row, role: RoleName, what: Case): readonly Signer[] {
  const [first, second, revoked] = keysOf(role)
  const [newFirst, newSecond] = keyrings.next.signers
  // Old and new root keys both sign a rotation; what is tried on the old is not tried on the new.
  const also = row === 'keys' ? [newFirst, newSecond] : []
  switch (what) {
    case 'three keys, one revoked':
      return [first, second, revoked, ...also]
    case 'one key and a revoked one':
      return [first, revoked, ...also]
    case 'below the threshold':
      return [first, ...also]
    case 'one key twice':
      return [first, first, ...also]
    case 'right keys and a stranger':
      return [first, second, makeKeyring().signers[0], ...also]
    default:
      return [first, second, ...also]
  }
}

/** The place that the next entry has, if it says this. */
async function placeOf(action: Entry, by: readonly Signer[]): Promise<Position> {
  const draft = await openDraft(store, publisher)
  const { size: seq, head: prev } = draft.state
  await draft.add(action, ...by)
  return { publisher, seq, prev, index: draft.state.index }
}

function makeBytes(action: Entry, place: Position, what: Case): Uint8Array {
  const before = log.entries.at(-2)?.statement ?? new Uint8Array()
  const changes: Partial<Record<Case, Partial<Position>>> = {
    'another publisher named': { publisher: publisherIdOf(Buffer.from('other')) },
    'another publisher’s own entry': { publisher: twin.publisher },
    'seq one less': { seq: place.seq - 1 },
    'a gap': { seq: place.seq + 1 },
    'seq 2^53 - 2': { seq: 2 ** 53 - 2 },
    'another prev': { prev: cidFor('another') },
    'the prev of the entry before': { prev: JSON.parse(`${Buffer.from(before)}`).predicate.prev },
    'another index root': { index: cidFor('another') },
    'the index root before': { index: JSON.parse(`${Buffer.from(before)}`).predicate.index },
  }
  const { bytes } = makeStatement(action, { ...place, ...changes[what] })
  return what === 'seq 2^53 - 1' ? edited(bytes, { seq: Number.MAX_SAFE_INTEGER }) : bytes
}

function edited(bytes: Uint8Array, predicate: Readonly<Record<string, Json>>): Uint8Array {
  const statement = JSON.parse(Buffer.from(bytes).toString())
  return canonicalBytes({ ...statement, predicate: { ...statement.predicate, ...predicate } })
}

async function entryFor(row: Row, role: RoleName, what: Case, place: Position): Promise<Signed> {
  const action = ACTIONS[row as Exclude<Row, 'genesis'>]
  const [last] = log.entries.slice(-1) as [Signed]
  if (what === 'an entry of this log again') return last
  const statement = makeBytes(action, place, what)
  if (what === 'no signature') return { statement, bundles: [] }
  if (what === 'signatures of the entry before') return { ...last, statement }
  const signed = what === 'signed as another kind' ? asAnotherKind(statement) : statement
  return { statement, bundles: await signAll(signed, signersFor(row, role, what)) }
}

function asAnotherKind(bytes: Uint8Array): Uint8Array {
  const statement = JSON.parse(Buffer.from(bytes).toString())
  return canonicalBytes({ ...statement, predicateType: 'https://toolmark.dev/other/v1' })
}

async function verdictOf(act: () => Promise<unknown>): Promise<string> {
  try {
    await act()
    return OK
  } catch (error) {
    if (isRegistryError(error)) return error.code
    throw error
  }
}

let fresh: ReturnType<typeof createReplay> | undefined

/**
 * A replay of the whole log, and then of this entry. What is refused before the index is looked at must not have changed anything, so the
 * replay goes on to the next case.
 */
async function replayed(entry: Signed): Promise<string> {
  const replay = fresh ?? createReplay(verifier)
  if (fresh === undefined) for (const stored of log.entries) await replay.add(stored)
  const verdict = await verdictOf(() => replay.add(entry))
  fresh = verdict === OK || verdict === 'PROOF_INVALID' ? undefined : replay
  return verdict
}

/** The entry as one that was signed elsewhere, for the log as it is stored. */
async function appended(entry: Signed): Promise<string> {
  const draft = await openDraft(store, publisher)
  return verdictOf(() => draft.append(entry, verifier))
}

/** The same verdict on the same signatures: what is not looked at is not looked at twice. */
function memo(real: Verifier): Verifier {
  const known = new WeakMap<Uint8Array, ReturnType<Verifier['verifyStatement']>>()
  return {
    ...real,
    verifyStatement(claim) {
      const isStored = log.entries.some(({ bundles }) => bundles === claim.bundles)
      const before = isStored ? known.get(claim.statement) : undefined
      const verified = before ?? real.verifyStatement(claim)
      if (isStored) known.set(claim.statement, verified)
      return verified
    },
  }
}

function isAllowed(row: Row, role: RoleName): boolean {
  return MATRIX[row].trim().split(/ +/)[ROLES.indexOf(role)] === '+'
}

function allowedRole(row: Row): RoleName {
  const found = ROLES.find((role) => isAllowed(row, role))
  if (found === undefined) throw new Error(`nobody may ${row}`)
  return found
}

const ROWS = (Object.keys(MATRIX) as Row[]).filter((row) => row !== 'genesis')
const NAMES = Object.keys(CASES) as Case[]

test('the table knows every kind of entry', () => {
  const kinds = new Set<ActionKind>(['genesis', ...Object.values(ACTIONS).map(({ kind }) => kind)])
  expect([...kinds].sort()).toEqual(
    'claim delegate deprecate genesis keys recover release revoke tombstone yank'.split(' '),
  )
  for (const row of Object.values(MATRIX)) expect(row.match(/[+-]/g)).toHaveLength(ROLES.length)
})

describe.each(ROWS)('%s', (row) => {
  test.each(ROLES)('by %s', async (role) => {
    const place = await placeOf(
      ACTIONS[row as Exclude<Row, 'genesis'>],
      signersFor(row, allowedRole(row), 'right keys'),
    )
    const expected: Record<string, string> = {}
    const replay: Record<string, string> = {}
    const draft: Record<string, string> = {}
    for (const what of NAMES) {
      expected[what] = CASES[what][isAllowed(row, role) ? 0 : 1]
      const entry = await entryFor(row, role, what, place)
      replay[what] = await replayed(entry)
      draft[what] = await appended(entry)
    }
    expect(replay, 'a full replay').toEqual(expected)
    expect(draft, 'a draft on the stored log').toEqual(expected)
  })

  test.each(ROLES)('by %s, as a draft asks before it signs', async (role) => {
    const expected: Record<string, string> = {}
    const got: Record<string, string> = {}
    for (const what of NAMES.slice(0, NAMES.indexOf('no signature'))) {
      expected[what] = CASES[what][isAllowed(row, role) ? 0 : 1]
      const draft = await openDraft(store, publisher)
      const signers = signersFor(row, role, what)
      got[what] = await verdictOf(() =>
        draft.add(ACTIONS[row as Exclude<Row, 'genesis'>], ...signers),
      )
    }
    expect(got).toEqual(expected)
  })
})

describe('genesis', () => {
  const SIGNATURES = NAMES.slice(0, NAMES.indexOf('signatures of the entry before'))
  /** Nothing has been revoked before the first entry. */
  const EARLY: readonly Case[] = ['three keys, one revoked', 'one key and a revoked one']

  test.each(ROLES)('by %s', async (role) => {
    for (const what of SIGNATURES) {
      const may = isAllowed('genesis', role)
      const expected = may && EARLY.includes(what) ? OK : CASES[what][may ? 0 : 1]
      const { bytes: statement } = makeGenesis({
        roles: log.roles,
        nextKeyHashes: undefined,
        created: undefined,
      })
      const signers = what === 'no signature' ? [] : signersFor('genesis', role, what)
      const bundles = await signAll(statement, signers)
      const replay = await verdictOf(() => createReplay(verifier).add({ statement, bundles }))
      expect(replay, what).toBe(expected)
      const draft = await verdictOf(() =>
        draftGenesis({
          store: openMemoryStore(),
          roles: log.roles,
          rootSigner: signers,
          logSigner: keyrings.log,
        }),
      )
      expect(draft, what).toBe(expected === 'UNSIGNED' ? POLICY : expected)
    }
  })

  test('never again, and nothing before it', async () => {
    const [genesis] = log.entries as [Signed]
    const [foreign, second] = twin.entries as [Signed, Signed]
    for (const entry of [genesis, foreign, await anotherGenesis(keyrings.stranger)]) {
      expect(await replayed(entry)).toBe(ORDER)
      expect(await appended(entry)).toBe(ORDER)
    }
    expect(await verdictOf(() => createReplay(verifier).add(second))).toBe(ORDER)
  })

  async function anotherGenesis(root: Keyring): Promise<Signed> {
    const { bytes: statement } = makeGenesis({
      roles: rolesOf({ ...keyrings, root }),
      nextKeyHashes: undefined,
      created: undefined,
    })
    return { statement, bundles: await signAll(statement, root.signers.slice(0, 2)) }
  }
})

describe('keys', () => {
  const [oldFirst, oldSecond] = keyrings.root.signers
  const [newFirst, newSecond] = keyrings.next.signers

  test.each<[string, readonly Signer[], string]>([
    ['old and new root keys', [oldFirst, oldSecond, newFirst, newSecond], OK],
    ['the new ones first', [newSecond, newFirst, oldSecond, oldFirst], OK],
    ['old ones only', [oldFirst, oldSecond], POLICY],
    ['new ones only', [newFirst, newSecond], POLICY],
    ['too few old ones', [oldFirst, newFirst, newSecond], POLICY],
    ['too few new ones', [oldFirst, oldSecond, newFirst], POLICY],
    ['one new one twice', [oldFirst, oldSecond, newFirst, newFirst], POLICY],
    ['nobody', [], 'UNSIGNED'],
  ])('t15-threshold: %s', async (_, signers, expected) => {
    const place = await placeOf(ACTIONS.keys, [oldFirst, oldSecond, newFirst, newSecond])
    const statement = makeBytes(ACTIONS.keys, place, 'right keys')
    const entry = { statement, bundles: await signAll(statement, signers) }
    expect(await replayed(entry)).toBe(expected)
    expect(await appended(entry)).toBe(expected)
  })
})
