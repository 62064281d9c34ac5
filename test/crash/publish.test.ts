// Killed anywhere in `init` and `publish`: the old state or the new one, one entry for each position, nothing lost that was
// acknowledged, and the same command afterwards ends what was begun.

import { mkdir, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { findOwnPublisher, init, publish, verifyName } from '../../src/registry/index.ts'
import { assertSoundBlocks, assertSoundLog, count } from '../support/crash-checks.ts'
import {
  type Crashed,
  copyOf,
  crashAtEveryAwait,
  crashEverywhere,
  type TemporaryFolder,
} from '../support/crash-run.ts'
import { CALLS, NAME, openHome, toolkitOf } from '../support/crash-scenarios.ts'

let empty: TemporaryFolder
let one: TemporaryFolder
/** version → statement, as an undisturbed run publishes them. */
let expected: ReadonlyMap<string, string>

beforeAll(async () => {
  empty = await copyOf()
  one = await copyOf()
  {
    await using workspace = await openHome(one.path)
    await init(workspace)
    await publish(workspace, [toolkitOf('1.0.0')])
  }
  await using whole = await copyOf(one.path)
  await using workspace = await openHome(whole.path)
  const published = await publish(workspace, CALLS.flat().map(toolkitOf))
  expected = new Map(published.map(({ version, statement }) => [version, statement]))
})

afterAll(async () => {
  await empty[Symbol.asyncDispose]()
  await one[Symbol.asyncDispose]()
})

async function checkInit({ folder, acknowledged }: Omit<Crashed, 'where'>): Promise<void> {
  let before: string | undefined
  {
    await using workspace = await openHome(folder)
    before = await findOwnPublisher(workspace.store)
    expect(await count(workspace.store, 'entry')).toBe(before === undefined ? 0 : 1)
    if (acknowledged.length > 0) expect([before]).toEqual(acknowledged)
  }
  await using workspace = await openHome(folder)
  const { publisher, created, keys } = await init(workspace)
  expect([publisher, created]).toEqual([before ?? publisher, before === undefined])
  expect(keys.map(({ name }) => name)).toEqual(['log', 'signing'])
  await publish(workspace, [toolkitOf('1.0.0')])
  expect(await assertSoundLog(workspace.store, publisher, folder)).toBe(2)
}

/** Two entries before; a call appends all of its releases or none. */
const SIZES = [2, 3, 5]

async function checkPublish({ folder, acknowledged }: Omit<Crashed, 'where'>): Promise<void> {
  {
    await using workspace = await openHome(folder)
    const { store } = workspace
    const publisher = (await findOwnPublisher(store)) ?? expect.fail('the publisher is gone')
    expect(SIZES).toContain(await assertSoundLog(store, publisher, folder))
    await assertSoundBlocks(store)
    for (const line of acknowledged) {
      const [version, statement] = line.split(' ')
      const { release } = await verifyName(store, `${NAME}@${version}`)
      expect(release.entry.statement).toBe(statement)
    }
  }
  await using workspace = await openHome(folder)
  const again = await publish(workspace, CALLS.flat().map(toolkitOf))
  for (const { version, statement } of again) expect(statement).toBe(expected.get(version))
  expect(await assertSoundLog(workspace.store, again[0]?.publisher as never, folder)).toBe(5)
}

describe('a process that is killed', () => {
  it.each([['MANIFEST-000001'], ['MANIFEST-000001', '000001.dbtmp']])(
    'while LevelDB makes its first files is no damage: %s',
    async (...names) => {
      await using folder = await copyOf()
      const db = join(folder.path, 'home', 'store', 'db')
      await mkdir(db, { recursive: true })
      for (const name of names) await writeFile(join(db, name), 'half a')
      await checkInit({ folder: folder.path, acknowledged: [] })
    },
  )

  it('in its very first command leaves no publisher or a whole one', async () => {
    const points = await crashEverywhere('init', empty.path, checkInit)
    console.info(`init: killed at ${points.length} points`)
    expect(points.length).toBeGreaterThanOrEqual(30)
  })

  it('while publishing leaves the old log or the new one', async () => {
    const points = await crashEverywhere('publish', one.path, checkPublish)
    console.info(`publish: killed at ${points.length} points`)
    expect(points.length).toBeGreaterThanOrEqual(30)
    // The kills that matter most are among them: half a batch, half a line of floors, and the time between the two.
    expect(points).toContain('torn db.batch')
    expect(points).toContain('torn file.write')
    expect(points.indexOf('after db.batch')).toBeLessThan(points.indexOf('torn file.write'))
  })

  it('while mending a torn file of floors leaves one that can be read', async () => {
    const check = ({ folder }: Crashed): Promise<void> => checkPublish({ folder, acknowledged: [] })
    const points = await crashEverywhere('mend', one.path, check, /rename|write|file.sync/)
    console.info(`mend: killed at ${points.length} points`)
    expect(points).toContain('torn file.write')
    expect(points).toContain('after fs.rename')
  })

  it.each([
    ['init', () => empty, checkInit],
    ['publish', () => one, checkPublish],
  ] as const)('leaves at each await of %s a disk that goes on', async (scenario, from, check) => {
    const { awaits, states } = await crashAtEveryAwait(scenario, from().path, check)
    console.info(`${scenario}: ${awaits} awaits, ${states} states of the disk`)
    expect(awaits).toBeGreaterThanOrEqual(30)
    expect(states).toBeGreaterThanOrEqual(3)
  })
})
