// Drafts and stored logs over a real store: every commit leaves a log that replays, proves and verifies from its first entry.

import { describe, expect, test } from 'vitest'
import { type Cid, cidOf } from '../../src/cid/index.ts'
import {
  applyEntry,
  authorityFor,
  draftAppend,
  draftGenesis,
  findHead,
  hashReader,
  indexReader,
  type LogState,
  leafHash,
  listHeads,
  openDraft,
  originOf,
  parseHistory,
  parseStatement,
  proveConsistency,
  proveInclusion,
  proveName,
  readEntries,
  verifyAuthority,
  verifyCheckpoint,
  verifyConsistency,
  verifyInclusion,
  verifyName,
} from '../../src/log/index.ts'
import type { PublisherId } from '../../src/spec/index.ts'
import { openMemoryStore, type Store, type Table } from '../../src/store/index.ts'
import { loadVerifier } from '../../src/trust/index.ts'
import {
  addRelease,
  createPublisher,
  createSigner,
  rejectionOf,
  type TestPublisher,
} from './helpers.ts'

const cid = (text: string): Cid => cidOf(Buffer.from(text))

interface TestLog extends TestPublisher {
  readonly store: Store
  readonly publisher: PublisherId
}

async function createLog(): Promise<TestLog> {
  const keys = createPublisher()
  const store = openMemoryStore()
  const { publisher, change } = await draftGenesis({
    store,
    roles: keys.roles,
    rootSigner: keys.root,
    logSigner: keys.log,
  })
  await store.commit(change)
  return { ...keys, store, publisher }
}

async function publish(log: TestLog, names: readonly string[], version = '1.0.0'): Promise<void> {
  const draft = await openDraft(log.store, log.publisher)
  for (const name of names) {
    await addRelease(draft, { name, version, release: cid(`${name} ${version}`) }, log.root)
  }
  await log.store.commit(await draft.finish(log.log))
}

/** Replays the whole log and compares it with its head, its tree and its index. */
async function checkLog({ store, publisher, roles }: TestLog): Promise<LogState> {
  const head = await findHead(store, publisher)
  if (!head) throw new Error('no head')
  const { size } = head
  const [logKey] = roles.log.keys
  const checkpoint = verifyCheckpoint(head.checkpoint, { publisher, logKey })
  expect({ size: checkpoint.size, root: Buffer.from(checkpoint.root).toString('hex') }).toEqual({
    size,
    root: head.root,
  })
  expect(await store.findFloor(originOf(publisher))).toEqual({
    origin: originOf(publisher),
    size,
    root: head.root,
  })
  const verifier = await loadVerifier()
  const read = hashReader(store, publisher)
  let state: LogState | undefined
  for (const [index, entry] of (
    await readEntries(store, publisher, { start: 0, end: size })
  ).entries()) {
    const statement = parseStatement(entry.statement)
    verifyAuthority(verifier, entry, authorityFor(state, statement))
    state = applyEntry(state, statement)
    const proof = await proveInclusion({ index, size }, read)
    verifyInclusion({ index, size, leaf: leafHash(entry.statement), proof, root: checkpoint.root })
    if (statement.kind === 'release') {
      const { name } = statement
      const nodes = await proveName(head.index, name, indexReader(store, publisher))
      const history = verifyName({ root: head.index, name, nodes }) as Cid
      const [bytes] = await indexReader(store, publisher)([history])
      expect(parseHistory(bytes as Uint8Array).versions[statement.version]).toEqual({
        release: statement.subject,
        seq: index,
      })
    }
  }
  expect(state).toMatchObject({ size, head: head.statement, index: head.index })
  return state as LogState
}

async function keysOf(store: Store, table: Table): Promise<string[]> {
  const keys: string[] = []
  for await (const { key } of store.listRecords(table)) keys.push(key)
  return keys
}

const names = (from: number, to: number): string[] =>
  Array.from({ length: to - from }, (_, i) => `com.example/tool-${from + i}`)

describe('a log', () => {
  test('begins with its genesis', async () => {
    const log = await createLog()
    expect(await checkLog(log)).toMatchObject({ size: 1, publisher: log.publisher })
    expect(await keysOf(log.store, 'entry')).toEqual([`${log.publisher}/0000000000000000`])
    const heads = []
    for await (const head of listHeads(log.store)) heads.push(head)
    expect(heads).toEqual([await findHead(log.store, log.publisher)])
  })

  test('grows by many releases in one change, and by one, alike', async () => {
    const log = await createLog()
    await publish(log, names(0, 20))
    await checkLog(log)
    const before = await findHead(log.store, log.publisher)
    await publish(log, names(20, 21))
    await publish(log, names(0, 3), '2.0.0')
    await checkLog(log)
    const after = await findHead(log.store, log.publisher)
    if (!before || !after) throw new Error('no head')
    const [from, to] = [before.size, after.size]
    const proof = await proveConsistency({ from, to }, hashReader(log.store, log.publisher))
    const roots = {
      fromRoot: Buffer.from(before.root, 'hex'),
      toRoot: Buffer.from(after.root, 'hex'),
    }
    verifyConsistency({ from, to, proof, ...roots })
  })

  test('keeps the newest index only: as many histories as names, no node between two entries', async () => {
    const log = await createLog()
    await publish(log, names(0, 100))
    await publish(log, names(0, 10), '2.0.0')
    const read = indexReader(log.store, log.publisher)
    const head = await findHead(log.store, log.publisher)
    if (!head) throw new Error('no head')
    const reachable = new Set<string>()
    for (const name of names(0, 100)) {
      const nodes = await proveName(head.index, name, read)
      for (const node of nodes) reachable.add(cidOf(node))
      reachable.add(verifyName({ root: head.index, name, nodes }) ?? '')
    }
    const stored = (await keysOf(log.store, 'index')).map((key) => key.split('/')[1])
    expect(stored.sort()).toEqual([...reachable].sort())
  })

  test('the same release again adds nothing, before and after it is stored', async () => {
    const log = await createLog()
    const one = { name: 'com.example/a', version: '1.0.0', release: cid('a') }
    const draft = await openDraft(log.store, log.publisher)
    const added = await addRelease(draft, one, log.root)
    expect(added).toMatchObject({ kind: 'added', seq: 1 })
    expect(await addRelease(draft, one, log.root)).toEqual({ ...added, kind: 'same' })
    await log.store.commit(await draft.finish(log.log))
    const again = await openDraft(log.store, log.publisher)
    expect(await addRelease(again, one, log.root)).toEqual({ ...added, kind: 'same' })
    expect(await again.finish(log.log)).toEqual({})
  })

  test('a version with other content is refused, and the draft goes on', async () => {
    const log = await createLog()
    const draft = await openDraft(log.store, log.publisher)
    const one = { name: 'com.example/a', version: '1.0.0', release: cid('a') }
    await addRelease(draft, one, log.root)
    expect(
      await rejectionOf(() => addRelease(draft, { ...one, release: cid('b') }, log.root)),
    ).toMatch(
      new RegExp(`^VERSION_EXISTS: com.example/a@1.0.0 .* expected ${cid('a')}; got ${cid('b')}$`),
    )
    expect(await addRelease(draft, { ...one, version: '1.0.1' }, log.root)).toMatchObject({
      seq: 2,
    })
    await log.store.commit(await draft.finish(log.log))
    expect((await checkLog(log)).size).toBe(3)
  })

  test('a signer that fails leaves nothing to commit', async () => {
    const log = await createLog()
    const draft = await openDraft(log.store, log.publisher)
    const broken = { key: log.root.key, sign: () => Promise.reject(new Error('token removed')) }
    const one = { name: 'com.example/a', version: '1.0.0', release: cid('a') }
    await addRelease(draft, one, log.root)
    await addRelease(draft, { ...one, version: '1.0.1' }, broken)
    await expect(draft.finish(log.log)).rejects.toThrow('token removed')
    expect((await checkLog(log)).size).toBe(1)
  })

  test('a release that is refused leaves the draft as it was', async () => {
    const log = await createLog()
    const draft = await openDraft(log.store, log.publisher)
    const one = { name: 'com.example/a', version: '1.0.0', release: cid('a') }
    for (const bad of [{ name: 'A' }, { version: '1' }, { name: 'com.example/__proto__' }]) {
      await expect(addRelease(draft, { ...one, ...bad }, log.root)).rejects.toThrow()
    }
    expect(await addRelease(draft, one, log.root)).toMatchObject({ kind: 'added', seq: 1 })
    await log.store.commit(await draft.finish(log.log))
    expect((await checkLog(log)).size).toBe(2)
  })

  test('t06-race: of two writers at once one wins, and the other is told', async () => {
    const log = await createLog()
    const drafts = await Promise.all([
      openDraft(log.store, log.publisher),
      openDraft(log.store, log.publisher),
    ])
    const changes = []
    for (const [i, draft] of drafts.entries()) {
      await addRelease(
        draft,
        { name: 'com.example/a', version: `${i}.0.0`, release: cid(`${i}`) },
        log.root,
      )
      changes.push(await draft.finish(log.log))
    }
    const [first, second] = changes
    await log.store.commit(first ?? {})
    expect(await rejectionOf(() => log.store.commit(second ?? {}))).toMatch(/^CONFLICT/)
    expect((await checkLog(log)).size).toBe(2)
  })

  test('two of two keys sign', async () => {
    const keys = createPublisher()
    const second = createSigner('ecdsa-p256')
    const both = { threshold: 2, keys: [keys.root.key, second.key] }
    const store = openMemoryStore()
    const roles = { ...keys.roles, root: both, release: both }
    const { publisher, change } = await draftGenesis({
      store,
      roles,
      rootSigner: [keys.root, second],
      logSigner: keys.log,
    })
    await store.commit(change)
    const draft = await openDraft(store, publisher)
    const one = { name: 'com.example/a', version: '1.0.0', release: cid('a') }
    const words =
      'SIGNER_UNAUTHORIZED: These signers may not sign a release entry. expected 2 distinct signers of the role that may'
    expect(await rejectionOf(() => addRelease(draft, one, keys.root))).toBe(
      `${words}; got 1 signer`,
    )
    expect(await rejectionOf(() => addRelease(draft, one, keys.root, keys.root))).toBe(
      `${words}; got 2 signers`,
    )
    await addRelease(draft, one, keys.root, second)
    await store.commit(await draft.finish(keys.log))
    await checkLog({ ...keys, roles, store, publisher })
  })
})

describe('refused', () => {
  test('a log that is not here', async () => {
    const { publisher } = await createLog()
    expect(await rejectionOf(() => openDraft(openMemoryStore(), publisher))).toBe(
      `NOT_FOUND: This store does not hold that publisher’s log. expected the log of ${publisher}; got nothing`,
    )
  })

  test('keys of other roles', async () => {
    const log = await createLog()
    const stranger = createSigner('ecdsa-p256')
    const draft = await openDraft(log.store, log.publisher)
    const one = { name: 'com.example/a', version: '1.0.0', release: cid('a') }
    expect(await rejectionOf(() => addRelease(draft, one, stranger))).toMatch(
      /^SIGNER_UNAUTHORIZED/,
    )
    expect(await rejectionOf(() => addRelease(draft, one))).toMatch(/^SIGNER_UNAUTHORIZED/)
    await addRelease(draft, one, log.root)
    const other = createSigner('ed25519')
    expect(await rejectionOf(() => draft.finish(other))).toBe(
      `SIGNER_UNAUTHORIZED: This key may not sign checkpoints of this log. expected ${log.log.key.spki}; got ${other.key.spki}`,
    )
    const { roles, store } = log
    expect(
      await rejectionOf(() =>
        draftGenesis({ store, roles, rootSigner: stranger, logSigner: log.log }),
      ),
    ).toMatch(/^SIGNER_UNAUTHORIZED: These signers may not sign a genesis entry/)
  })

  test('t09-bit-rot: a checkpoint over a tree with a flipped bit', async () => {
    const log = await createLog()
    await publish(log, names(0, 2))
    const head = await findHead(log.store, log.publisher)
    const edge: Record<number, string> = { 3: '00/0000000000000002' }
    const key = `${log.publisher}/${edge[head?.size ?? 0]}`
    const [hash] = await log.store.findRecords([{ table: 'hash', key }])
    const rotten = Buffer.from(hash as Uint8Array)
    rotten[0] = (rotten[0] ?? 0) ^ 1
    await log.store.commit({ put: [{ table: 'hash', key, value: rotten }] })
    const draft = await openDraft(log.store, log.publisher)
    await addRelease(
      draft,
      { name: 'com.example/b', version: '1.0.0', release: cid('b') },
      log.root,
    )
    const text = await rejectionOf(() => draft.finish(log.log))
    expect(text).toMatch(
      /^STORE_CORRUPT: The stored tree of this log is not the one that was signed last. expected size 3, root/,
    )
  })

  test.each<[string, Table, (log: TestLog) => string]>([
    ['hash', 'hash', (log) => `${log.publisher}/00/0000000000000002`],
    ['entry', 'entry', (log) => `${log.publisher}/0000000000000000`],
  ])('a missing %s', async (_, table, keyOf) => {
    const log = await createLog()
    await publish(log, names(0, 2))
    await log.store.commit({ remove: [{ table, key: keyOf(log) }] })
    const text = await rejectionOf(() => publish(log, names(2, 3)))
    expect(text).toBe(
      `STORE_CORRUPT: A part of a log is missing from this store. expected ${table} ${keyOf(log)}; got nothing`,
    )
  })

  test('damaged records', async () => {
    const log = await createLog()
    const { publisher, store } = log
    const damage = async (table: Table, key: string, value: string): Promise<void> =>
      store.commit({ put: [{ table, key, value: Buffer.from(value) }] })
    await damage('hash', `${publisher}/00/0000000000000000`, 'short')
    expect(await rejectionOf(() => hashReader(store, publisher)([{ level: 0, index: 0 }]))).toMatch(
      /^STORE_CORRUPT: A stored hash of a log has another length. expected 32 bytes; got 5 bytes/,
    )
    await damage('entry', `${publisher}/0000000000000000`, '{"bundles":0}')
    expect(await rejectionOf(() => readEntries(store, publisher, { start: 0, end: 1 }))).toBe(
      `STORE_CORRUPT: The record of the log entry ${publisher}/0000000000000000 cannot be read. expected a record this node wrote; got other bytes`,
    )
    await damage('head', publisher, '{}')
    expect(await rejectionOf(() => findHead(store, publisher))).toBe(
      `STORE_CORRUPT: The record of the head of ${publisher} cannot be read. expected a record this node wrote; got other bytes`,
    )
  })

  test('t01-rollback: publishing from a restored backup, which would fork the log', async () => {
    const log = await createLog()
    const draft = await openDraft(log.store, log.publisher)
    await addRelease(
      draft,
      { name: 'com.example/a', version: '1.0.0', release: cid('a') },
      log.root,
    )
    const { floors = [] } = await draft.finish(log.log)
    await log.store.commit({ floors })
    const [floor] = floors
    expect(await rejectionOf(() => openDraft(log.store, log.publisher))).toMatch(
      new RegExp(
        `^ROLLBACK: This store has lost entries of a log that it signed. expected size 2, root ${floor?.root}; got size 1`,
      ),
    )
  })

  test('another publisher’s log under this one’s records', async () => {
    const [log, other] = [await createLog(), await createLog()]
    const [entry] = await readEntries(other.store, other.publisher, { start: 0, end: 1 })
    const bytes = entry?.statement ?? new Uint8Array()
    const records = await other.store.findRecords([
      { table: 'entry', key: `${other.publisher}/0000000000000000` },
      { table: 'bundle', key: `${cidOf(bytes)}/000` },
    ])
    const [position = bytes, bundle = bytes] = records
    await log.store.commit({
      blocks: [{ cid: cidOf(bytes), bytes }],
      put: [
        { table: 'entry', key: `${log.publisher}/0000000000000000`, value: position },
        { table: 'bundle', key: `${cidOf(bytes)}/000`, value: bundle },
      ],
    })
    expect(await rejectionOf(() => openDraft(log.store, log.publisher))).toBe(
      `STORE_CORRUPT: The first entry of this log is not its genesis. expected ${log.publisher}; got ${other.publisher}`,
    )
  })

  test('entries that do not lead to their state', async () => {
    const log = await createLog()
    const head = await findHead(log.store, log.publisher)
    const entries = await readEntries(log.store, log.publisher, { start: 0, end: 1 })
    const state = applyEntry(undefined, parseStatement(entries[0]?.statement ?? new Uint8Array()))
    const append = {
      store: log.store,
      head,
      state,
      entries: entries.map((entry) => ({ ...entry, cid: cidOf(entry.statement) })),
      withdraws: false,
      index: { added: [], removed: [] },
      logSigner: log.log,
    }
    expect(await rejectionOf(() => draftAppend(append))).toMatch(
      /^SEQUENCE_INVALID: These entries do not lead to the state/,
    )
  })
})
