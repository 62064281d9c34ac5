// Random lives of a log, said through drafts in batches by random keys, against a model made of sets (support/log-model.ts). After every
// batch the stored log, a full replay and a light client must agree with the model and with each other.

import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { cidOf } from '../../src/cid/index.ts'
import { fromBase64, isRegistryError } from '../../src/lib/index.ts'
import {
  createReplay,
  draftGenesis,
  findHead,
  keyCid,
  keyHash,
  type LogDraft,
  makeStatement,
  openDraft,
  type Role,
  type Roles,
  readEntries,
} from '../../src/log/index.ts'
import { checkLog } from '../../src/registry/check-log.ts'
import { localSource, resolveFrom } from '../../src/resolve/index.ts'
import type { PublisherId } from '../../src/spec/index.ts'
import { openMemoryStore, type Store } from '../../src/store/index.ts'
import { loadVerifier, type Signer } from '../../src/trust/index.ts'
import {
  createModel,
  type Model,
  type ModelAction,
  type ModelRole,
  type ModelRoles,
} from '../support/log-model.ts'
import { cidFor, type Entry, signAll } from '../support/many-keys.ts'
import { createSigner } from './helpers.ts'

const verifier = await loadVerifier()
/** 0 to 7 sign entries, 8 and 9 checkpoints. */
const SIGNERS = Array.from({ length: 10 }, (_, i) => createSigner(i < 8 ? 'ecdsa-p256' : 'ed25519'))
const NAMES = ['com.acme/x', 'com.acme/y', 'com.acme.sub/x', 'com.acmeless/x']
const VERSIONS = ['1.0.0', '1.1.0', '2.0.0']
const PATHS = ['com.acme', 'com.acme.sub', 'com.acme/x', 'com.acmeless']

interface Step {
  readonly kind: ModelAction['kind']
  /** Numbers that say what about, and by whom. */
  readonly a: number
  readonly b: number
  readonly c: number
  readonly masks: readonly [number, number, number]
  /** Undefined: as few as may. */
  readonly signers: number | undefined
  readonly ends: boolean
}

const kinds = fc.oneof(
  { weight: 6, arbitrary: fc.constant('release' as const) },
  { weight: 2, arbitrary: fc.constantFrom('yank' as const, 'deprecate' as const) },
  { weight: 3, arbitrary: fc.constant('delegate' as const) },
  { weight: 2, arbitrary: fc.constant('keys' as const) },
  { weight: 2, arbitrary: fc.constantFrom('revoke key' as const, 'revoke block' as const) },
  {
    weight: 1,
    arbitrary: fc.constantFrom('tombstone' as const, 'recover' as const, 'claim' as const),
  },
)
const mask = fc.integer({ min: 1, max: 255 })
const masks = fc.tuple(mask, mask, mask)
const number = fc.nat(1 << 16)
const step: fc.Arbitrary<Step> = fc.record({
  kind: kinds,
  a: number,
  b: number,
  c: number,
  masks,
  signers: fc.oneof(
    { weight: 4, arbitrary: fc.constant(undefined) },
    { weight: 1, arbitrary: mask },
  ),
  ends: fc.boolean(),
})
const life = fc.record({
  first: masks,
  promise: fc.option(mask, { nil: undefined }),
  steps: fc.array(step, { minLength: 15, maxLength: 40, size: 'max' }),
})

const at = <T>(list: readonly T[], i: number): T => list[i % list.length] as T

function keysIn(bits: number): ReadonlySet<number> {
  return new Set([0, 1, 2, 3, 4, 5, 6, 7].filter((key) => bits & (1 << key)))
}

function roleIn(bits: number, threshold: number): ModelRole {
  const keys = keysIn(bits)
  return { keys, threshold: (threshold % Math.min(keys.size, 3)) + 1 }
}

function rolesIn([root, release, brake]: Step['masks'], c: number): ModelRoles {
  return {
    root: roleIn(root, c),
    release: roleIn(release, c >> 2),
    brake: roleIn(brake, c >> 4),
    log: 8 + ((c >> 6) & 1),
  }
}

function actionOf({ kind, a, b, c, masks: bits }: Step, model: Model): ModelAction {
  const known = [...model.versions].flatMap(([of, versions]) =>
    [...versions.keys()].map((one) => [of, one] as const),
  )
  const isAnywhere = kind === 'release' || a % 4 === 0 || known.length === 0
  const [name, version] = isAnywhere ? ([at(NAMES, a), at(VERSIONS, b)] as const) : at(known, b)
  const honest = model.versions.get(name)?.get(version)?.subject ?? `${name}@${version}`
  const subject = c % 8 === 0 ? 'something else' : honest
  switch (kind) {
    case 'release':
    case 'yank':
      return { kind, name, version, subject }
    case 'deprecate':
      return { kind, name, version, subject, message: at(['old', 'broken'], c) }
    case 'delegate': {
      const by = at([null, null, 'com.acme', 'com.acme.sub', at(PATHS, c)], b)
      return { kind, path: at(PATHS, a), by, role: c % 4 === 0 ? null : roleIn(bits[0], c) }
    }
    case 'keys':
      return {
        kind,
        roles: rolesIn(bits, c),
        promised: a % 5 === 0 ? keysIn(bits[0] | b) : undefined,
      }
    case 'revoke key':
      return { kind, key: a % SIGNERS.length }
    case 'claim':
      return { kind, what: at(['com.acme', 'com.acmeless', 'net.third'], a) }
    default:
      return { kind, what: at([`${name}@${version}`, 'fork', 'tool'], c) }
  }
}

const signerOf = (key: number): Signer => SIGNERS[key] as Signer

function realRole({ keys, threshold }: ModelRole): Role {
  return { threshold, keys: [...keys].map((key) => signerOf(key).key) }
}

function realRoles({ root, release, brake, log }: ModelRoles): Roles {
  return {
    root: realRole(root),
    release: realRole(release),
    brake: realRole(brake),
    log: { keys: [signerOf(log).key] },
  }
}

const hashesOf = (keys: ReadonlySet<number> | undefined): readonly string[] | undefined =>
  keys === undefined ? undefined : [...keys].map((key) => keyHash(signerOf(key).key))

function realAction(action: ModelAction): Entry {
  switch (action.kind) {
    case 'release':
      return { ...action, kind: 'release', subject: cidFor(action.subject) }
    case 'yank':
      return { ...action, kind: 'yank', subject: cidFor(action.subject), reason: undefined }
    case 'deprecate':
      return { ...action, subject: cidFor(action.subject), successor: undefined }
    case 'delegate':
      return { ...action, role: action.role === null ? null : realRole(action.role) }
    case 'keys':
      return {
        kind: 'keys',
        roles: realRoles(action.roles),
        nextKeyHashes: hashesOf(action.promised),
      }
    case 'revoke key': {
      const { key } = signerOf(action.key)
      return { kind: 'revoke', target: 'key', subject: keyCid(key), reason: 'lost' }
    }
    case 'revoke block':
      return { kind: 'revoke', target: 'block', subject: cidFor(action.what), reason: 'stolen' }
    case 'tombstone':
      return { kind: 'tombstone', subject: cidFor(action.what), reason: 'asked for' }
    case 'recover':
      return { kind: 'recover', subject: cidFor(action.what), reason: undefined }
    case 'claim':
      return { kind: 'claim', namespace: action.what }
  }
}

/** As few of the keys as one group asks for, if it has so many. */
function honestSigners(model: Model, action: ModelAction, c: number): ReadonlySet<number> {
  const groups = model.whoMay(action)
  const group = groups.length === 0 ? [] : at(groups, c)
  const chosen = group.flatMap(({ keys, threshold }) => [...keys].slice(0, threshold))
  return new Set(chosen)
}

async function codeOf(act: () => Promise<unknown>): Promise<string> {
  try {
    await act()
    return 'accepted'
  } catch (error) {
    if (isRegistryError(error)) return error.code
    throw error
  }
}

interface Life {
  readonly store: Store
  readonly publisher: PublisherId
  readonly model: Model
  /** What was accepted. */
  readonly count: number
}

async function live(
  {
    first,
    promise,
    steps,
  }: {
    readonly first: Step['masks']
    readonly promise: number | undefined
    readonly steps: readonly Step[]
  },
  afterBatch: (life: Life) => Promise<void>,
): Promise<void> {
  const roles = rolesIn(first, 0)
  const promised = promise === undefined ? undefined : keysIn(promise)
  const model = createModel(roles, promised)
  const store = openMemoryStore()
  const nextKeyHashes = hashesOf(promised)
  const { publisher, change } = await draftGenesis({
    store,
    roles: realRoles(roles),
    rootSigner: [...roles.root.keys].map(signerOf),
    logSigner: signerOf(roles.log),
    ...(nextKeyHashes === undefined ? {} : { nextKeyHashes }),
  })
  await store.commit(change)
  let count = 1
  let draft = await openDraft(store, publisher)
  for (const [i, one] of steps.entries()) {
    if (await take(draft, model, one)) count += 1
    if (!one.ends && i < steps.length - 1) continue
    await store.commit(await draft.finish(signerOf(model.roles.log)))
    await afterBatch({ store, publisher, model, count })
    draft = await openDraft(store, publisher)
  }
}

/** Whether the log has one entry more; draft and model must have the same mind. */
async function take(draft: LogDraft, model: Model, one: Step): Promise<boolean> {
  const action = actionOf(one, model)
  const signers =
    one.signers === undefined ? honestSigners(model, action, one.c) : keysIn(one.signers)
  const judged = model.judge(action)
  const expected = judged === 'new' && !model.may(action, signers) ? 'refused' : judged
  const before = draft.state
  let got = 'refused'
  const code = await codeOf(async () => {
    const { kind } = await draft.add(realAction(action), ...[...signers].map(signerOf))
    got = kind === 'same' ? 'same' : 'new'
  })
  expect(got, `${JSON.stringify(action)} by ${[...signers]}: ${code}`).toBe(expected)
  const outcome = `${action.kind}: ${got}`
  seen.set(outcome, (seen.get(outcome) ?? 0) + 1)
  if (got !== 'new') expect(draft.state).toEqual(before)
  else model.say(action)
  return got === 'new'
}

async function assertAgreed({ store, publisher, model, count }: Life): Promise<void> {
  const head = await findHead(store, publisher)
  const checked = await checkLog(store, publisher)
  expect(checked.size).toBe(count)
  const replay = createReplay(verifier)
  for (const entry of await readEntries(store, publisher, { start: 0, end: count }))
    await replay.add(entry)
  const { state: stored } = await openDraft(store, publisher)
  expect(replay.state).toEqual(stored)
  expect(Buffer.from(replay.root).toString('hex')).toBe(head?.root)
  expect(replay.state?.index).toBe(head?.index)
  expect([...replay.histories.keys()].sort()).toEqual([...model.versions.keys()].sort())
  for (const name of NAMES) await assertOffered({ store, publisher, model, name, replay })
}

/** What a light client is told about a name: newest, yanked, deprecated, revoked. */
async function assertOffered({
  store,
  publisher,
  model,
  name,
  replay,
}: {
  readonly store: Store
  readonly publisher: PublisherId
  readonly model: Model
  readonly name: string
  readonly replay: ReturnType<typeof createReplay>
}): Promise<void> {
  const versions = model.versions.get(name) ?? new Map()
  const ask = (range: string | undefined, use: 'new' | 'held') =>
    resolveFrom(localSource(store), verifier, { publisher, name, range, floor: undefined, use })
  const gone = (version: string): string | undefined => {
    const subject = versions.get(version)?.subject ?? ''
    if (model.said['revoke block'].has(subject)) return 'REVOKED'
    return model.said.tombstone.has(subject) ? 'TOMBSTONED' : undefined
  }
  const all = VERSIONS.filter((version) => versions.has(version))
  const newest = all.filter((version) => !gone(version) && !versions.get(version)?.yanked).at(-1)
  const last = all.at(-1)
  if (newest !== undefined) expect((await ask(undefined, 'new')).entry.version).toBe(newest)
  else {
    const why = last === undefined ? 'NOT_FOUND' : (gone(last) ?? 'YANKED')
    expect(await codeOf(() => ask(undefined, 'new'))).toBe(why)
  }
  for (const version of all) {
    const known = versions.get(version)
    const why = gone(version)
    if (why !== undefined) {
      expect(await codeOf(() => ask(version, 'held'))).toBe(why)
      continue
    }
    const { entry } = await ask(version, 'held')
    expect(entry.release).toBe(cidFor(known?.subject ?? ''))
    expect(entry.status.yanked !== undefined).toBe(known?.yanked)
    expect(entry.status.deprecated?.message).toBe(known?.deprecated)
    expect(entry.versions.toSorted()).toEqual(all)
    expect(replay.histories.get(name)?.versions[version]).toEqual(entry.status)
    expect(await codeOf(() => ask(version, 'new'))).toBe(known?.yanked ? 'YANKED' : 'accepted')
  }
}

/** How often each kind was accepted, and how often not: a model that never says yes agrees with anything. */
const seen = new Map<string, number>()

const KINDS: readonly ModelAction['kind'][] = [
  'release',
  'yank',
  'deprecate',
  'delegate',
  'keys',
  'revoke key',
  'revoke block',
  'tombstone',
  'recover',
  'claim',
]

const seeded = { seed: 20261121, endOnFailure: true }

describe('a log lived at random', () => {
  test('is what the model says, stored, replayed and asked about', async () => {
    await fc.assert(
      fc.asyncProperty(life, (one) => live(one, assertAgreed)),
      { ...seeded, numRuns: 25 },
    )
    for (const kind of KINDS) {
      expect(seen.get(`${kind}: new`), `${kind} accepted`).toBeGreaterThan(5)
    }
    const refused = [...seen].filter(([outcome]) => outcome.endsWith('refused'))
    expect(refused.reduce((sum, [, count]) => sum + count, 0)).toBeGreaterThan(100)
  })

  test('t16-revoked-signer: no key acts that was removed or revoked, whoever it signs for', async () => {
    let refused = 0
    const probe = async ({ store, publisher, model }: Life): Promise<void> => {
      const { state } = await openDraft(store, publisher)
      const place = { publisher, seq: state.size, prev: state.head, index: state.index }
      for (const key of [0, 1, 2, 3, 4, 5, 6, 7]) {
        const action = at(PROBES, key + state.size)
        const may = model.may(action, new Set([key]))
        const { bytes: statement } = makeStatement(realAction(action), place)
        const entry = { statement, bundles: await signAll(statement, [signerOf(key)]) }
        const draft = await openDraft(store, publisher)
        const code = await codeOf(() => draft.append(entry, verifier))
        if (may) expect(code).toBe('PROOF_INVALID')
        else expect(code, JSON.stringify(action)).toBe('SIGNER_UNAUTHORIZED')
        refused += may ? 0 : 1
      }
    }
    const PROBES: readonly ModelAction[] = [
      ...NAMES.map((name) => ({ kind: 'release', name, version: '9.0.0', subject: name }) as const),
      { kind: 'revoke block', what: 'nothing that was said' },
      { kind: 'claim', what: 'net.never' },
      { kind: 'tombstone', what: 'nothing that was said' },
    ]
    await fc.assert(
      fc.asyncProperty(life, (one) => live(one, probe)),
      { ...seeded, numRuns: 6 },
    )
    expect(refused).toBeGreaterThan(50)
  })
})

test('a key’s name is the hash of its SPKI, and nothing else', () => {
  const { key } = signerOf(0)
  expect(keyCid(key)).toBe(cidOf(fromBase64(key.spki) ?? new Uint8Array()))
})
