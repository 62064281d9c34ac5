// Publishing in a log whose key is on another machine: what the log says afterwards, here and there.

import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import {
  checkLog,
  findLogOf,
  listReleases,
  type Progress,
  submit,
  verifyName,
} from '../../src/registry/index.ts'
import { formatPin } from '../../src/resolve/index.ts'
import { dump } from '../support/copy-store.ts'
import { openTestHome, type TestHome } from '../support/home-node.ts'
import { openPublisher, toolkit } from '../support/publisher.ts'

let home: TestHome
beforeEach(async () => {
  home = await openTestHome()
})
afterEach(() => home[Symbol.asyncDispose]())

async function size(): Promise<number> {
  return (await checkLog(home.publisher.workspace.store, home.publisher.id)).size
}

async function namesOf(store: Parameters<typeof listReleases>[0]): Promise<readonly string[]> {
  const listed = await Array.fromAsync(listReleases(store))
  return listed.map(({ name, version }) => `${name}@${version}`).toSorted()
}

describe('one machine', () => {
  test('publishes a release, proves it offline, and does not repeat it', async () => {
    const ci = await home.machine('ci')
    const [published] = await ci.submit(toolkit('com.example/weather', '1.0.0'))
    expect(published).toMatchObject({ kind: 'published', seq: 1, name: 'com.example/weather' })
    expect(await size()).toBe(2)
    const { release } = await verifyName(ci.workspace.store, 'com.example/weather', {})
    expect(release.cid).toBe(published?.release)
    const before = await dump(home.publisher.workspace.store)
    expect(await ci.submit(toolkit('com.example/weather', '1.0.0'))).toEqual([
      { ...published, kind: 'unchanged' },
    ])
    expect(await dump(home.publisher.workspace.store)).toEqual(before)
  })

  test('leaves what publishing at home would have left', async () => {
    await using other = await openPublisher()
    const ci = await home.machine('ci')
    const bare = toolkit('hello', '1.0.0')
    await ci.submit(toolkit('com.example/weather', '1.0.0'), bare)
    await other.publish(toolkit('com.example/weather', '1.0.0'), bare)
    const kinds = async ({ workspace: { store }, id }: typeof other) => {
      const { records } = await dump(store)
      const keys = records.map(({ table, key }) => `${table} ${key.replaceAll(id, 'ID')}`)
      return keys.filter((key) => /^(claim|use|pin|self) /.test(key) && !key.includes('bafk'))
    }
    expect(await kinds(home.publisher)).toEqual(await kinds(other))
  })

  test('sends only blocks that the home node lacks', async () => {
    const ci = await home.machine('ci')
    await ci.submit(toolkit('com.example/weather', '1.0.0', 20))
    const staged: number[] = []
    await ci.submitVia(
      async () => {
        const honest = await ci.dial()
        const stage: typeof honest.stage = async (blocks, options) => {
          staged.push(blocks.length)
          await honest.stage(blocks, options)
        }
        return { ...honest, stage }
      },
      toolkit('com.example/weather', '1.1.0', 21),
    )
    // The release block, then the one tool that is new.
    expect(staged).toEqual([1, 1])
  })

  test('publishes 150 releases of 120 names in three submissions; the index splits on the way', async () => {
    const ci = await home.machine('ci')
    const toolkits = Array.from({ length: 150 }, (_, i) =>
      toolkit(`com.example/kit-${i % 120}`, `1.${Math.floor(i / 120)}.0`, 1),
    )
    const progress: Progress[] = []
    const results = await submit(
      ci.workspace,
      { toolkits, publisher: home.publisher.id, open: ci.dial, random: () => 0 },
      { onProgress: (done) => progress.push(done) },
    )
    expect(results.map(({ seq }) => seq)).toEqual(toolkits.map((_, i) => i + 1))
    expect(await size()).toBe(151)
    expect(progress.at(-1)).toEqual({ what: 'submitted', done: 150, total: 150 })
    // What is there already is left out of the next submission, wherever it stands in the list.
    const again = await ci.submit(
      ...toolkits.slice(10, 20),
      toolkit('com.example/new', '1.0.0'),
      ...toolkits.slice(30, 40),
    )
    const kinds = again.map(({ kind }) => kind)
    expect(kinds.indexOf('published')).toBe(10)
    expect(kinds.filter((kind) => kind === 'unchanged')).toHaveLength(20)
    expect(await size()).toBe(152)
  })

  test('the same release twice in one list is one entry', async () => {
    const ci = await home.machine('ci')
    const weather = toolkit('com.example/weather', '1.0.0')
    const results = await ci.submit(weather, weather)
    expect(results.map(({ seq }) => seq)).toEqual([1, 1])
    expect(await size()).toBe(2)
  })

  test('other content under a version that is there', async () => {
    const ci = await home.machine('ci')
    await ci.submit(toolkit('com.example/weather', '1.0.0'))
    const other = toolkit('com.example/weather', '1.0.0', 2, 'Other words.')
    const next = toolkit('com.example/maps', '1.0.0')
    await expect(ci.submit(next, other)).rejects.toMatchObject({ code: 'VERSION_EXISTS' })
    expect(await namesOf(home.publisher.workspace.store)).toEqual(['com.example/weather@1.0.0'])
  })

  test('a stranger is refused, and keeps nothing', async () => {
    const stranger = await home.machine('mallory', 'stranger')
    await expect(stranger.submit(toolkit('com.example/weather', '1.0.0'))).rejects.toMatchObject({
      code: 'SIGNER_UNAUTHORIZED',
    })
    expect(await size()).toBe(1)
    expect((await dump(stranger.workspace.store)).blocks).toEqual([])
  })
})

describe('several machines', () => {
  test('at once: each release once, in one unbroken log', async () => {
    const machines = await Promise.all(
      Array.from({ length: 6 }, (_, i) => home.machine(`machine-${i}`)),
    )
    const own = (i: number) =>
      Array.from({ length: 4 }, (_, n) => toolkit(`com.example/of-${i}-${n}`, '1.0.0'))
    const shared = toolkit('com.example/shared', '1.0.0')
    await Promise.all(
      machines.map(async (machine, i) => {
        for (const each of [...own(i), shared]) await machine.submit(each)
      }),
    )
    expect(await size()).toBe(1 + 6 * 4 + 1)
    for (const [i, { workspace }] of machines.entries()) {
      const names = [...own(i), shared].map(({ name }) => `${name}@1.0.0`)
      expect(await namesOf(workspace.store)).toEqual(names.toSorted())
    }
  })

  test('and the home node publishes meanwhile', async () => {
    const ci = await home.machine('ci')
    const at = async (i: number) => {
      await home.publisher.publish(toolkit(`com.example/home-${i}`, '1.0.0'))
    }
    const open = async () => {
      const honest = await ci.dial()
      let grown = 0
      const submitLate: typeof honest.submit = async (submission, options) => {
        if (grown < 3) await at(grown++)
        return await honest.submit(submission, options)
      }
      return { ...honest, submit: submitLate }
    }
    const [published] = await ci.submitVia(open, toolkit('com.example/weather', '1.0.0'))
    expect(published).toMatchObject({ kind: 'published', seq: 4 })
    expect(await size()).toBe(5)
  })
})

describe('whose log it is', () => {
  test('is said by the name, by a pin, or by the person', async () => {
    const { store } = (await home.machine('ci')).workspace
    const { id } = home.publisher
    expect(await findLogOf(store, [toolkit(`${id}/a`, '1.0.0')], undefined)).toBe(id)
    expect(await findLogOf(store, [toolkit('a', '1.0.0')], id)).toBe(id)
    await expect(findLogOf(store, [toolkit('a', '1.0.0')], undefined)).rejects.toMatchObject({
      code: 'USAGE',
      message: 'This name does not say whose log it belongs in.',
      details: { expected: 'namespace/name, or --publisher ID', got: 'a' },
    })
    await expect(findLogOf(store, [toolkit('x.y/a', '1.0.0')], undefined)).rejects.toMatchObject({
      code: 'PUBLISHER_UNPINNED',
    })
    const since = new Date(0).toISOString()
    await store.commit({
      put: [formatPin({ namespace: 'x.y', publisher: id, how: 'flag', since })],
    })
    expect(await findLogOf(store, [toolkit('x.y/a', '1.0.0')], undefined)).toBe(id)
    await using bob = await openPublisher()
    const both = [toolkit('x.y/a', '1.0.0'), toolkit(`${bob.id}/b`, '1.0.0')]
    await expect(findLogOf(store, both, undefined)).rejects.toMatchObject({
      code: 'USAGE',
      message: 'These toolkits belong in the logs of several publishers.',
    })
    await expect(findLogOf(store, both, bob.id)).rejects.toMatchObject({
      code: 'PUBLISHER_CHANGED',
    })
  })
})
