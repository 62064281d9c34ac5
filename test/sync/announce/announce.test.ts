// What a node makes of announcements, honest and not: what is forwarded, what is believed, and what liars can make it hold (T5, T8, T36).

import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { parseCheckpointUnverified, signCheckpoint } from '../../../src/log/index.ts'
import { addWitness, importFork } from '../../../src/registry/index.ts'
import { findKnownFork } from '../../../src/resolve/index.ts'
import type { PublisherId } from '../../../src/spec/index.ts'
import type { Store } from '../../../src/store/index.ts'
import { decodeAnnouncement, encodeAnnouncement } from '../../../src/sync/announce/announcement.ts'
import { startAnnouncements } from '../../../src/sync/announce/announcements.ts'
import type { Announcer, OnAnnouncement, Verdict } from '../../../src/sync/announce/announcer.ts'
import { BoundedNews } from '../../../src/sync/announce/news.ts'
import { encodeCbor } from '../../../src/sync/wire/cbor.ts'
import { copyStore } from '../../support/copy-store.ts'
import { makeForkBytes } from '../../support/fork-file.ts'
import { openPublisher, type TestPublisher, toolkit } from '../../support/publisher.ts'
import { openWitness, withLines } from '../../support/witness.ts'

let alice: TestPublisher
/** Her log with two entries, with three, and with four. */
let older: Store
let held: Store
const notes: Uint8Array[] = []

beforeAll(async () => {
  alice = await openPublisher()
  const { store } = alice.workspace
  await alice.publish(toolkit('com.example/weather', '1.0.0'))
  notes.push(await alice.source.checkpoint(alice.id))
  older = await copyStore(store)
  await alice.publish(toolkit('com.example/weather', '2.0.0'))
  notes.push(await alice.source.checkpoint(alice.id))
  held = await copyStore(store)
  await alice.publish(toolkit('com.example/weather', '3.0.0'))
  notes.push(await alice.source.checkpoint(alice.id))
})

afterAll(async () => {
  await alice[Symbol.asyncDispose]()
})

interface Listening {
  readonly announcements: ReturnType<typeof startAnnouncements>
  readonly published: Uint8Array[]
  readonly store: Store
  hear(message: Uint8Array, from?: string): Promise<Verdict>
  pass(milliseconds: number): void
}

async function listen(
  store: Store = held,
  {
    wants = () => true,
    newsLimit = 4,
  }: { readonly wants?: (id: PublisherId) => boolean; readonly newsLimit?: number } = {},
): Promise<Listening> {
  const copy = await copyStore(store)
  const published: Uint8Array[] = []
  let onMessage: OnAnnouncement = async () => 'ignore'
  let now = 0
  const announcer: Announcer = {
    publish: async (message) => void published.push(message),
    subscribe: (handler) => {
      onMessage = handler
    },
  }
  const timers = { now: () => now, after: () => () => {} }
  const options = { store: copy, interest: { wants }, serves: () => true, timers, newsLimit }
  return {
    announcements: startAnnouncements(announcer, options),
    published,
    store: copy,
    hear: (message, from = 'bob') => onMessage(message, from),
    pass: (milliseconds) => {
      now += milliseconds
    },
  }
}

function headOf(note: Uint8Array, publisher: PublisherId = alice.id): Uint8Array {
  return encodeAnnouncement({ kind: 'head', publisher, note })
}

/** A note by Alice's own log key over another tree of so many entries. */
async function otherNote(size: number, fill = 7): Promise<Uint8Array> {
  const { origin } = parseCheckpointUnverified(notes[0]!, alice.id)
  return signCheckpoint({ origin, size, root: new Uint8Array(32).fill(fill) }, alice.log)
}

describe('an honest announcement', () => {
  test('of a newer head is forwarded, and is news', async () => {
    const { hear, announcements } = await listen()
    expect(await hear(headOf(notes[2]!))).toBe('accept')
    expect(announcements.news.take()).toEqual({
      kind: 'head',
      publisher: alice.id,
      from: 'bob',
      isPassedOn: true,
    })
    expect(announcements.news.take()).toBeUndefined()
  })

  test('of a log that is held but not followed is forwarded, and no news', async () => {
    const { hear, announcements } = await listen(held, { wants: () => false })
    expect(await hear(headOf(notes[2]!))).toBe('accept')
    expect(announcements.news.size).toBe(0)
  })

  test('of an unknown log is news only where it is wanted, and never forwarded', async () => {
    const stranger = await openPublisher()
    const message = headOf(await stranger.source.checkpoint(stranger.id), stranger.id)
    const keen = await listen()
    expect(await keen.hear(message)).toBe('ignore')
    expect(keen.announcements.news.take()).toMatchObject({ publisher: stranger.id })
    const busy = await listen(held, { wants: () => false })
    expect(await busy.hear(message)).toBe('ignore')
    expect(busy.announcements.news.size).toBe(0)
    await stranger[Symbol.asyncDispose]()
  })

  test('is made of the head held here, and understood by others', async () => {
    const { announcements, published } = await listen()
    expect(await announcements.announce(alice.id)).toBe(true)
    expect(await (await listen(older)).hear(published[0]!)).toBe('accept')
  })

  test('of a later version is neither forwarded nor held against anyone', async () => {
    const { hear } = await listen()
    for (let i = 0; i < 20; i += 1) {
      expect(await hear(encodeCbor({ v: 2, what: i }))).toBe('ignore')
    }
    expect(await hear(headOf(notes[2]!))).toBe('accept')
  })
})

describe('replayed announcements', () => {
  test('older or equal: ignored, whoever brings them, and held against nobody', async () => {
    const { hear, announcements } = await listen()
    for (const note of [notes[0]!, notes[1]!, notes[0]!]) {
      expect(await hear(headOf(note))).toBe('ignore')
    }
    expect(announcements.news.size).toBe(0)
    expect(await hear(headOf(notes[2]!))).toBe('accept')
    for (let i = 0; i < 30; i += 1) expect(await hear(headOf(notes[2]!), `p${i}`)).toBe('ignore')
  })
})

describe('forged notes', () => {
  test('a bad signature is rejected, and its bearer is not listened to for a while', async () => {
    const { hear, pass, announcements } = await listen()
    const text = Buffer.from(notes[2]!).toString().replace('\n4\n', '\n9\n')
    const forged = headOf(Buffer.from(text))
    for (let i = 0; i < 8; i += 1) expect(await hear(forged, 'mallory')).toBe('reject')
    expect(await hear(headOf(notes[2]!), 'mallory')).toBe('ignore')
    expect(announcements.news.size).toBe(0)
    expect(await hear(headOf(notes[2]!), 'bob')).toBe('accept')
    pass(10 * 60_000)
    expect(await hear(forged, 'mallory')).toBe('reject')
  })

  test.each([
    ['no CBOR', Uint8Array.of(0xff, 1, 2)],
    ['another document', encodeCbor({ v: 1, publisher: 'p', note: Uint8Array.of(1) })],
    ['a field too many', () => encodeCbor({ v: 1, publisher: alice.id, note: notes[2]!, x: 1 })],
    ['a note of another log', () => headOf(Buffer.from('toolmark/x\n1\nAAAA\n\n— a AAAA\n'))],
    ['both', () => encodeCbor({ v: 1, publisher: alice.id, note: notes[2]!, fork: notes[2]! })],
    ['no proof', () => encodeAnnouncement({ kind: 'fork', publisher: alice.id, proof: notes[0]! })],
  ])('rejects %s', async (_, bytes) => {
    const { hear } = await listen()
    expect(await hear(typeof bytes === 'function' ? bytes() : bytes)).toBe('reject')
  })

  test('forgeries in her name do not use up what a publisher may say', async () => {
    const { hear } = await listen()
    const forged = Buffer.from(notes[2]!).toString().replace('\n4\n', '\n9\n')
    for (let i = 0; i < 100; i += 1) await hear(headOf(Buffer.from(forged)), `m${i}`)
    expect(await hear(headOf(notes[2]!))).toBe('accept')
  })
})

describe('what cannot be told apart here', () => {
  test('a note by a key that the log may have by now: not forwarded, but a reason to ask', async () => {
    const mallory = await openPublisher()
    const { origin } = parseCheckpointUnverified(notes[0]!, alice.id)
    const head = { origin, size: 9, root: new Uint8Array(32).fill(1) }
    const { hear, announcements, store } = await listen()
    expect(await hear(headOf(await signCheckpoint(head, mallory.log)))).toBe('ignore')
    expect(announcements.news.take()).toMatchObject({ kind: 'head', publisher: alice.id })
    const second = await signCheckpoint({ ...head, size: 2 }, mallory.log)
    expect(await hear(headOf(second))).toBe('ignore')
    expect(await findKnownFork(store, alice.id)).toBeUndefined()
    await mallory[Symbol.asyncDispose]()
  })

  test('a log that others are not told of is not announced, not even that it forked', async () => {
    const published: Uint8Array[] = []
    const announcer: Announcer = {
      publish: async (message) => void published.push(message),
      subscribe: () => {},
    }
    const store = await copyStore(held)
    const options = { store, interest: { wants: () => true }, serves: () => false }
    expect(await startAnnouncements(announcer, options).announce(alice.id)).toBe(false)
    expect(published).toEqual([])
  })
})

describe('oversized messages', () => {
  test('a head of more than 8 KiB is rejected before its note is read', async () => {
    const line = `— w ${Buffer.alloc(76, 1).toString('base64')}\n`
    const long = Buffer.concat([notes[2]!, Buffer.from(line.repeat(80))])
    expect(await (await listen()).hear(headOf(long))).toBe('reject')
    expect(() => decodeAnnouncement(headOf(long))).toThrow(
      expect.objectContaining({
        code: 'MESSAGE_INVALID',
        message: expect.stringContaining('/note'),
      }),
    )
  })
})

describe('two histories', () => {
  test.each([
    ['of the size held', 3],
    ['of a smaller size', 2],
  ])('a second head %s becomes a proof, kept and announced', async (_, size) => {
    const { hear, announcements, store, published } = await listen()
    expect(await hear(headOf(await otherNote(size)))).toBe('ignore')
    expect(await findKnownFork(store, alice.id)).toMatchObject({ publisher: alice.id })
    expect(announcements.news.take()).toMatchObject({ kind: 'fork', publisher: alice.id })
    expect(published).toHaveLength(1)
    const other = await listen(older)
    expect(await other.hear(published[0]!)).toBe('accept')
    expect(await findKnownFork(other.store, alice.id)).toBeDefined()
    expect(await other.hear(published[0]!)).toBe('ignore')
    expect(await other.hear(headOf(notes[2]!))).toBe('ignore')
  })

  test('two announced heads of one size, neither held', async () => {
    const { hear, store, published } = await listen()
    expect(await hear(headOf(await otherNote(9, 1)))).toBe('accept')
    expect(await hear(headOf(await otherNote(9, 2)))).toBe('ignore')
    expect(await findKnownFork(store, alice.id)).toBeDefined()
    expect(published).toHaveLength(1)
  })

  test('no forged head makes a proof', async () => {
    const { hear, store } = await listen()
    const forged = Buffer.from(await otherNote(3))
      .toString()
      .replace(/.{8}\n$/, 'AAAAAAAA\n')
    expect(await hear(headOf(Buffer.from(forged)))).toBe('reject')
    expect(await findKnownFork(store, alice.id)).toBeUndefined()
  })

  test('a proof about somebody nobody here cares for is not checked', async () => {
    const bytes = await makeForkBytes()
    const { publisher } = JSON.parse(Buffer.from(bytes).toString()) as { publisher: PublisherId }
    const message = encodeAnnouncement({ kind: 'fork', publisher, proof: bytes })
    const { hear, store } = await listen(held, { wants: () => false })
    expect(await hear(message)).toBe('ignore')
    expect(await findKnownFork(store, publisher)).toBeUndefined()
    expect(await (await listen()).hear(message)).toBe('accept')
  })

  test('a proof that was found here meanwhile is passed on, once; another is not', async () => {
    const { hear, store } = await listen()
    const bytes = await makeForkBytes()
    const { publisher } = JSON.parse(Buffer.from(bytes).toString()) as { publisher: PublisherId }
    await importFork(store, bytes)
    const message = encodeAnnouncement({ kind: 'fork', publisher, proof: bytes })
    const other = encodeAnnouncement({ kind: 'fork', publisher, proof: notes[0]! })
    expect(await hear(other)).toBe('ignore')
    expect(await hear(message)).toBe('accept')
    expect(await hear(message, 'another')).toBe('ignore')
  })

  test('a head with made-up words of a witness known here is news, and not forwarded', async () => {
    const { hear, store, announcements } = await listen()
    const witness = openWitness('witness.example')
    await addWitness(store, witness.vkey, undefined)
    const text = `${Buffer.from(notes[2]!).toString().split('\n\n')[0]}\n`
    const forged = witness.line(text, new Date(0), `${text}another`)
    expect(await hear(headOf(withLines(notes[2]!, forged)))).toBe('ignore')
    expect(announcements.news.take()).toMatchObject({ kind: 'head', isPassedOn: false })
    const good = witness.line(text, new Date(0))
    expect(await hear(headOf(withLines(notes[2]!, good)))).toBe('accept')
  })

  test('a proof under another name is rejected', async () => {
    const proof = await makeForkBytes()
    const { hear } = await listen()
    expect(await hear(encodeAnnouncement({ kind: 'fork', publisher: alice.id, proof }))).toBe(
      'reject',
    )
  })
})

describe('gossip floods', () => {
  test('one peer: its rate is looked at, as much again ignored, the rest refused; another peer is heard', async () => {
    const { hear, announcements } = await listen()
    const seen = { accept: 0, ignore: 0, reject: 0 }
    // 400 are looked at and 600 more borne with: what nobody looks at still takes memory.
    for (let i = 0; i < 5_000; i += 1) {
      const message = encodeCbor({ v: 1, publisher: alice.id, note: notes[0]! })
      seen[await hear(message, 'mallory')] += 1
    }
    expect(seen).toEqual({ accept: 0, ignore: 1_000, reject: 4_000 })
    expect(await hear(headOf(notes[2]!))).toBe('accept')
    expect(announcements.news.size).toBe(1)
  })

  test('by a publisher itself: twenty are forwarded, all are news once', async () => {
    const { hear, announcements, pass } = await listen()
    const verdicts: Verdict[] = []
    for (let size = 10; size < 60; size += 1) {
      verdicts.push(await hear(headOf(await otherNote(size)), `peer${size}`))
    }
    expect(verdicts.filter((verdict) => verdict === 'accept')).toHaveLength(20)
    expect(announcements.news.size).toBe(1)
    pass(1_000)
    expect(await hear(headOf(await otherNote(99)), 'x')).toBe('accept')
  })

  test('more publishers than fit: one word to reconcile with who told, and nothing is lost in silence', async () => {
    const { hear, announcements } = await listen(held, { newsLimit: 4 })
    const ids = Array.from(
      { length: 6 },
      (_, i) => `p${'abcdef'[i]}${'a'.repeat(51)}` as PublisherId,
    )
    for (const id of ids) await hear(headOf(notes[2]!, id), 'bob')
    const taken = [announcements.news.take()]
    expect(taken[0]).toEqual({ kind: 'overflow', from: ['bob'] })
    expect(announcements.news.size).toBe(4)
  })

  test('forks go before everything else', () => {
    const news = new BoundedNews(2)
    let calls = 0
    news.onNews(() => {
      calls += 1
    })
    for (const id of ['pa', 'pb', 'pc']) news.addHead(id as PublisherId, 'bob', true)
    news.addFork('pd' as PublisherId, 'eve')
    expect(calls).toBe(1)
    const kinds = Array.from({ length: 5 }, () => news.take()?.kind)
    expect(kinds).toEqual(['fork', 'overflow', 'head', 'head', undefined])
    news.addHead('pe' as PublisherId, 'bob', true)
    news.addHead('pf' as PublisherId, 'eve', true)
    expect(calls).toBe(2)
    expect(news.takeFrom('eve', 9)).toEqual(['pf'])
  })
})
