// The corruption matrix: LevelDB forgives flipped bits and missing files; the store must not. Never wrong bytes; and where
// something acknowledged is gone, the floor, a missing item or an error tells.

import { appendFile, cp, readdir, readFile, rm, truncate, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { beforeAll, describe, expect, it } from 'vitest'
import { cidOf } from '../../src/cid/index.ts'
import { isRegistryError, type RegistryError, utf8 } from '../../src/lib/index.ts'
import { openStore, type ScrubFinding, type Store, scrubStore } from '../../src/store/index.ts'
import { codeOf, collect, floor, record } from '../contracts/store.ts'
import { COUNT, fill, ORIGIN, type Word } from './damaged.ts'
import { newFolder, startChild } from './folders.ts'

let clean: string
let crashed: string

beforeAll(async () => {
  clean = await newFolder()
  const store = await openStore(clean)
  await fill(store)
  await store[Symbol.asyncDispose]()
  crashed = await newFolder()
  const other = await openStore(crashed)
  await fill(other)
  // A copy of an open store is what a crash leaves: everything still in the log.
  const copy = await newFolder()
  await cp(crashed, copy, { recursive: true })
  await other[Symbol.asyncDispose]()
  crashed = copy
})

type Damage = (db: string) => Promise<void>

/** What each damaged copy says, judged in other processes: LevelDB has assertions that abort on some flipped bits. */
async function damage(source: string, ...changes: readonly Damage[]): Promise<readonly Word[][]> {
  const folders: string[] = []
  for (const change of changes) {
    const folder = await newFolder()
    await cp(source, folder, { recursive: true })
    await change(join(folder, 'db'))
    folders.push(folder)
  }
  const said: Word[][] = []
  while (said.length < folders.length) {
    const { output, code } = await startChild('judge', ...folders.slice(said.length)).exit
    const lines = output.split('\n').filter((line) => line.startsWith('["'))
    said.push(...lines.map((line): Word[] => JSON.parse(line)))
    if (code !== 0) said.push(['aborted'])
  }
  for (const words of said) {
    expect(words.filter((word) => word === word.toUpperCase())).toEqual([])
    // Nothing missing goes by in silence: something else is refused, or the head is below the floor.
    if (words.includes('missing')) {
      expect(words.some((word) => word === 'refused' || word === 'rolled-back')).toBe(true)
    }
  }
  return said
}

async function namesOf(source: string, pattern: RegExp): Promise<string[]> {
  return (await readdir(join(source, 'db'))).filter((name) => pattern.test(name))
}

function flipAt(name: string, place: number): Damage {
  return async (db) => {
    const bytes = await readFile(join(db, name))
    const at = Math.floor(place * (bytes.length - 1))
    bytes[at] = (bytes[at] ?? 0) ^ 0x10
    await writeFile(join(db, name), bytes)
  }
}

function cutTo(name: string, part: number): Damage {
  return async (db) => {
    const { length } = await readFile(join(db, name))
    await truncate(join(db, name), Math.floor(length * part))
  }
}

describe('undamaged', () => {
  it('a store answers everything, closed well or not', async () => {
    for (const source of [clean, crashed]) {
      expect(await damage(source, async () => {})).toEqual([['right']])
    }
  })
})

describe('a flipped bit', () => {
  const places = Array.from({ length: 20 }, (_, i) => i / 19)

  it('in a table is never wrong bytes, and is found', async () => {
    for (const name of await namesOf(clean, /\.ldb$/)) {
      const said = await damage(clean, ...places.map((place) => flipAt(name, place)))
      // Padding and the table's own filter aside, every flip must show.
      const shown = said.filter((words) => words.some((word) => word !== 'right'))
      expect(shown.length).toBeGreaterThan(places.length / 2)
    }
  })

  it('in the log is never wrong bytes, and what it drops is below the floor', async () => {
    const [name = ''] = await namesOf(crashed, /\.log$/)
    const said = await damage(crashed, ...places.map((place) => flipAt(name, place)))
    expect(said).toHaveLength(places.length)
  })

  it('in CURRENT or the manifest is refused or harmless', async () => {
    for (const name of await namesOf(clean, /^(CURRENT|MANIFEST.*)$/)) {
      await damage(clean, ...[0, 0.3, 0.6, 1].map((place) => flipAt(name, place)))
    }
  })
})

describe('a missing or cut file', () => {
  it.each([/^CURRENT$/, /^MANIFEST/, /\.ldb$/])('%s: refused', async (pattern) => {
    for (const source of [clean, crashed]) {
      const names = await namesOf(source, pattern)
      const said = await damage(source, ...names.map((name) => (db: string) => rm(join(db, name))))
      for (const words of said) expect(words).toContain('refused')
    }
  })

  it('a table cut short is refused', async () => {
    for (const name of await namesOf(clean, /\.ldb$/)) {
      for (const words of await damage(clean, cutTo(name, 0), cutTo(name, 0.5))) {
        expect(words).toContain('refused')
      }
    }
  })

  it('a log cut short shows as a head below its floor, or is refused', async () => {
    const [name = ''] = await namesOf(crashed, /\.log$/)
    const said = await damage(crashed, ...[0, 0.5, 0.99].map((part) => cutTo(name, part)))
    for (const words of said) expect(words).not.toEqual(['right'])
  })

  it('a deleted database leaves the floors, so an old log is still a rollback', async () => {
    const folder = await newFolder()
    await cp(clean, folder, { recursive: true })
    await rm(join(folder, 'db'), { recursive: true })
    await using store = await openStore(folder)
    expect(await store.findFloor(ORIGIN)).toEqual(floor(COUNT))
    expect(await store.listFloors()).toEqual([floor(COUNT)])
    expect(await codeOf(store.commit({ floors: [floor(7)] }))).toBe('ROLLBACK')
    await store.commit({ floors: [floor(COUNT + 1)] })
  })

  it('a deleted file of floors leaves those in the database', async () => {
    const folder = await newFolder()
    await cp(clean, folder, { recursive: true })
    await rm(join(folder, 'floors'))
    await using store = await openStore(folder)
    expect(await store.findFloor(ORIGIN)).toEqual(floor(COUNT))
    expect(await codeOf(store.commit({ floors: [floor(7)] }))).toBe('ROLLBACK')
  })
})

describe('the file of floors', () => {
  async function withFloors(change: (text: string) => string): Promise<RegistryError | Store> {
    const folder = await newFolder()
    await cp(clean, folder, { recursive: true })
    const path = join(folder, 'floors')
    await writeFile(path, change(await readFile(path, 'latin1')), 'latin1')
    return await openStore(folder).catch((error: RegistryError) => error)
  }

  it('may end in a torn line, which is cut off before the next is written', async () => {
    const folder = await newFolder()
    await cp(clean, folder, { recursive: true })
    await appendFile(join(folder, 'floors'), 'toolmark/p1 9999 aaa')
    for (const size of [COUNT + 1, COUNT + 2]) {
      await using store = await openStore(folder)
      await store.commit({ floors: [floor(size)] })
      expect(await store.findFloor(ORIGIN)).toEqual(floor(size))
    }
  })

  it.each([
    ['a changed size', (text: string) => text.replace(' 100 ', ' 101 ')],
    ['a changed root', (text: string) => text.replace('aaaa', 'aaab')],
    ['an empty line', (text: string) => `\n${text}`],
    ['a size spelled otherwise', (text: string) => text.replace(' 100 ', ' 1e2 ')],
    ['a fifth word', (text: string) => text.replace('\n', ' more\n')],
    ['binary', () => '\0\0\0\0\n'],
  ])('with %s is refused, naming the line', async (_, change) => {
    const error = await withFloors(change)
    if (!isRegistryError(error)) throw new Error('it opened')
    expect(error.code).toBe('STORE_CORRUPT')
    expect(error.details.line).toBeGreaterThan(0)
  })

  it('that contradicts the database is STORE_CORRUPT', async () => {
    const folder = await newFolder()
    const other = await newFolder()
    for (const [path, digit] of [
      [folder, 'a'],
      [other, 'b'],
    ] as const) {
      await using store = await openStore(path)
      await store.commit({ floors: [floor(5, digit)] })
    }
    await cp(join(other, 'floors'), join(folder, 'floors'))
    await using store = await openStore(folder)
    expect(await codeOf(store.findFloor(ORIGIN))).toBe('STORE_CORRUPT')
    expect(await codeOf(store.listFloors())).toBe('STORE_CORRUPT')
    expect(await codeOf(store.commit({ floors: [floor(6)] }))).toBe('STORE_CORRUPT')
  })

  it('is rewritten at open once it is long', async () => {
    const folder = await newFolder()
    const store = await openStore(folder)
    for (let i = 0; i < 3; i++) {
      const floors = Array.from({ length: 500 }, (_, j) => floor(i * 500 + j + 1))
      await store.commit({ floors })
    }
    await store[Symbol.asyncDispose]()
    await using again = await openStore(folder)
    expect((await readFile(join(folder, 'floors'), 'latin1')).split('\n')).toHaveLength(2)
    expect(await again.findFloor(ORIGIN)).toEqual(floor(1500))
    await again.commit({ floors: [floor(1501)] })
    expect((await readFile(join(folder, 'floors'), 'latin1')).split('\n')).toHaveLength(3)
  })
})

describe('a scrub', () => {
  it('names rotten blocks and records, goes on after them, and counts', async () => {
    const folder = await newFolder()
    const child = startChild('hold', folder)
    await child.line('ready')
    child.write('end')
    await child.exit
    const { ClassicLevel } = await import('classic-level')
    const good = await openStore(folder)
    const [a, b, c] = ['a', 'b', 'c'].map(utf8).map((bytes) => ({ cid: cidOf(bytes), bytes }))
    if (a === undefined || b === undefined || c === undefined) throw new Error()
    await good.commit({ blocks: [a, b, c], put: ['k', 'l', 'm'].map((key) => record(key, key)) })
    await good[Symbol.asyncDispose]()
    const db = new ClassicLevel<Uint8Array, Uint8Array>(join(folder, 'db'), {
      keyEncoding: 'view',
      valueEncoding: 'view',
    })
    const { blockKey, recordKey } = await import('../../src/store/level/keys.ts')
    await db.put(blockKey(b.cid), utf8('rot'))
    // A right value under another key is as wrong as a changed one.
    await db.put(recordKey('head', 'l'), (await db.get(recordKey('head', 'k'))) ?? utf8(''))
    await db.close()
    await using store = await openStore(folder)
    const findings = (await collect(scrubStore(store))).map(short)
    expect(findings).toEqual([
      `block ${b.cid}`,
      'record head l',
      'summary 3 blocks 4 records 2 rotten',
    ])
    expect(await codeOf(store.findBlocks([a.cid, b.cid]))).toBe('STORE_CORRUPT')
    await store.commit({ blocks: [b], put: [record('l', 'l')] })
    expect((await collect(scrubStore(store))).map(short)).toEqual([
      'summary 3 blocks 4 records 0 rotten',
    ])
  })
})

function short(finding: ScrubFinding): string {
  if (finding.kind === 'block') return `block ${finding.cid}`
  if (finding.kind === 'record') return `record ${finding.table} ${finding.key}`
  if (finding.kind === 'unreadable') return `unreadable ${finding.part}`
  return `summary ${finding.blocks} blocks ${finding.records} records ${finding.rotten} rotten`
}

describe('a store of another format', () => {
  it.each([
    ['{"format":2}', 'STORE_UNAVAILABLE'],
    ['{"format":', 'STORE_CORRUPT'],
    [undefined, 'STORE_CORRUPT'],
  ])('with the marker %s is %s', async (marker, code) => {
    const folder = await newFolder()
    await cp(clean, folder, { recursive: true })
    const { ClassicLevel } = await import('classic-level')
    const db = new ClassicLevel(join(folder, 'db'))
    if (marker === undefined) await db.del('!format')
    else await db.put('!format', marker)
    await db.close()
    const error = await openStore(folder).catch((it: RegistryError) => it)
    if (!isRegistryError(error)) throw new Error('it opened')
    expect(error.code).toBe(code)
    if (marker?.includes('2')) expect(error.details.got).toBe('format 2')
  })
})
