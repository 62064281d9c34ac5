// What a log may say once, what it may never say, and what it can say only so much of: the same for a full replay, for a draft, and
// for a client that has only the blocks of the index.

import { describe, expect, test } from 'vitest'
import { canonicalBytes, isRegistryError, type JsonObject } from '../../src/lib/index.ts'
import {
  createReplay,
  historyBlock,
  keyCid,
  makeGenesis,
  makeStatement,
  openAuthority,
  openDraft,
  parseAuthorityBlock,
  parseHistory,
  parseStatement,
} from '../../src/log/index.ts'
import { genesisAuthority } from '../../src/log/replay/authority.ts'
import { authorityBlock } from '../../src/log/replay/authority-block.ts'
import { NO_NOTICES } from '../../src/log/replay/notices.ts'
import { loadVerifier, type Signer } from '../../src/trust/index.ts'
import {
  cidFor,
  type Entry,
  type Keyring,
  makeKeyring,
  openManyKeys,
  rolesOf,
  type Signed,
  signAll,
  TOOL,
} from '../support/many-keys.ts'
import { createSigner, refusalOf } from './helpers.ts'

const verifier = await loadVerifier()
const log = await openManyKeys()
const { keyrings, publisher, store } = log
const { root, release, brake, covering } = keyrings
const theOne = { name: TOOL, version: '1.0.0', subject: cidFor(`${TOOL}@1.0.0`) }
const heir = makeKeyring()

const two = ({ signers: [first, second] }: Keyring): readonly Signer[] => [first, second]

async function codeOf(act: () => Promise<unknown>): Promise<string> {
  try {
    await act()
    return 'accepted'
  } catch (error) {
    if (isRegistryError(error)) return error.code
    throw error
  }
}

type Step = readonly [action: Entry, by: Keyring]

/** The log with these steps said and stored: `openManyKeys` has the same keys, so each test may start anew. */
async function after(steps: readonly Step[], logSigner = keyrings.log): Promise<readonly Signed[]> {
  const draft = await openDraft(store, publisher)
  for (const [action, by] of steps) await draft.add(action, ...signersOf(action, by))
  const { put = [], blocks = [] } = await draft.finish(logSigner)
  const at = new Map(put.map(({ table, key, value }) => [`${table}/${key}`, value]))
  return blocks.map(({ cid, bytes }) => ({
    statement: bytes,
    bundles: [...at].filter(([key]) => key.startsWith(`bundle/${cid}/`)).map(([, value]) => value),
  }))
}

function signersOf(action: Entry, by: Keyring): readonly Signer[] {
  return action.kind === 'keys' ? [...two(by), ...two(heir)] : two(by)
}

/** The verdict on one more entry, whose index root is the one of the entry before: by a replay, and by a draft. */
async function verdicts(
  steps: readonly Step[],
  [action, by]: Step,
  logSigner = keyrings.log,
): Promise<readonly string[]> {
  const entries = await after(steps, logSigner)
  const replay = createReplay(verifier)
  for (const entry of [...log.entries, ...entries]) await replay.add(entry)
  const { state } = replay
  if (state === undefined) throw new Error('no log')
  const { size: seq, head: prev, index } = state
  const { bytes } = makeStatement(action, { publisher, seq, prev, index })
  const entry = { statement: bytes, bundles: await signAll(bytes, signersOf(action, by)) }
  const draft = await openDraft(store, publisher)
  for (const before of entries) await draft.append(before, verifier)
  return [await codeOf(() => replay.add(entry)), await codeOf(() => draft.append(entry, verifier))]
}

const deprecate = (message: string, successor?: string): Entry => ({
  ...theOne,
  kind: 'deprecate',
  message,
  successor,
})
const yank = (reason: string): Entry => ({ ...theOne, kind: 'yank', reason })
const revoke = (subject = theOne.subject, target: 'block' | 'key' = 'block'): Entry => ({
  kind: 'revoke',
  target,
  subject,
  reason: 'stolen',
})
const tombstone: Entry = { kind: 'tombstone', subject: theOne.subject, reason: 'a court said so' }
const recover: Entry = { kind: 'recover', subject: cidFor('fork'), reason: undefined }
const claim: Entry = { kind: 'claim', namespace: 'com.acme' }
const delegateTo = (path: string, by: string | null, to: Keyring | null): Entry => ({
  kind: 'delegate',
  path,
  by,
  role: to?.role ?? null,
})

const LIFE = ['LIFECYCLE_INVALID', 'LIFECYCLE_INVALID']
const POLICY = ['SIGNER_UNAUTHORIZED', 'SIGNER_UNAUTHORIZED']

describe('t19-unyank: what is said is said once, and stays', () => {
  test.each<[string, readonly Step[], Step, readonly string[]]>([
    ['the same release', [], [{ ...theOne, kind: 'release' }, release], LIFE],
    [
      'the version with other content',
      [],
      [{ ...theOne, kind: 'release', subject: cidFor('other') }, release],
      ['VERSION_EXISTS', 'VERSION_EXISTS'],
    ],
    ['a second yank', [[yank('a'), release]], [yank('a'), release], LIFE],
    ['a second yank for another reason', [[yank('a'), release]], [yank('b'), release], LIFE],
    [
      'the release again after its yank',
      [[yank('a'), release]],
      [{ ...theOne, kind: 'release' }, release],
      LIFE,
    ],
    ['a second deprecation', [[deprecate('a'), release]], [deprecate('a'), release], LIFE],
    ['a deprecation in other words', [[deprecate('a'), release]], [deprecate('b'), release], LIFE],
    ['a second revocation', [[revoke(), brake]], [revoke(), root], LIFE],
    ['a second tombstone', [[tombstone, release]], [tombstone, root], LIFE],
    ['a second recovery', [[recover, root]], [recover, root], LIFE],
    ['a second claim', [[claim, root]], [claim, root], LIFE],
    [
      'a key that is revoked already',
      [],
      [revoke(keyCid(root.signers[2].key), 'key'), brake],
      POLICY,
    ],
    [
      'a yank of what was never released',
      [],
      [{ ...theOne, kind: 'yank', version: '9.9.9', reason: undefined }, release],
      ['NOT_FOUND', 'NOT_FOUND'],
    ],
    [
      'a yank of another release',
      [],
      [{ ...theOne, kind: 'yank', subject: cidFor('other'), reason: undefined }, release],
      ['VERSION_EXISTS', 'VERSION_EXISTS'],
    ],
  ])('refused: %s', async (_, steps, step, expected) => {
    expect(await verdicts(steps, step)).toEqual(expected)
  })
})

describe('t20-delegation: passed on, taken back, and never wider than it was', () => {
  const passedOn: Step = [delegateTo(TOOL, 'com.acme', heir), covering]
  const next: Entry = { ...theOne, kind: 'release', version: '2.0.0' }
  test.each<[string, readonly Step[], Step, readonly string[]]>([
    // Everything but its index root is right.
    ['passed on', [passedOn], [next, heir], ['PROOF_INVALID', 'PROOF_INVALID']],
    [
      'taken back by the root role',
      [[delegateTo('com.acme', null, null), root]],
      [next, covering],
      POLICY,
    ],
    [
      'passed on, and the one above taken back',
      [passedOn, [delegateTo('com.acme', null, null), root]],
      [next, heir],
      POLICY,
    ],
    [
      'passed on, and the one above replaced',
      [passedOn, [delegateTo('com.acme', null, keyrings.stranger), root]],
      [next, heir],
      POLICY,
    ],
    [
      'passed on, and taken back by who did',
      [passedOn, [delegateTo(TOOL, 'com.acme', null), covering]],
      [next, heir],
      POLICY,
    ],
    ['to itself', [], [delegateTo('com.acme', 'com.acme', heir), covering], POLICY],
    ['to a path beside it', [], [delegateTo('com.acmeless', 'com.acme', heir), covering], POLICY],
    ['to the path above it', [passedOn], [delegateTo('com.acme', TOOL, heir), heir], POLICY],
    [
      'to another name by a whole name',
      [passedOn],
      [delegateTo(`${TOOL}s`, TOOL, heir), heir],
      POLICY,
    ],
    ['by one that is not there', [], [delegateTo('net.third/x', 'net.third', heir), root], POLICY],
    ['taken back where there is none', [], [delegateTo('net.third', null, null), root], POLICY],
  ])('%s', async (_, steps, step, expected) => {
    expect(await verdicts(steps, step)).toEqual(expected)
  })

  test('four levels, and not five', async () => {
    const paths = ['net.a', 'net.a.b', 'net.a.b.c', 'net.a.b.c.d', 'net.a.b.c.d.e']
    const steps = paths.map((path, i): Step => {
      const by = paths[i - 1] ?? null
      return [delegateTo(path, by, heir), by === null ? root : heir]
    })
    expect(await after(steps.slice(0, 4))).toHaveLength(4)
    expect(await verdicts(steps.slice(0, 4), steps[4] as Step)).toEqual(POLICY)
  })
})

describe('t16-revoked-signer: a key that was removed or revoked never acts again', () => {
  const nextRoles = rolesOf({ ...keyrings, root: heir, release: heir, brake: heir })
  const rotate: Step = [{ kind: 'keys', roles: nextRoles, nextKeyHashes: undefined }, root]
  const next: Entry = { ...theOne, kind: 'release', version: '2.0.0' }
  test.each<[string, readonly Step[], Step]>([
    ['released by', [rotate], [next, release]],
    ['claimed by', [rotate], [claim, root]],
    ['revoked by', [rotate], [revoke(), brake]],
    ['rotated by', [rotate], [{ ...rotate[0], nextKeyHashes: undefined } as Entry, root]],
    [
      'released by a delegate of',
      [[revoke(keyCid(covering.signers[0].key), 'key'), brake]],
      [next, covering],
    ],
    [
      't17-back-dating: released by',
      [[revoke(keyCid(release.signers[0].key), 'key'), brake]],
      [next, release],
    ],
  ])('%s the old keys', async (_, steps, step) => {
    expect(await verdicts(steps, step)).toEqual(POLICY)
  })

  test('nor is it brought back by a rotation', async () => {
    const roles = rolesOf({ ...keyrings, root: heir, release: heir, brake: release })
    expect(await verdicts([], [{ kind: 'keys', roles, nextKeyHashes: undefined }, root])).toEqual(
      POLICY,
    )
  })

  test('the last root keys cannot be revoked, nor the log key in force', async () => {
    for (const key of [root.signers[0].key, keyrings.log.key]) {
      expect(await verdicts([], [revoke(keyCid(key), 'key'), brake])).toEqual(POLICY)
    }
    // Once another has taken its place it can be, and then never returns.
    const other = createSigner('ed25519')
    const roles = { ...nextRoles, log: { keys: [other.key] as const } }
    const replaced: Step = [{ kind: 'keys', roles, nextKeyHashes: undefined }, root]
    const gone: Step = [revoke(keyCid(keyrings.log.key), 'key'), heir]
    const back: Step = [{ kind: 'keys', roles: nextRoles, nextKeyHashes: undefined }, heir]
    expect(await verdicts([replaced], gone, other)).toEqual(['PROOF_INVALID', 'PROOF_INVALID'])
    const draft = await openDraft(store, publisher)
    for (const [action, by] of [replaced, gone]) await draft.add(action, ...signersOf(action, by))
    expect(await codeOf(() => draft.add(back[0], ...two(heir)))).toBe('SIGNER_UNAUTHORIZED')
  })

  test('not even for a client that has only the key entries and the state', async () => {
    const [genesis] = log.entries.map(({ statement }) => parseStatement(statement))
    if (genesis?.kind !== 'genesis') throw new Error('no genesis')
    const place = { publisher, prev: genesis.cid, index: genesis.index, seq: 20 }
    const roles = rolesOf({ ...keyrings, root: heir })
    const entry = makeStatement({ kind: 'keys', roles, nextKeyHashes: undefined }, place)
    const block = { keys: [20], delegations: [], notices: NO_NOTICES }
    const revokedKeys = [{ seq: 19, key: keyCid(brake.signers[2].key) }]
    expect(openAuthority(genesis, [entry], { ...block, revokedKeys: [] }).keys).toHaveLength(2)
    expect(refusalOf(() => openAuthority(genesis, [entry], { ...block, revokedKeys }))).toMatch(
      /^SIGNER_UNAUTHORIZED: A revoked key never acts again/,
    )
    // Revoked later, it could still be named then.
    const later = [{ seq: 21, key: keyCid(brake.signers[2].key) }]
    expect(openAuthority(genesis, [entry], { ...block, revokedKeys: later }).keys).toHaveLength(2)
  })
})

describe('whatever can be written can be read', () => {
  test('a history of which every version was deprecated and yanked', () => {
    const status = { deprecated: { seq: 2 }, yanked: { seq: 3 } }
    const versions = Object.fromEntries(
      Array.from({ length: 5000 }, (_, i) => [
        `1.${i}.0`,
        { release: theOne.subject, seq: 1, ...status },
      ]),
    )
    const history = { kind: 'history/v1', name: TOOL, versions } as const
    expect(parseHistory(historyBlock(history).bytes)).toEqual(history)
  })

  test('a state with very many claims', () => {
    const claims = new Map(
      Array.from({ length: 20_000 }, (_, i) => [`com.t${i}`, { seq: i + 1 }] as const),
    )
    const authority = genesisAuthority({ roles: log.roles, nextKeyHashes: undefined })
    const block = authorityBlock(authority, { ...NO_NOTICES, claims })
    if (block === undefined) throw new Error('no block')
    expect(parseAuthorityBlock(block.bytes).notices.claims).toEqual(claims)
  })

  test('a role of so many keys that a rotation still fits: 16, and not 17', () => {
    const keys = Array.from({ length: 17 }, () => createSigner('ecdsa-p256').key)
    const made = (count: number) => {
      const role = { threshold: count, keys: keys.slice(0, count) }
      return makeGenesis({
        roles: { ...log.roles, root: role },
        nextKeyHashes: undefined,
        created: undefined,
      })
    }
    expect(made(16).roles.root.threshold).toBe(16)
    expect(refusalOf(() => made(17))).toMatch(
      /^STATEMENT_INVALID at \/predicate\/roles\/root\/keys: .* expected a list of at most 16 keys; got a list of 17$/,
    )
  })
})

describe('a text is a text', () => {
  /** The statement with these fields in its predicate, and a subject that fits them. */
  const edited = (action: Entry, fields: JsonObject): Uint8Array => {
    const { bytes } = makeStatement(action, {
      publisher,
      seq: 1,
      prev: cidFor('a'),
      index: cidFor('b'),
    })
    const statement = JSON.parse(Buffer.from(bytes).toString())
    return canonicalBytes({ ...statement, predicate: { ...statement.predicate, ...fields } })
  }

  test.each<[string, Entry, JsonObject]>([
    ['namespace', claim, { namespace: ['com.acme'] }],
    ['successor', deprecate('old', TOOL), { successor: [TOOL] }],
  ])('%s: not a list of one', (field, action, fields) => {
    expect(refusalOf(() => parseStatement(edited(action, fields)))).toMatch(
      new RegExp(
        `^STATEMENT_INVALID at /predicate/${field}: .* expected a string; got a list of 1$`,
      ),
    )
  })
})
