// How pins come to be, and that nothing but the consumer's word changes one.

import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { isRegistryError, type RegistryError, utf8 } from '../../src/lib/index.ts'
import {
  acceptPin,
  getPin,
  listPins,
  loadTools,
  publish,
  pull,
  removePin,
  verifyName,
} from '../../src/registry/index.ts'
import type { Source } from '../../src/resolve/index.ts'
import { openMemoryStore, type Store } from '../../src/store/index.ts'
import { dump } from '../support/copy-store.ts'
import { openPublisher, peerOf, type TestPublisher, toolkit } from '../support/publisher.ts'

const NAMESPACE = 'com.example'
const NAME = `${NAMESPACE}/weather`
const NOW = new Date('2026-01-02T03:04:05.678Z')

let alice: TestPublisher
let mallory: TestPublisher

beforeAll(async () => {
  alice = await openPublisher()
  mallory = await openPublisher()
  await alice.publish(toolkit(NAME, '1.0.0'))
  await mallory.publish(toolkit(NAME, '1.0.0', 2, 'Steals.'), toolkit(NAME, '9.0.0', 1, 'Steals.'))
})

afterAll(async () => {
  await alice[Symbol.asyncDispose]()
  await mallory[Symbol.asyncDispose]()
})

interface Meant {
  readonly publisher?: TestPublisher
  readonly chosenBy?: 'flag' | 'prompt'
  readonly now?: Date
}

function pullFrom(store: Store, source: Source, meant: Meant = {}) {
  const { publisher, now = NOW, ...how } = meant
  const workspace = { ...alice.workspace, store, now: () => now }
  const peers = [peerOf(source)]
  return pull(workspace, { reference: NAME, peers, publisher: publisher?.id, ...how })
}

async function pulled(): Promise<Store> {
  const store = openMemoryStore()
  await pullFrom(store, alice.source, { publisher: alice })
  return store
}

async function refusal(doing: Promise<unknown>): Promise<RegistryError> {
  const error = await doing.then(
    () => new Error('it was accepted'),
    (cause: unknown) => cause,
  )
  if (!isRegistryError(error)) throw error
  return error
}

/** Alice's log; `meddle` runs while the first blocks are on their way. */
function during(meddle: () => Promise<unknown>): Source {
  let done: Promise<unknown> | undefined
  const blocks: Source['blocks'] = async (cids, options) => {
    done ??= meddle()
    await done
    return await alice.source.blocks(cids, options)
  }
  return { ...alice.source, blocks }
}

const pinOf = (publisher: TestPublisher, how: string, since: Date = NOW) => ({
  namespace: NAMESPACE,
  publisher: publisher.id,
  since: since.toISOString(),
  how,
})

describe('a pin is made', () => {
  test('by the first pull that names the publisher, and says when and how', async () => {
    for (const chosenBy of ['flag', 'prompt'] as const) {
      const store = openMemoryStore()
      await pullFrom(store, alice.source, { publisher: alice, chosenBy })
      expect(await Array.fromAsync(listPins(store))).toEqual([pinOf(alice, chosenBy)])
    }
  })

  test('by publishing under the namespace', async () => {
    const [pin] = await Array.fromAsync(listPins(alice.workspace.store))
    expect(pin).toMatchObject({ namespace: NAMESPACE, publisher: alice.id, how: 'own' })
  })

  test('never by a pull that names none, or that is refused', async () => {
    const store = openMemoryStore()
    expect((await refusal(pullFrom(store, alice.source))).code).toBe('PUBLISHER_UNPINNED')
    const other = { ...alice.source, label: 'lost', blocks: async () => [undefined] }
    await refusal(pullFrom(store, other, { publisher: alice }))
    await refusal(pullFrom(store, mallory.source, { publisher: alice }))
    expect(await Array.fromAsync(listPins(store))).toEqual([])
  })

  test('once: later pulls leave it as it is', async () => {
    const store = await pulled()
    const later = { now: new Date(0), chosenBy: 'prompt' } as const
    await pullFrom(store, alice.source, later)
    await pullFrom(store, alice.source, { ...later, publisher: alice })
    expect(await Array.fromAsync(listPins(store))).toEqual([pinOf(alice, 'flag')])
  })

  test('for one publisher, when two are pulled for the first time at once', async () => {
    const store = openMemoryStore()
    const results = await Promise.allSettled([
      pullFrom(store, alice.source, { publisher: alice }),
      pullFrom(store, mallory.source, { publisher: mallory }),
    ])
    const [won, ...more] = results.filter((result) => result.status === 'fulfilled')
    const [lost] = results.filter((result) => result.status === 'rejected')
    expect(more).toEqual([])
    expect(['CONFLICT', 'PUBLISHER_CHANGED']).toContain(lost?.reason.code)
    const { publisher } = won?.value.release.entry ?? {}
    expect((await getPin(store, NAMESPACE)).publisher).toBe(publisher)
    const { release } = await verifyName(store, NAME)
    expect(release.entry.publisher).toBe(publisher)
  })
})

describe('t12-namespace-takeover', () => {
  test('another publisher under a pinned namespace: REBIND, and nothing changes', async () => {
    const store = await pulled()
    const before = await dump(store)
    const error = await refusal(pullFrom(store, mallory.source, { publisher: mallory }))
    expect([error.code, error.verdict]).toEqual(['PUBLISHER_CHANGED', 'REBIND'])
    expect(error.details).toMatchObject({
      expected: alice.id,
      got: mallory.id,
      next: expect.stringContaining(`\`registry pin accept ${NAMESPACE} ${mallory.id}\``),
    })
    expect(await dump(store)).toEqual(before)
  })

  test('a peer that has only the new publisher has nothing for the pinned one', async () => {
    const store = await pulled()
    const before = await dump(store)
    expect((await refusal(pullFrom(store, mallory.source))).code).toBe('NOT_FOUND')
    expect(await dump(store)).toEqual(before)
  })

  test('what is pinned is used as before', async () => {
    const store = await pulled()
    await refusal(pullFrom(store, mallory.source, { publisher: mallory }))
    const { release } = await verifyName(store, NAME)
    expect([release.entry.publisher, release.entry.version]).toEqual([alice.id, '1.0.0'])
    const tools = await loadTools(store, { tools: [NAME], publishers: [alice.id] })
    expect(tools).toHaveLength(2)
    const stolen = loadTools(store, { tools: [NAME], publishers: [mallory.id] })
    expect((await refusal(stolen)).verdict).toBe('REBIND')
  })

  test('an accepted change is pinned; the old releases stay, and are no longer that name', async () => {
    const store = await pulled()
    const old = await getPin(store, NAMESPACE)
    const pin = await acceptPin(store, old, { publisher: mallory.id, now: NOW })
    expect(pin).toEqual(pinOf(mallory, 'accepted'))
    expect(await getPin(store, NAMESPACE)).toEqual(pin)
    expect((await refusal(verifyName(store, NAME))).code).toBe('NOT_FOUND')
    const asOld = verifyName(store, NAME, { publisher: alice.id })
    expect((await refusal(asOld)).verdict).toBe('REBIND')
    await pullFrom(store, mallory.source)
    const { release } = await verifyName(store, NAME)
    expect([release.entry.publisher, release.entry.version]).toEqual([mallory.id, '9.0.0'])
    expect(await getPin(store, NAMESPACE)).toEqual(pin)
  })

  test('a pin that changed since it was seen is not replaced', async () => {
    const store = await pulled()
    const seen = await getPin(store, NAMESPACE)
    await acceptPin(store, seen, { publisher: mallory.id, now: NOW })
    const again = acceptPin(store, seen, { publisher: alice.id, now: NOW })
    expect((await refusal(again)).code).toBe('CONFLICT')
    expect((await getPin(store, NAMESPACE)).publisher).toBe(mallory.id)
  })
})

describe('while a pull is on its way', () => {
  test('a pin taken away is not made again unasked', async () => {
    const store = await pulled()
    const fresh = openMemoryStore()
    const records = (await dump(store)).records.filter(({ table }) => table === 'pin')
    await fresh.commit({ put: records })
    const source = during(() => removePin(fresh, NAMESPACE))
    expect((await refusal(pullFrom(fresh, source))).code).toBe('PUBLISHER_UNPINNED')
    expect(await Array.fromAsync(listPins(fresh))).toEqual([])
  })

  test('a change accepted meanwhile stands', async () => {
    const store = openMemoryStore()
    await store.commit({
      put: (await dump(await pulled())).records.filter(({ table }) => table === 'pin'),
    })
    const source = during(async () =>
      acceptPin(store, await getPin(store, NAMESPACE), { publisher: mallory.id, now: NOW }),
    )
    expect((await refusal(pullFrom(store, source))).code).toBe('PUBLISHER_CHANGED')
    expect(await getPin(store, NAMESPACE)).toEqual(pinOf(mallory, 'accepted'))
  })
})

describe('taking a pin away', () => {
  test('leads to a first use again', async () => {
    const store = await pulled()
    await removePin(store, NAMESPACE)
    expect((await refusal(getPin(store, NAMESPACE))).details).toEqual({
      expected: 'a namespace in `registry pin list`',
      got: NAMESPACE,
      next: `A pin is made at first use: \`registry pull ${NAMESPACE}/NAME --publisher ID\`.`,
    })
    expect((await refusal(removePin(store, NAMESPACE))).code).toBe('NOT_FOUND')
    expect((await refusal(pullFrom(store, alice.source))).code).toBe('PUBLISHER_UNPINNED')
  })

  test('works for one that cannot be read', async () => {
    const store = await pulled()
    await store.commit({ put: [{ table: 'pin', key: NAMESPACE, value: utf8('?') }] })
    expect((await refusal(pullFrom(store, alice.source))).code).toBe('STORE_CORRUPT')
    await removePin(store, NAMESPACE)
    await pullFrom(store, alice.source, { publisher: alice })
  })

  test.each(['example', 'com.Example', NAME, 'com.example\n', ''])('not of %j', async (text) => {
    const store = await pulled()
    for (const doing of [getPin(store, text), removePin(store, text)]) {
      const error = await refusal(doing)
      expect(error.code).toBe('NAME_INVALID')
      expect(error.message).toMatch(/^This is not a namespace\. This is not a name: .+\.$/)
      expect(error.details.got).toBe(JSON.stringify(text))
    }
  })

  test('not of a publisher id', async () => {
    const error = await refusal(removePin(openMemoryStore(), alice.id))
    expect(error.message).toBe('A publisher id proves itself and is never pinned.')
  })
})

test('publishing pins a namespace once, with the time of the first release', async () => {
  await using publisher = await openPublisher()
  const { workspace } = publisher
  const at = (time: string) => ({ ...workspace, now: () => new Date(time) })
  const names = ['com.example/a', 'com.example/b', 'org.example/c']
  const kits = names.map((name) => toolkit(name, '1.0.0'))
  await publish(at('2026-01-01T00:00:00.000Z'), kits)
  await publish(at('2026-02-02T00:00:00.000Z'), [toolkit('com.example/a', '1.1.0')])
  const pins = await Array.fromAsync(listPins(workspace.store))
  expect(pins).toEqual(
    ['com.example', 'org.example'].map((namespace) => ({
      namespace,
      publisher: publisher.id,
      since: '2026-01-01T00:00:00.000Z',
      how: 'own',
    })),
  )
})
