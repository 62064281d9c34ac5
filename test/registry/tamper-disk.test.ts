// Everything on disk, every byte and field of it: changed, what is verified from the store is refused with a coded error or is what
// it was before, never anything else. First damage (LevelDB gives other bytes), then an attacker who can seal what they write.

import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import type { Cid } from '../../src/cid/index.ts'
import { canonicalBytes, isRegistryError, type Json, toBase64, utf8 } from '../../src/lib/index.ts'
import { loadTools, pull, verifyCid, verifyName } from '../../src/registry/index.ts'
import { evidenceKey } from '../../src/resolve/index.ts'
import { openMemoryStore, type Store, type StoredRecord } from '../../src/store/index.ts'
import { type Db, openLevelDb, readRange } from '../../src/store/level/db.ts'
import { openFloorFile } from '../../src/store/level/floor-file.ts'
import { createLevelStore } from '../../src/store/level.ts'
import { copyStore, dump, withRecord } from '../support/copy-store.ts'
import { byteMutants, type Form, type Mutant, mutantsOf } from '../support/mutate.ts'
import { openPublisher, peerOf, type TestPublisher, toolkit } from '../support/publisher.ts'

const NAME = 'com.example/weather'

let alice: TestPublisher
/** What a consumer holds who pulled 1.0.0 and 2.0.0. */
let pulled: Store
let tool: Cid

beforeAll(async () => {
  alice = await openPublisher()
  await alice.publish(toolkit('com.example/maps', '1.0.0'), toolkit(NAME, '1.0.0'))
  await alice.publish(toolkit(NAME, '2.0.0', 2, 'Newer.'), toolkit('com.example/maps', '2.0.0'))
  pulled = openMemoryStore()
  for (const reference of [`${NAME}@1.0.0`, NAME]) {
    const workspace = { ...alice.workspace, store: pulled }
    const peers = [peerOf(alice.source)]
    const { release } = await pull(workspace, { reference, peers, publisher: alice.id })
    tool = release.tools[0]?.cid as Cid
  }
})

afterAll(() => alice[Symbol.asyncDispose]())

type Verb = 'name' | 'range' | 'cid' | 'tools'

/** What somebody who verifies gets to see. */
async function ask(store: Store, verb: Verb): Promise<string> {
  if (verb === 'tools') {
    const tools = await loadTools(store, { tools: [NAME], publishers: [alice.id] })
    return JSON.stringify(tools)
  }
  const verified =
    verb === 'cid'
      ? await verifyCid(store, tool)
      : await verifyName(store, verb === 'name' ? NAME : `${NAME}@1.0.0`, { publisher: alice.id })
  const { release, cid } = verified
  const { publisher, name, version } = release.entry
  return JSON.stringify([
    publisher,
    name,
    version,
    cid,
    release.cid,
    release.release,
    release.tools,
  ])
}

const VERBS: readonly Verb[] = ['name', 'range', 'cid', 'tools']

interface Changed {
  readonly label: string
  readonly store: Store
  /** Who asks; all of them unless said. */
  readonly verbs?: readonly Verb[]
}

interface Outcome {
  /** Verbs that refused at least once. */
  readonly refused: ReadonlySet<Verb>
  readonly codes: ReadonlySet<string>
  readonly faults: readonly string[]
  readonly tried: number
}

async function answersOf(honest: Store): Promise<ReadonlyMap<Verb, string>> {
  const truth = new Map<Verb, string>()
  for (const verb of VERBS) truth.set(verb, await ask(honest, verb))
  return truth
}

async function attack(
  truth: ReadonlyMap<Verb, string>,
  stores: Iterable<Changed>,
): Promise<Outcome> {
  const outcome = {
    refused: new Set<Verb>(),
    codes: new Set<string>(),
    faults: [] as string[],
    tried: 0,
  }
  for (const { label, store, verbs = VERBS } of stores) {
    outcome.tried += 1
    for (const verb of verbs) {
      try {
        const got = await ask(store, verb)
        if (got !== truth.get(verb))
          outcome.faults.push(`${verb} after ${label}: ${got.slice(0, 200)}`)
      } catch (error) {
        outcome.refused.add(verb)
        if (!isRegistryError(error) || error.verdict === 'FAILED') {
          outcome.faults.push(`${verb} after ${label}: ${error}`)
        } else outcome.codes.add(error.code)
      }
    }
  }
  return outcome
}

describe('damage: other bytes than were written', () => {
  /** A store whose database answers other bytes for one key. */
  function damagedDb(db: Db, key: Uint8Array, value: Uint8Array): Db {
    const isIt = (other: Uint8Array): boolean => Buffer.compare(other, key) === 0
    return {
      getSync: (asked: Uint8Array) => (isIt(asked) ? value : db.getSync(asked)),
      getMany: async (asked: Uint8Array[]) => {
        const found = await db.getMany(asked)
        return found.map((bytes, i) => (isIt(asked[i] as Uint8Array) ? value : bytes))
      },
      hasMany: (asked: Uint8Array[]) => db.hasMany(asked),
      batch: db.batch.bind(db),
      compactRange: db.compactRange.bind(db),
      close: async () => {},
      iterator: (options: never) => {
        const iterator = db.iterator(options)
        return {
          nextv: async (size: number) =>
            ((await iterator.nextv(size)) as [Uint8Array, Uint8Array][]).map(([k, v]) => [
              k,
              isIt(k) ? value : v,
            ]),
          close: () => iterator.close(),
        }
      },
    } as never
  }

  test.each([
    ['a publisher', () => alice.workspace.store, 'hesti'],
    ['a consumer', () => pulled, 'uv'],
  ])('in the database of %s', async (who, original, tables) => {
    const folder = `${alice.workspace.folder}/${who}`
    const { db } = await openLevelDb(folder)
    const filling = await createLevelStore({
      db: { ...damagedDb(db, new Uint8Array(), new Uint8Array()) },
      floors: await openFloorFile(`${folder}/floors`),
      fresh: true,
    })
    const { blocks, records } = await dump(original())
    await filling.commit({ blocks, put: records, floors: await original().listFloors() })

    const entries: (readonly [Uint8Array, Uint8Array])[] = []
    const all = { gte: Uint8Array.of(0), lt: Uint8Array.of(255) }
    for await (const entry of readRange(db, all)) entries.push(entry)
    const truth = await answersOf(filling)
    const refusing = new Set<string>()
    const codes = new Set<string>()
    for (const [key, value] of entries) {
      const place = String.fromCharCode(key[0] as number)
      if (value.length === 0 || place === '!') continue
      for (const { label, bytes } of byteMutants(value, 4)) {
        const store = await createLevelStore({
          db: damagedDb(db, key, bytes),
          floors: await openFloorFile(`${folder}/floors`),
          fresh: false,
        })
        const what = `${label} of ${Buffer.from(key).toString('latin1')}`
        const outcome = await attack(truth, [{ label: what, store }])
        expect(outcome.faults).toEqual([])
        if (outcome.refused.size > 0) refusing.add(place)
        for (const code of outcome.codes) codes.add(code)
      }
    }
    await filling[Symbol.asyncDispose]()
    await db.close()
    expect([...codes]).toEqual(['STORE_CORRUPT'])
    for (const place of `b${tables}`) expect(refusing, `table ${place} is read`).toContain(place)
  })
})

describe('an attacker who can seal what they write', () => {
  const FORM: { readonly [table: string]: Form } = {
    head: 'canonical',
    entry: 'canonical',
    bundle: 'json',
    index: 'canonical',
    evidence: 'canonical',
    hash: 'hash',
    use: 'hash',
    pin: 'hash',
    claim: 'hash',
    self: 'hash',
  }

  function* changed(store: Store, record: StoredRecord): Iterable<Changed> {
    const of = `${record.table} ${record.key}`
    yield { label: `no ${of}`, store: withRecord(store, record) }
    const form = FORM[record.table] as Form
    for (const { label, bytes } of mutantsOf(record.value, form)) {
      yield { label: `${label} of ${of}`, store: withRecord(store, record, bytes) }
    }
    for (const { label, bytes } of inner(record)) {
      const changed = withRecord(store, record, bytes)
      yield { label: `${label} of ${of}`, store: changed, verbs: ['name'] }
    }
  }

  /** Evidence is JSON that holds notes, statements, bundles and nodes in base64: their fields, changed and put back. */
  function* inner(record: StoredRecord): Iterable<Mutant> {
    if (record.table !== 'evidence' && record.table !== 'head') return
    if (record.key.startsWith(`${NAME}@1.0.0/`)) return // One proof is as good as another.
    const json = JSON.parse(Buffer.from(record.value).toString())
    const put = (label: string, change: (copy: typeof json) => void): Mutant => {
      const copy = structuredClone(json)
      change(copy)
      return { label, bytes: canonicalBytes(copy) }
    }
    for (const { label, bytes } of mutantsOf(Buffer.from(json.checkpoint, 'base64'), 'note')) {
      yield put(`checkpoint ${label}`, (copy) => {
        copy.checkpoint = toBase64(bytes)
      })
    }
    if (record.table === 'head') return
    for (const which of ['genesis', 'head', 'entry']) {
      const statement = Buffer.from(json[which].statement, 'base64')
      for (const { label, bytes } of mutantsOf(statement, 'canonical')) {
        yield put(`${which} ${label}`, (copy) => {
          const bundle = JSON.parse(Buffer.from(copy[which].bundles[0], 'base64').toString())
          bundle.dsseEnvelope.payload = toBase64(bytes)
          copy[which].statement = toBase64(bytes)
          copy[which].bundles = [toBase64(utf8(JSON.stringify(bundle)))]
        })
      }
      const bundle = Buffer.from(json[which].bundles[0], 'base64')
      for (const { label, bytes } of mutantsOf(bundle, 'json')) {
        yield put(`bundle of ${which} ${label}`, (copy) => {
          copy[which].bundles = [toBase64(bytes)]
        })
      }
    }
    for (const [i, node] of (json.indexPath as string[]).entries()) {
      for (const { label, bytes } of mutantsOf(Buffer.from(node, 'base64'), 'canonical')) {
        yield put(`node ${i} ${label}`, (copy) => {
          copy.indexPath[i] = toBase64(bytes)
        })
      }
    }
  }

  test.each([
    ['evidence', ['name', 'range', 'cid', 'tools'], () => pulled],
    ['use', ['cid'], () => pulled],
    ['pin', ['name', 'range', 'tools'], () => pulled],
    ['head', ['name', 'range', 'cid', 'tools'], () => alice.workspace.store],
    ['entry', ['name', 'range', 'cid', 'tools'], () => alice.workspace.store],
    ['bundle', ['name', 'range', 'cid', 'tools'], () => alice.workspace.store],
    ['hash', ['name', 'range', 'cid', 'tools'], () => alice.workspace.store],
    ['index', ['name', 'range', 'cid', 'tools'], () => alice.workspace.store],
  ] as const)('%s records', async (table, verbs, original) => {
    const store = await copyStore(original())
    const { records } = await dump(store)
    const own = records.filter((record) => record.table === table)
    expect(own.length).toBeGreaterThan(0)
    const outcome = await attack(
      await answersOf(store),
      own.flatMap((record) => [...changed(store, record)]),
    )
    // A missing pin or pull can make an older version the newest one here: that is honest, and never other content.
    const rollbacks = outcome.faults.filter((fault) => !isOlder(fault))
    expect(rollbacks).toEqual([])
    expect([...outcome.refused].sort()).toEqual([...verbs].sort())
    expect(outcome.tried).toBeGreaterThan(10)
  })

  /** `no evidence` of 2.0.0 leaves a consumer with 1.0.0, which it did pull: only a lockfile can tell. */
  function isOlder(fault: string): boolean {
    return /^(name|tools) after no evidence com\.example\/weather@2\.0\.0/.test(fault)
  }

  test('the proof of one version does not pass for another', async () => {
    const key = (version: string) => evidenceKey({ name: NAME, version, publisher: alice.id })
    const [old, next] = await pulled.findRecords([
      { table: 'evidence', key: key('1.0.0') },
      { table: 'evidence', key: key('2.0.0') },
    ])
    const downgraded = withRecord(pulled, { table: 'evidence', key: key('2.0.0') }, old)
    const upgraded = withRecord(pulled, { table: 'evidence', key: key('1.0.0') }, next)
    for (const [store, reference] of [
      [downgraded, NAME],
      [downgraded, `${NAME}@2.0.0`],
      [upgraded, `${NAME}@1.0.0`],
    ] as const) {
      const options = { publisher: alice.id }
      const error = await verifyName(store, reference, options).catch((cause: unknown) => cause)
      expect(error).toMatchObject({
        code: 'SUBJECT_MISMATCH',
        message: 'This log entry is not the version asked for.',
      })
    }
  })

  test('a pin to another publisher does not make an agent trust that one', async () => {
    const mallory = await openPublisher()
    await mallory.publish(toolkit(NAME, '2.0.0', 2, 'Mine.'))
    const store = await copyStore(pulled)
    const { blocks, records } = await dump(mallory.workspace.store)
    const foreign = records.filter(({ table }) => table !== 'self')
    await store.commit({ blocks, put: foreign })
    const loading = loadTools(store, { tools: [NAME], publishers: [alice.id] })
    await expect(loading).rejects.toMatchObject({ code: 'PUBLISHER_CHANGED', verdict: 'REBIND' })
    const both = loadTools(store, { tools: [NAME], publishers: [alice.id, alice.id] })
    await expect(both).rejects.toMatchObject({ verdict: 'REBIND' })
    await mallory[Symbol.asyncDispose]()
  })

  test('a whole store of another publisher under this one’s keys', async () => {
    const mallory = await openPublisher()
    await mallory.publish(toolkit('com.example/maps', '1.0.0'), toolkit(NAME, '2.0.0'))
    const { blocks, records } = await dump(mallory.workspace.store)
    const store = openMemoryStore()
    const renamed = records.map(({ table, key, value }) => ({
      table,
      key: key.replaceAll(mallory.id, alice.id),
      value: rename(value, mallory.id, alice.id),
    }))
    await store.commit({ blocks, put: renamed })
    for (const verb of VERBS) {
      const error = await ask(store, verb).catch((cause: unknown) => cause)
      expect(isRegistryError(error), `${verb}: ${String(error)}`).toBe(true)
    }
    await mallory[Symbol.asyncDispose]()
  })
})

function rename(value: Uint8Array, from: string, to: string): Uint8Array {
  const text = Buffer.from(value).toString('latin1')
  return Buffer.from(text.replaceAll(from, to), 'latin1')
}

/** The release and tool blocks cannot be sealed anew: their name is their hash. */
test('no block can be exchanged under its own CID', async () => {
  const { blocks } = await dump(pulled)
  for (const { cid } of blocks) {
    const bytes = canonicalBytes({ kind: 'tool/v1' } as Json)
    await expect(pulled.commit({ blocks: [{ cid, bytes }] })).rejects.toMatchObject({
      code: 'HASH_MISMATCH',
    })
  }
})
