// T38: one key publishes ten thousand tools that are stuffed with the words that people search for. Logs are real, signed and replicated; what a search
// finds is compared with what it found before.

import { afterAll, beforeAll, expect, test } from 'vitest'
import { follow, openSearch, setMirror } from '../../../src/registry/index.ts'
import { formatPin } from '../../../src/resolve/index.ts'
import { splitToolkit, type Toolkit } from '../../../src/spec/index.ts'
import type { Store } from '../../../src/store/index.ts'
import { bringLog, followerOf } from '../../support/follower.ts'
import { openPublisher, type TestPublisher, toolkit } from '../../support/publisher.ts'

const TOPICS =
  'weather mail calendar invoice translation map flight hotel music photo video news stock currency recipe database backup ticket chat contact document spreadsheet password network log'.split(
    ' ',
  )
const VERBS = ['find', 'create', 'list', 'convert', 'check']
const QUERIES = TOPICS.flatMap((topic, i) => [topic, `${VERBS[i % VERBS.length]} a ${topic}`])
const PUBLISHERS = 12
const RELEASES = 500
const TOOLS = 20

const owned = new AsyncDisposableStack()
const honest: TestPublisher[] = []
let liar: TestPublisher
beforeAll(async () => {
  for (let i = 0; i < PUBLISHERS; i++) {
    const publisher = owned.use(await openPublisher())
    await publisher.publish(
      ...TOPICS.map((topic, t) => honestKit(`com.p${i}/${topic}`, topic, i + t)),
    )
    honest.push(publisher)
  }
  liar = owned.use(await openPublisher())
  for (let start = 0; start < RELEASES; start += 100) {
    await liar.publish(...Array.from({ length: 100 }, (_, i) => stuffedKit(start + i)))
  }
})
afterAll(() => owned.disposeAsync())

function honestKit(name: string, topic: string, n: number): Toolkit {
  const verb = VERBS[n % VERBS.length]
  const text = `Lets you ${verb} a ${topic}${n % 3 === 0 ? ' with few questions' : ''}.`
  return { ...toolkit(name, '1.0.0', 1, text), title: n % 2 === 0 ? `A ${topic} tool` : 'A tool' }
}

/** Every word in every place, again and again. */
function stuffedKit(n: number): Toolkit {
  const all = [...TOPICS, ...VERBS].join(' ')
  const [topic] = [TOPICS[n % TOPICS.length]]
  const kit = toolkit(`com.liar/${topic}-${n}`, '9.9.9', TOOLS, `${all} ${topic} ${topic} ${n}`)
  return {
    ...kit,
    title: `Best ${topic}, ${topic}: ${all}`.slice(0, 200),
    keywords: TOPICS.slice(0, 20),
  }
}

async function consumer(...publishers: readonly TestPublisher[]): Promise<Store> {
  const store = await followerOf(...publishers)
  await follow(
    workspaceOf(store),
    honest.map(({ id }) => id),
  )
  return store
}

function workspaceOf(store: Store) {
  return { store, keys: '', passphrase: async () => undefined, now: () => new Date(0) }
}

async function trustAll(store: Store): Promise<void> {
  const since = '2026-11-21T00:00:00.000Z'
  const pins = honest.map(({ id: publisher }, i) =>
    formatPin({ namespace: `com.p${i}`, publisher, since, how: 'accepted' }),
  )
  await store.commit({ put: pins })
}

async function topTen(store: Store): Promise<readonly (readonly string[])[]> {
  const index = await openSearch(store)
  return QUERIES.map((query) => index.find(query).map(({ name }) => name))
}

test('t38-keyword-stuffing: ten thousand stuffed tools of one key change the first ten of no query', async () => {
  const store = await consumer(...honest)
  await trustAll(store)
  const before = await topTen(store)
  for (const names of before) expect(names).toHaveLength(10)
  // Brought by a mirror, they are here, and chosen by nobody.
  await setMirror(workspaceOf(store), 1e12)
  await bringLog(store, liar)
  expect(await topTen(store)).toEqual(before)
  const all = (await openSearch(store)).find('weather', 1_000)
  expect(all.filter(({ publisher }) => publisher === liar.id)).toEqual([])
  // Followed, they come after everything that is trusted.
  await follow(workspaceOf(store), [liar.id])
  const began = performance.now()
  const index = await openSearch(store)
  const opened = Math.round(performance.now() - began)
  expect(await topTen(store)).toEqual(before)
  expect(index.find('weather', 1_000).filter(({ publisher }) => publisher === liar.id).length).toBe(
    500,
  )
  console.info(`${RELEASES * TOOLS} stuffed tools: index ${opened} ms`)
})

test('t38-keyword-stuffing: among equals, one key has three places of ten, and moves nobody', async () => {
  const store = await consumer(...honest)
  const before = await topTen(store)
  await bringLog(store, liar)
  await follow(workspaceOf(store), [liar.id])
  for (const [i, names] of (await topTen(store)).entries()) {
    const others = names.filter((name) => !name.startsWith('com.liar/'))
    expect(names.length - others.length, QUERIES[i]).toBeLessThanOrEqual(3)
    expect(others, QUERIES[i]).toEqual(before[i]?.slice(0, others.length))
  }
})

test('t38-index: only what is in a verified log of somebody chosen is found', async () => {
  const store = await consumer(...honest)
  await trustAll(store)
  const kit = honestKit('com.p0/zeppelin', 'zeppelin', 0)
  const { release, tools } = splitToolkit(kit, liar.id)
  await store.commit({ blocks: [release, ...tools] })
  expect((await openSearch(store)).find('zeppelin')).toEqual([])
  // Under a namespace that is pinned to another.
  await using impostor = await openPublisher()
  await impostor.publish(kit)
  await bringLog(store, impostor)
  await follow(workspaceOf(store), [impostor.id])
  expect((await openSearch(store)).find('zeppelin')).toEqual([])
  await honest[0]?.publish({ ...kit, version: '1.0.1' })
  await bringLog(store, honest[0] as TestPublisher)
  expect((await openSearch(store)).find('a zeppelin')).toMatchObject([
    { name: 'com.p0/zeppelin', version: '1.0.1', publisher: honest[0]?.id, standing: 'pinned' },
  ])
})
