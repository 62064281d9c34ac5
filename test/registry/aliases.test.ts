// Bare words: what an alias says, or nothing at all.

import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { isRegistryError, type RegistryError, utf8 } from '../../src/lib/index.ts'
import { createPeerBook } from '../../src/node/index.ts'
import {
  addAlias,
  expandAlias,
  listAliases,
  type Peer,
  pull,
  removeAlias,
} from '../../src/registry/index.ts'
import { openMemoryStore, type Store } from '../../src/store/index.ts'
import { createMemoryHub, serveSource } from '../../src/sync/index.ts'
import { openPublisher, type TestPublisher, toolkit } from '../support/publisher.ts'

let alice: TestPublisher

beforeAll(async () => {
  alice = await openPublisher()
  await alice.publish(toolkit('com.example/weather', '1.0.0'), toolkit('com.example/maps', '1.0.0'))
})
afterAll(() => alice[Symbol.asyncDispose]())

async function withAlias(word = 'w', reference = 'com.example/weather@^1'): Promise<Store> {
  const store = openMemoryStore()
  await addAlias(store, word, reference)
  return store
}

async function refusal(doing: Promise<unknown>): Promise<RegistryError> {
  const error = await doing.then(
    (got) => new Error(`accepted: ${String(got)}`),
    (cause: unknown) => cause,
  )
  if (!isRegistryError(error)) throw error
  return error
}

describe('an alias', () => {
  test.each([
    ['w', 'com.example/weather@^1'],
    ['w@2.0.0', 'com.example/weather@2.0.0'],
    ['w@latest#get', 'com.example/weather@latest#get'],
    ['w#get', 'com.example/weather@^1#get'],
  ])('%s stands for %s', async (text, expected) => {
    expect(await expandAlias(await withAlias(), text)).toBe(expected)
  })

  test.each([
    'com.example/maps',
    'com.example/w@1.0.0',
    'W',
    'w\u200b',
    '',
    '@1',
    `p${'a'.repeat(52)}`,
  ])('%j is left alone', async (text) => {
    expect(await expandAlias(await withAlias(), text)).toBe(text)
  })

  test('is listed by word, and gone when removed', async () => {
    const store = await withAlias()
    await addAlias(store, 'maps', 'com.example/maps')
    expect(await Array.fromAsync(listAliases(store))).toEqual([
      { word: 'maps', reference: 'com.example/maps' },
      { word: 'w', reference: 'com.example/weather@^1' },
    ])
    await removeAlias(store, 'w')
    expect((await refusal(expandAlias(store, 'w'))).code).toBe('NOT_FOUND')
    expect((await refusal(removeAlias(store, 'w'))).code).toBe('NOT_FOUND')
  })

  test('is not turned to another name; the same again changes nothing', async () => {
    const store = await withAlias()
    expect(await addAlias(store, 'w', 'com.example/weather@^1')).toBe(false)
    const error = await refusal(addAlias(store, 'w', 'com.evil/weather'))
    expect([error.code, error.message]).toEqual([
      'USAGE',
      'The alias w stands for something else already.',
    ])
    expect(error.details).toEqual({
      expected: 'com.example/weather@^1',
      got: 'com.evil/weather',
      next: 'Choose another word, or first run `registry alias remove w`.',
    })
    expect(await expandAlias(store, 'w')).toBe('com.example/weather@^1')
  })

  test.each([
    ['Weather', 'com.example/x', 'NAME_INVALID'],
    ['we\u0430ther', 'com.example/x', 'NAME_INVALID'],
    ['com.example/x', 'com.example/x', 'NAME_INVALID'],
    ['w@1', 'com.example/x', 'NAME_INVALID'],
    ['a'.repeat(65), 'com.example/x', 'NAME_INVALID'],
    [`p${'a'.repeat(52)}`, 'com.example/x', 'NAME_INVALID'],
    ['w', 'weather', 'NAME_INVALID'],
    ['w', 'com.example/x#tool', 'NAME_INVALID'],
    ['w', 'com.example/x@>', 'VERSION_INVALID'],
  ])('is not %j for %j', async (word, reference, code) => {
    const store = openMemoryStore()
    expect((await refusal(addAlias(store, word, reference))).code).toBe(code)
    expect(await Array.fromAsync(listAliases(store))).toEqual([])
  })

  test.each(['', 'weather', 'com.example/x#tool', '\ud800'])(
    'is not read from %j',
    async (text) => {
      const store = openMemoryStore()
      await store.commit({ put: [{ table: 'alias', key: 'w', value: utf8(text) }] })
      for (const reading of [expandAlias(store, 'w'), Array.fromAsync(listAliases(store))]) {
        const error = await refusal(reading)
        expect([error.code, error.details.next]).toEqual([
          'STORE_CORRUPT',
          'Run `registry alias remove w`, and add it again.',
        ])
      }
      await removeAlias(store, 'w')
      expect((await refusal(expandAlias(store, 'w'))).code).toBe('NOT_FOUND')
    },
  )
})

describe('a word without an alias', () => {
  test('is answered with what may be meant: aliases and names held here', async () => {
    const { store } = alice.workspace
    const candidates = async (word: string): Promise<unknown> => {
      const error = await refusal(expandAlias(store, word))
      expect([error.code, error.verdict]).toEqual(['NOT_FOUND', 'NOT_FOUND'])
      return error.details.evidence
    }
    expect(await candidates('weather')).toEqual({ candidates: ['com.example/weather'] })
    expect(await candidates('wether')).toEqual({ candidates: ['com.example/weather'] })
    expect(await candidates('vveather')).toEqual({ candidates: ['com.example/weather'] })
    expect(await candidates('map')).toEqual({ candidates: ['com.example/maps'] })
    expect(await candidates('zebra')).toEqual({ candidates: [] })
    const held = await withAlias('weather')
    expect((await refusal(expandAlias(held, 'waether'))).details.evidence).toEqual({
      candidates: ['weather'],
    })
  })

  test('says what to do', async () => {
    const found = await refusal(expandAlias(alice.workspace.store, 'weather'))
    expect(found.message).toBe(
      'weather stands for nothing here: a bare word is looked up among your own aliases only.',
    )
    expect(found.details).toMatchObject({
      expected: 'namespace/name, or a word among your own aliases',
      got: 'weather',
      next: 'Write the name you mean: com.example/weather. `registry alias add weather NAME` makes the word stand for it.',
    })
    const none = await refusal(expandAlias(openMemoryStore(), 'weather'))
    expect(none.details.next).toBe(
      'Write the whole name, namespace/name, as its publisher gives it. `registry alias add weather NAME` makes the word stand for it.',
    )
  })
})

/** Alice, served over a memory network whose every dial and frame is counted. */
async function countedPeers(): Promise<{ peers: readonly Peer[]; sent: () => number }> {
  let count = 0
  const hub = createMemoryHub()
  const server = hub.open('alice')
  server.handle((channel) => serveSource(channel, alice.source))
  const dialer = hub.open('bob')
  const book = createPeerBook(async () => ({
    peerId: 'bob',
    addresses: [],
    handle: () => {},
    connect: (address, options) => dialer.connect(address, options),
    disconnect: (peerId) => dialer.disconnect(peerId),
    peers: () => dialer.peers(),
    onPeer: (handler) => dialer.onPeer(handler),
    dial: async (address, options) => {
      count += 1
      const channel = await dialer.dial(address, options)
      return {
        remote: channel.remote,
        send: (frame, how) => {
          count += frame.length
          return channel.send(frame, how)
        },
        receive: (how) => channel.receive(how),
        close: () => channel.close(),
        abort: (reason) => channel.abort(reason),
      }
    },
    [Symbol.asyncDispose]: () => dialer[Symbol.asyncDispose](),
  }))
  return { peers: book.peersAt(['memory:alice']), sent: () => count }
}

test('t10-bare-words: a word that nobody chose here is sent to nobody', async () => {
  const { peers, sent } = await countedPeers()
  const store = openMemoryStore()
  const workspace = { ...alice.workspace, store }
  const pullWord = async (word: string) => {
    const reference = await expandAlias(store, word)
    return await pull(workspace, { reference, peers, publisher: alice.id })
  }
  for (const word of ['weather', 'weather@^1', 'weather#tool_0']) {
    expect((await refusal(pullWord(word))).code).toBe('NOT_FOUND')
    // The library has no aliases at all: what an agent makes up is no name.
    const asked = pull(workspace, { reference: word, peers, publisher: alice.id })
    expect((await refusal(asked)).code).toBe('NAME_INVALID')
  }
  expect(sent()).toBe(0)
  expect(await Array.fromAsync(store.listBlocks())).toEqual([])

  await addAlias(store, 'weather', 'com.example/weather')
  expect((await pullWord('weather')).release.entry.name).toBe('com.example/weather')
  expect(sent()).toBeGreaterThan(0)
})
