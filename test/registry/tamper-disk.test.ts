// An attacker with the disk, who can seal what they write: every record, every field of it, changed. What is verified is refused with a
// coded error or is what it was, never anything else.

import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { canonicalBytes, isRegistryError, type Json, toBase64, utf8 } from '../../src/lib/index.ts'
import { loadTools, verifyName } from '../../src/registry/index.ts'
import { evidenceKey } from '../../src/resolve/index.ts'
import { openMemoryStore, type Store, type StoredRecord } from '../../src/store/index.ts'
import { copyStore, dump, withRecord } from '../support/copy-store.ts'
import { type Changed, type Desk, NAME, openDesk, VERBS } from '../support/desk.ts'
import { type Form, type Mutant, mutantsOf } from '../support/mutate.ts'
import { openPublisher, toolkit } from '../support/publisher.ts'

let desk: Desk
beforeAll(async () => {
  desk = await openDesk()
})
afterAll(() => desk[Symbol.asyncDispose]())

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
    ['evidence', ['name', 'range', 'cid', 'tools'], () => desk.pulled],
    ['use', ['cid'], () => desk.pulled],
    ['pin', ['name', 'range', 'tools'], () => desk.pulled],
    ['head', ['name', 'range', 'cid', 'tools'], () => desk.alice.workspace.store],
    ['entry', ['name', 'range', 'cid', 'tools'], () => desk.alice.workspace.store],
    ['bundle', ['name', 'range', 'cid', 'tools'], () => desk.alice.workspace.store],
    ['hash', ['name', 'range', 'cid', 'tools'], () => desk.alice.workspace.store],
    ['index', ['name', 'range', 'cid', 'tools'], () => desk.alice.workspace.store],
  ] as const)('%s records', async (table, verbs, original) => {
    const store = await copyStore(original())
    const { records } = await dump(store)
    const own = records.filter((record) => record.table === table)
    expect(own.length).toBeGreaterThan(0)
    const outcome = await desk.attack(
      await desk.answersOf(store),
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
    const key = (version: string) => evidenceKey({ name: NAME, version, publisher: desk.alice.id })
    const [old, next] = await desk.pulled.findRecords([
      { table: 'evidence', key: key('1.0.0') },
      { table: 'evidence', key: key('2.0.0') },
    ])
    const downgraded = withRecord(desk.pulled, { table: 'evidence', key: key('2.0.0') }, old)
    const upgraded = withRecord(desk.pulled, { table: 'evidence', key: key('1.0.0') }, next)
    for (const [store, reference] of [
      [downgraded, NAME],
      [downgraded, `${NAME}@2.0.0`],
      [upgraded, `${NAME}@1.0.0`],
    ] as const) {
      const options = { publisher: desk.alice.id }
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
    const store = await copyStore(desk.pulled)
    const { blocks, records } = await dump(mallory.workspace.store)
    const foreign = records.filter(({ table }) => table !== 'self')
    await store.commit({ blocks, put: foreign })
    const loading = loadTools(store, { tools: [NAME], publishers: [desk.alice.id] })
    await expect(loading).rejects.toMatchObject({ code: 'PUBLISHER_CHANGED', verdict: 'REBIND' })
    const both = loadTools(store, { tools: [NAME], publishers: [desk.alice.id, desk.alice.id] })
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
      key: key.replaceAll(mallory.id, desk.alice.id),
      value: rename(value, mallory.id, desk.alice.id),
    }))
    await store.commit({ blocks, put: renamed })
    for (const verb of VERBS) {
      const error = await desk.ask(store, verb).catch((cause: unknown) => cause)
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
  const { blocks } = await dump(desk.pulled)
  for (const { cid } of blocks) {
    const bytes = canonicalBytes({ kind: 'tool/v1' } as Json)
    await expect(desk.pulled.commit({ blocks: [{ cid, bytes }] })).rejects.toMatchObject({
      code: 'HASH_MISMATCH',
    })
  }
})
