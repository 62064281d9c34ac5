// Warnings about names asked for the first time, against what is pinned and held.

import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { pull, warnOfName } from '../../src/registry/index.ts'
import { formatPin } from '../../src/resolve/index.ts'
import { openMemoryStore, type Store } from '../../src/store/index.ts'
import { openPublisher, peerOf, type TestPublisher, toolkit } from '../support/publisher.ts'

let alice: TestPublisher
let bob: TestPublisher
let store: Store

beforeAll(async () => {
  alice = await openPublisher()
  bob = await openPublisher()
  await alice.publish(toolkit('com.acme/mail', '1.0.0'), toolkit('com.acme/web-search', '1.0.0'))
  store = openMemoryStore()
  for (const reference of ['com.acme/mail', 'com.acme/web-search']) {
    const peers = [peerOf(alice.source)]
    await pull({ ...alice.workspace, store }, { reference, peers, publisher: alice.id })
  }
  const pin = { publisher: alice.id, since: new Date(0).toISOString(), how: 'flag' } as const
  await store.commit({ put: [formatPin({ ...pin, namespace: 'io.github.wallet-maker' })] })
})

afterAll(async () => {
  await alice[Symbol.asyncDispose]()
  await bob[Symbol.asyncDispose]()
})

async function warned(name: string, publisher?: TestPublisher): Promise<readonly string[]> {
  const warnings = await warnOfName(store, name, publisher?.id)
  return warnings.map(({ kind, asked, known }) => `${kind} ${asked} ${known ?? '-'}`)
}

describe('t11-confusables', () => {
  test.each([
    ['com.acme/rnail', 'confusable com.acme/rnail com.acme/mail'],
    ['com.acme/mai1', 'confusable com.acme/mai1 com.acme/mail'],
    ['com.acme/web_search', 'confusable com.acme/web_search com.acme/web-search'],
    ['com.acme/websearch', 'confusable com.acme/websearch com.acme/web-search'],
    ['corn.acme/anything', 'confusable corn.acme com.acme'],
    ['com.accme/mail', 'confusable com.accme com.acme'],
    ['com.acne/mail', 'near com.acne com.acme'],
    ['co.acme/mail', 'near co.acme com.acme'],
    ['io.github.vvallet-maker/x', 'confusable io.github.vvallet-maker io.github.wallet-maker'],
    ['io.github.walet-makers/x', 'near io.github.walet-makers io.github.wallet-maker'],
    ['com.xn--acm-dma/mail', 'punycode com.xn--acm-dma -'],
    ['com.zebra/mail', ''],
    ['com.acme/maps', ''],
    ['com.acme/snail', ''],
  ])('%s', async (name, expected) => {
    expect(await warned(name)).toEqual(expected === '' ? [] : [expected])
  })

  test('a warning names both, in words', async () => {
    expect(await warnOfName(store, 'com.acme/rnail')).toEqual([
      {
        kind: 'confusable',
        asked: 'com.acme/rnail',
        known: 'com.acme/mail',
        punycode: false,
        message:
          'com.acme/rnail looks like com.acme/mail, which is known here. Be sure that you mean it.',
      },
    ])
  })

  test('punycode is shown as it is written, with a flag', async () => {
    const [odd] = await warnOfName(store, 'com.xn--80ak6aa92e/mail')
    expect(odd).toEqual({
      kind: 'punycode',
      asked: 'com.xn--80ak6aa92e',
      punycode: true,
      message:
        'com.xn--80ak6aa92e holds punycode (xn--): it stands for other letters than it shows. Be sure that you mean it.',
    })
    const known = openMemoryStore()
    const pin = { publisher: alice.id, since: new Date(0).toISOString(), how: 'flag' } as const
    await known.commit({ put: [formatPin({ ...pin, namespace: 'com.xn--80ak6aa92e' })] })
    const [near] = await warnOfName(known, 'com.xn--80ak6aa92d/mail')
    expect(near).toMatchObject({ kind: 'near', punycode: true })
    expect(near?.message).toContain(' (xn-- is punycode: it stands for other letters)')
  })
})

describe('no warning', () => {
  test('about what is held here already', async () => {
    expect(await warned('com.acme/mail')).toEqual([])
    expect(await warned('com.acme/web-search', bob)).toEqual([])
  })

  test('about a slip, when both belong to one publisher; a look-alike is one all the same', async () => {
    expect(await warned('com.acne/mail', alice)).toEqual([])
    expect(await warned('com.acne/mail', bob)).toEqual(['near com.acne com.acme'])
    expect(await warned('corn.acme/mail', alice)).toEqual(['confusable corn.acme com.acme'])
  })

  test('where nothing is known', async () => {
    expect(await warnOfName(openMemoryStore(), 'com.acme/rnail')).toEqual([])
  })

  test('more than five', async () => {
    const crowded = openMemoryStore()
    const spelt = ['aa', 'aaa', 'a-a', 'aa-a', 'a-aa', 'aaaa', 'aa-aa']
    const pin = { publisher: alice.id, since: new Date(0).toISOString(), how: 'flag' } as const
    await crowded.commit({
      put: spelt.map((word) => formatPin({ ...pin, namespace: `com.${word}` })),
    })
    expect(await warnOfName(crowded, 'com.a/x')).toHaveLength(5)
  })
})
