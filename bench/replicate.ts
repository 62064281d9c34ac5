// What does a whole log of somebody else cost beside its cryptography and its disk? 10,000 releases, their bytes in memory, into an empty store.

import { verify } from 'node:crypto'
import { join } from 'node:path'
import { promisify } from 'node:util'
import { blockOf, type Cid } from '../src/cid/index.ts'
import { canonicalBytes, utf8 } from '../src/lib/index.ts'
import { openDraft } from '../src/log/index.ts'
import { checkLog, init, openReplication, STEP_BYTES, STEP_ENTRIES } from '../src/registry/index.ts'
import { localSource, type SignedStatement } from '../src/resolve/index.ts'
import { type PublisherId, parseToolkit, splitToolkit } from '../src/spec/index.ts'
import { type Change, openLevelStore, openMemoryStore, type Store } from '../src/store/index.ts'
import { openSigner } from '../src/trust/index.ts'
import { makeToolkit } from './corpus.ts'
import { digest, type Keys, makeKeys, openRaw, signRelease } from './floor.ts'
import { withFolder } from './folders.ts'
import { type Measured, race } from './measure.ts'
import { record } from './recorder.ts'

const RELEASES = 10_000
const ANSWER = 64
const COMMIT = 1_000
const ROUNDS = 3

const verifyOnThread = promisify(verify)

export async function measure(): Promise<readonly Measured[]> {
  return [await withFolder(measureWhole)]
}

async function measureWhole(folder: string): Promise<Measured> {
  const log = await makeLog(folder)
  const { changes } = await recorded(log)
  const keys = makeKeys()
  const signatures = log.entries.map(({ statement }) => signRelease(keys, statement))
  let round = 0
  const raced = await race(
    { rounds: ROUNDS, items: RELEASES },
    async () => {
      await using store = await openLevelStore(join(folder, `subject-${round++}`))
      await replicate(store, log)
    },
    () => floor(join(folder, `floor-${round++}`), { log, changes, keys, signatures }),
  )
  return {
    question: 'replicate a log of 10,000 releases',
    unit: 'µs/release',
    ...raced,
    floorIs: 'the same signature checks on threads, hashes of blocks and tree, and synced writes',
    target: 2,
  }
}

interface TestLog {
  readonly publisher: PublisherId
  readonly note: Uint8Array
  readonly entries: readonly SignedStatement[]
  readonly blocks: ReadonlyMap<Cid, Uint8Array>
  /** Consistency proofs from a size to all of it. */
  readonly proofs: (from: number) => Promise<readonly Uint8Array[]>
}

async function makeLog(folder: string): Promise<TestLog> {
  const store = openMemoryStore()
  const keys = join(folder, 'keys')
  const { publisher } = await init({
    store,
    keys,
    passphrase: async () => undefined,
    now: () => new Date(0),
  })
  const signer = await openSigner(keys, 'signing')
  const blocks = new Map<Cid, Uint8Array>()
  for (let start = 0; start < RELEASES; start += COMMIT) {
    const draft = await openDraft(store, publisher)
    for (let seed = start; seed < Math.min(RELEASES, start + COMMIT); seed++) {
      const toolkit = parseToolkit(canonicalBytes(makeToolkit(seed)))
      const { name, version, release, tools } = splitToolkit(toolkit, publisher)
      for (const { cid, bytes } of [release, ...tools]) blocks.set(cid, bytes)
      await draft.add({ kind: 'release', name, version, subject: release.cid }, signer)
    }
    await store.commit(await draft.finish(await openSigner(keys, 'log')))
  }
  const source = localSource(store)
  const size = RELEASES + 1
  const entries: SignedStatement[] = []
  while (entries.length < size) {
    const range = { start: entries.length, end: size }
    entries.push(...(await source.entries(publisher, range)))
  }
  const note = await source.checkpoint(publisher)
  const proofs = (from: number) => source.consistency(publisher, { from, to: size })
  return { publisher, note, entries, blocks, proofs }
}

/** As a session does it, with every answer there at once. */
async function replicate(store: Store, log: TestLog): Promise<void> {
  const { publisher, note, entries, blocks, proofs } = log
  const opened = await openReplication(store, { publisher, note, consistency: [], label: 'memory' })
  if (opened.kind !== 'open') throw new Error(opened.kind)
  const { replication } = opened
  const { to } = replication
  while (replication.from < to) {
    const { from } = replication
    let wanted = await replication.take(entries.slice(from, from + ANSWER))
    while (wanted.length > 0) {
      wanted = await replication.give(wanted.map((cid) => blockOf(blocks.get(cid) ?? utf8(''))))
    }
    const isFull =
      replication.stagedBytes > STEP_BYTES || replication.stagedEntries > STEP_ENTRIES - ANSWER
    if (isFull && replication.from < to) await replication.commit(await proofs(replication.from))
  }
  await replication.commit()
}

async function recorded(log: TestLog): Promise<{ readonly changes: readonly Change[] }> {
  const { store, changes } = record(openMemoryStore())
  await replicate(store, log)
  await checkLog(store, log.publisher)
  return { changes }
}

async function floor(
  folder: string,
  {
    log,
    changes,
    keys,
    signatures,
  }: {
    readonly log: TestLog
    readonly changes: readonly Change[]
    readonly keys: Keys
    readonly signatures: readonly Uint8Array[]
  },
): Promise<void> {
  const raw = await openRaw(folder)
  let seq = 0
  for (const { blocks = [], put = [], remove = [] } of changes) {
    const operations = []
    const checks: Promise<boolean>[] = []
    for (const { bytes } of blocks) {
      operations.push({ type: 'put', key: digest(bytes), value: bytes } as const)
    }
    for (const { table, key, value } of put) {
      operations.push({ type: 'put', key: Buffer.from(`${table} ${key}`), value } as const)
      if (table === 'hash') digest(Buffer.concat([value, value]))
      if (table === 'index') digest(value)
      if (table !== 'entry') continue
      const { statement } = log.entries[seq] ?? { statement: new Uint8Array() }
      const signature = signatures[seq++] ?? new Uint8Array()
      checks.push(verifyOnThread('sha256', statement, keys.release.publicKey, signature))
    }
    for (const { table, key } of remove) {
      operations.push({ type: 'del', key: Buffer.from(`${table} ${key}`) } as const)
    }
    if ((await Promise.all(checks)).includes(false)) throw new Error('a bad signature')
    await raw.batch(operations, { sync: true })
  }
  await raw.close()
}
