// Writing a static log: what is there is never touched again, every state it has been in can be read, a cut loses nothing, and a
// folder of another or a newer history is left alone.

import { mkdir, readdir, readFile, stat, truncate, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { type Cid, cidOf } from '../../src/cid/index.ts'
import type { RegistryError } from '../../src/lib/index.ts'
import {
  findHead,
  type HistoryVersion,
  leafHash,
  nodeHash,
  parseAuthorityBlock,
  parseHistory,
  RESERVED,
} from '../../src/log/index.ts'
import { appendEntry } from '../../src/registry/append.ts'
import { exportStatic, pull, verifyName } from '../../src/registry/index.ts'
import { localSource } from '../../src/resolve/index.ts'
import { staticSource } from '../../src/resolve/static/index.ts'
import type { PublisherId } from '../../src/spec/index.ts'
import type { Store } from '../../src/store/index.ts'
import { copyStore } from '../support/copy-store.ts'
import { serveFiles } from '../support/file-server.ts'
import { openPublisher, peerOf, type TestPublisher, toolkit } from '../support/publisher.ts'
import { consumer } from '../support/scene.ts'

const RELEASES = 1_000
const nameOf = (i: number): string => `com.example/t-${i}`

let alice: TestPublisher
let store: Store
let folder: string

beforeAll(async () => {
  alice = await openPublisher()
  store = alice.workspace.store
  folder = join(alice.workspace.folder, 'public')
  for (let n = 0; n < RELEASES; n += 250) {
    const some = Array.from({ length: 250 }, (_, i) =>
      toolkit(nameOf(n + i), '1.0.0', 1, `${n + i}`),
    )
    await alice.publish(...some)
  }
})

afterAll(() => alice[Symbol.asyncDispose]())

interface Found {
  readonly path: string
  readonly bytes: Buffer
  /** Changes when the file is written or replaced, be it with the same bytes. */
  readonly identity: string
}

/** Paths of `before` that are not the very same files in `after`. */
function changes(before: Map<string, Found>, after: Map<string, Found>): readonly string[] {
  const isSame = (a: Found, b: Found | undefined): boolean =>
    a.identity === b?.identity && a.bytes.equals(b.bytes)
  return [...before].filter(([path, file]) => !isSame(file, after.get(path))).map(([path]) => path)
}

async function filesOf(root: string): Promise<Map<string, Found>> {
  const entries = await readdir(root, { recursive: true, withFileTypes: true })
  const paths = entries.filter((e) => e.isFile()).map((e) => join(e.parentPath, e.name))
  const found = await Promise.all(
    paths.map(async (path) => {
      const { ino, mtimeMs } = await stat(path)
      return { path, bytes: await readFile(path), identity: `${ino}/${mtimeMs}` }
    }),
  )
  return new Map(found.map((file) => [file.path.slice(root.length + 1), file]))
}

/** Pulls with nothing but the folder, and proves what came again. */
async function pullName(root: string, reference: string, into = consumer()) {
  await using server = await serveFiles(root)
  const held = await into
  const peers = [peerOf(staticSource(new URL(server.url)))]
  const pulled = await pull(
    { ...alice.workspace, store: held },
    { reference, publisher: alice.id, peers },
  )
  const verified = await verifyName(held, reference, {})
  expect(verified.release.entry.statement).toBe(pulled.release.entry.statement)
  return pulled.release.entry
}

async function historyOf(store: Store, publisher: PublisherId, name: string): Promise<Uint8Array> {
  const root = (await findHead(store, publisher))?.index as Cid
  return (await localSource(store).indexPath(publisher, { root, name })).at(-1) as Uint8Array
}

async function refusalOf(work: Promise<unknown>): Promise<RegistryError> {
  return work.then(
    () => expect.fail('not refused'),
    (error: RegistryError) => error,
  )
}

describe('a log of 1,000 releases', () => {
  test('is written as the tiles of its size, and signed entries, index and blocks beside them', async () => {
    const exported = await exportStatic(store, { publisher: alice.id, folder })
    const files = await filesOf(folder)
    expect(exported).toMatchObject({ publisher: alice.id, size: RELEASES + 1, missing: [] })
    expect(exported.written.files).toBe(files.size)
    const bytes = [...files.values()].reduce((sum, file) => sum + file.bytes.length, 0)
    expect(exported.written.bytes).toBe(bytes)
    const paths = [...files.keys()].filter((path) => !/\/index\/|^block\//.test(path))
    expect(paths.map((path) => path.replace(`${alice.id}/`, '')).sort()).toEqual([
      'checkpoint',
      ...['000', '001', '002', '003.p/233'].map((n) => `signatures/${n}`),
      ...['000', '001', '002', '003.p/233'].map((n) => `tile/0/${n}`),
      'tile/1/000.p/3',
      ...['000', '001', '002', '003.p/233'].map((n) => `tile/entries/${n}`),
    ])
  })

  test('every file named by a CID has those bytes; every tile hashes what is below it', async () => {
    const files = await filesOf(folder)
    const named = [...files].filter(([path]) => /\/index\/|^block\//.test(path))
    expect(named.length).toBeGreaterThan(3 * RELEASES)
    for (const [path, { bytes }] of named) expect(cidOf(bytes)).toBe(path.split('/').at(-1))
    const tile = (path: string): Buffer => files.get(`${alice.id}/${path}`)?.bytes as Buffer
    const entries = tile('tile/entries/000')
    const leaves: Uint8Array[] = []
    for (let at = 0; at < entries.length; ) {
      const length = entries.readUInt16BE(at)
      leaves.push(leafHash(entries.subarray(at + 2, at + 2 + length)))
      at += 2 + length
    }
    expect(Buffer.concat(leaves).equals(tile('tile/0/000'))).toBe(true)
    let row = leaves
    while (row.length > 1)
      row = row.flatMap((hash, i) =>
        i % 2 === 0 ? [nodeHash(hash, row[i + 1] as Uint8Array)] : [],
      )
    expect(
      tile('tile/1/000.p/3')
        .subarray(0, 32)
        .equals(row[0] as Uint8Array),
    ).toBe(true)
  })

  test('can be pulled from, first entry to last', async () => {
    for (const i of [0, 255, 256, 999]) {
      const entry = await pullName(folder, nameOf(i))
      expect(entry).toMatchObject({ name: nameOf(i), version: '1.0.0', position: i + 1 })
    }
  })

  test('a second export finds nothing to do', async () => {
    const before = await filesOf(folder)
    const { written } = await exportStatic(store, { publisher: alice.id, folder })
    expect(written).toEqual({ files: 0, bytes: 0 })
    const after = await filesOf(folder)
    expect(changes(before, after)).toEqual([])
    expect(after.size).toBe(before.size)
  })

  test('a later one adds, and replaces the checkpoint only', async () => {
    const before = await filesOf(folder)
    await alice.publish(
      ...Array.from({ length: 30 }, (_, i) => toolkit(nameOf(i), '2.0.0', 1, '2')),
    )
    const { written } = await exportStatic(store, { publisher: alice.id, folder })
    const after = await filesOf(folder)
    expect(changes(before, after)).toEqual([`${alice.id}/checkpoint`])
    expect(written.files).toBe(after.size - before.size + 1)
    const added = [...after.keys()].filter((path) => !before.has(path))
    // The last tile has become full, and a partial one follows it.
    for (const path of ['tile/0/003', 'tile/0/004.p/7', 'tile/1/000.p/4', 'signatures/003'])
      expect(added).toContain(`${alice.id}/${path}`)
    expect((await pullName(folder, nameOf(7))).version).toBe('2.0.0')
    expect((await pullName(folder, `${nameOf(7)}@^1`)).version).toBe('1.0.0')
  })

  test('no temporary file stays', async () => {
    expect([...(await filesOf(folder)).keys()].filter((path) => path.endsWith('.tmp'))).toEqual([])
  })
})

describe('what a folder holds already', () => {
  test('t01-rollback: a newer state of the log is not replaced by an older', async () => {
    const older = await copyStore(store)
    await alice.publish(toolkit(nameOf(1), '3.0.0', 1))
    await exportStatic(store, { publisher: alice.id, folder })
    const before = await filesOf(folder)
    const error = await refusalOf(exportStatic(older, { publisher: alice.id, folder }))
    expect(error).toMatchObject({
      code: 'ROLLBACK',
      message: 'The folder holds a newer state of this log than this store.',
      details: {
        expected: 'at most 1031 entries',
        got: '1032 entries',
        next: 'Export from the store that wrote it, or into a new folder.',
      },
    })
    expect(changes(before, await filesOf(folder))).toEqual([])
  })

  test('t05-fork: another history of the log is not written over', async () => {
    const branch = await copyStore(store)
    const { publish } = await import('../../src/registry/index.ts')
    await publish({ ...alice.workspace, store: branch }, [toolkit(nameOf(1), '9.0.0', 1)])
    const root = join(alice.workspace.folder, 'branch')
    await exportStatic(branch, { publisher: alice.id, folder: root })
    await alice.publish(toolkit(nameOf(2), '9.0.0', 1))
    const error = await refusalOf(exportStatic(store, { publisher: alice.id, folder: root }))
    expect(error).toMatchObject({
      code: 'FORKED',
      message: 'The folder holds another history of this log than this store.',
      details: {
        next: 'Keep both: they prove that one key signed two histories. Do not publish either before you know why.',
        evidence: {
          folder: expect.stringContaining('1033'),
          store: expect.stringContaining('1033'),
        },
      },
    })
  })

  test('a file of another length is reported, not replaced', async () => {
    const path = join(folder, alice.id, 'tile', 'entries', '000')
    const { length } = await readFile(path)
    await truncate(path, 100)
    const error = await refusalOf(exportStatic(store, { publisher: alice.id, folder }))
    expect(error).toMatchObject({
      code: 'FILE_EXISTS',
      message: `The file ${path} exists already, with other content.`,
      details: {
        expected: `${length} bytes`,
        got: '100 bytes',
        next: 'Files of a static log never change: it was damaged. Remove it and export again.',
      },
    })
  })

  test('another publisher’s log stands beside it, and equal tools are one file', async () => {
    await using bob = await openPublisher()
    const root = join(bob.workspace.folder, 'shared')
    await exportStatic(store, { publisher: alice.id, folder: root })
    const before = (await readdir(join(root, 'block'))).length
    await bob.publish(toolkit(nameOf(5), '1.0.0', 1, '5'))
    await exportStatic(bob.workspace.store, { publisher: bob.id, folder: root })
    expect((await readdir(root)).sort()).toEqual(['block', alice.id, bob.id].sort())
    // The release, its tool and its name are the same bytes: nothing new.
    expect((await readdir(join(root, 'block'))).length).toBe(before)
    expect((await pullName(root, nameOf(5))).publisher).toBe(alice.id)
  })
})

describe('what goes wrong on the way', () => {
  test('cut anywhere, it leaves the old checkpoint, and the next run goes on', async () => {
    const root = join(alice.workspace.folder, 'cut')
    const cut = new AbortController()
    const onProgress = (): void => cut.abort(new Error('cut'))
    const running = { signal: cut.signal, onProgress }
    await expect(
      exportStatic(store, { publisher: alice.id, folder: root }, running),
    ).rejects.toThrow('cut')
    const before = await filesOf(root)
    expect(before.size).toBeGreaterThan(100)
    expect(before.has(`${alice.id}/checkpoint`)).toBe(false)
    await exportStatic(store, { publisher: alice.id, folder: root })
    expect(changes(before, await filesOf(root))).toEqual([])
    expect((await pullName(root, nameOf(3))).version).toBe('2.0.0')
  })

  test('a log that grows meanwhile is exported as it was at some moment', async () => {
    const root = join(alice.workspace.folder, 'growing')
    let stop = false
    const publishing = (async () => {
      for (let i = 0; !stop; i++)
        await alice.publish(toolkit(nameOf(i % 50), `4.${i}.0`, 1, `${i}`))
    })()
    for (let i = 0; i < 3; i++) {
      await exportStatic(store, { publisher: alice.id, folder: root })
      await pullName(root, nameOf(0))
    }
    stop = true
    await publishing
  })

  test('progress counts entries', async () => {
    const seen: string[] = []
    const root = join(alice.workspace.folder, 'progress')
    const onProgress = (p: { what: string; done: number; total: number }): void => {
      seen.push(`${p.what} ${p.done > 0 && p.done <= p.total}`)
    }
    await exportStatic(store, { publisher: alice.id, folder: root }, { onProgress })
    expect(seen.length).toBeGreaterThan(3)
    expect(new Set(seen)).toEqual(new Set(['exported true']))
  })

  test('a log that is not held here', async () => {
    const root = join(alice.workspace.folder, 'none')
    const error = await refusalOf(
      exportStatic(await consumer(), { publisher: alice.id, folder: root }),
    )
    expect(error).toMatchObject({
      code: 'NOT_FOUND',
      message: 'This node does not hold that publisher’s log.',
      details: {
        expected: 'the log of a publisher held here in full',
        got: alice.id,
        next: 'Run `registry export --static DIR` without an id for your own log.',
      },
    })
  })

  test('a folder that is none', async () => {
    const root = join(alice.workspace.folder, 'file')
    await writeFile(root, 'x')
    const error = await refusalOf(exportStatic(store, { publisher: alice.id, folder: root }))
    expect(error).toMatchObject({
      code: 'FILE_UNAVAILABLE',
      details: {
        expected: 'a folder that can be written to, with room',
        got: 'ENOTDIR',
        next: 'Free some room or choose another folder with `--static`; what was written so far is kept and used.',
      },
    })
  })

  test('a tool that is not held here is named, and its release left out', async () => {
    await using bob = await openPublisher()
    await bob.publish(toolkit('com.example/whole', '1.0.0', 1, 'whole'))
    await bob.publish(toolkit('com.example/part', '1.0.0', 2, 'part'))
    const own = bob.workspace.store
    const gone = cidOf(Buffer.from('gone'))
    let lost = gone
    const lossy: Store = {
      ...own,
      findBlocks: async (cids) => {
        const found = await own.findBlocks(cids)
        return found.map((bytes, i) => {
          if (bytes === undefined || !Buffer.from(bytes).includes('part Number 1.')) return bytes
          lost = cids[i] ?? gone
          return undefined
        })
      },
    }
    const root = join(bob.workspace.folder, 'lossy')
    await mkdir(root)
    const { missing } = await exportStatic(lossy, { publisher: bob.id, folder: root })
    expect(missing).toEqual([lost])
    // What was lost and is found again completes the folder.
    const again = await exportStatic(own, { publisher: bob.id, folder: root })
    expect(again).toMatchObject({ missing: [], written: { files: 2 } })
  })

  test('what the log has withdrawn is not written, and named where it was before', async () => {
    await using bob = await openPublisher()
    await bob.publish(toolkit('com.example/a', '1.0.0', 1), toolkit('com.example/b', '1.0.0', 1))
    const own = bob.workspace.store
    const before = join(bob.workspace.folder, 'before')
    await exportStatic(own, { publisher: bob.id, folder: before })
    const { release } = parseHistory(await historyOf(own, bob.id, 'com.example/a')).versions[
      '1.0.0'
    ] as HistoryVersion
    await appendEntry(bob.workspace, () => ({
      kind: 'tombstone',
      subject: release,
      reason: 'gone',
    }))
    const again = await exportStatic(own, { publisher: bob.id, folder: before })
    expect(again).toMatchObject({ missing: [], withdrawn: [release] })
    const fresh = join(bob.workspace.folder, 'fresh')
    expect(await exportStatic(own, { publisher: bob.id, folder: fresh })).toMatchObject({
      missing: [],
      withdrawn: [],
    })
    expect(await readdir(join(fresh, 'block'))).not.toContain(release)
    // The log's state beside its names is among the files: the reserved key leads to it.
    await using server = await serveFiles(fresh)
    const source = staticSource(new URL(server.url))
    const root = (await findHead(own, bob.id))?.index as Cid
    const path = await source.indexPath(bob.id, { root, name: RESERVED })
    expect(parseAuthorityBlock(path.at(-1) as Uint8Array).notices.tombstones.has(release)).toBe(
      true,
    )
  })

  test('hashes that do not fit the signed head are not published', async () => {
    await using bob = await openPublisher()
    await bob.publish(toolkit('com.example/a', '1.0.0', 1), toolkit('com.example/b', '1.0.0', 1))
    const own = bob.workspace.store
    const damaged: Store = {
      ...own,
      findRecords: async (keys) => {
        const found = await own.findRecords(keys)
        return found.map((value, i) => (keys[i]?.table === 'hash' ? Buffer.alloc(32) : value))
      },
    }
    const root = join(bob.workspace.folder, 'damaged')
    const error = await refusalOf(exportStatic(damaged, { publisher: bob.id, folder: root }))
    expect(error).toMatchObject({
      code: 'STORE_CORRUPT',
      message: 'The signed head of this log does not match its hashes.',
      details: {
        next: 'Nothing was published. Run `registry doctor`; restore the store from a backup if it says so.',
      },
    })
    expect((await filesOf(root)).has(`${bob.id}/checkpoint`)).toBe(false)
  })
})
