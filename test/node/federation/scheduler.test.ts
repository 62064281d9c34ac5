// When a node speaks with its peers, on a clock of the test: on connecting, every period, on announcements, after pauses, and never more
// at a time than it was told.

import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { RegistryError } from '../../../src/lib/index.ts'
import { type Meeting, Scheduler } from '../../../src/node/federation/scheduler.ts'
import { publisherIdOf } from '../../../src/spec/index.ts'
import { createManualTimers } from '../../support/manual-timers.ts'

const P = publisherIdOf(Buffer.from('p'))
const Q = publisherIdOf(Buffer.from('q'))

interface Met {
  readonly at: number
  readonly peer: string
  readonly about: readonly string[] | undefined
}

function open(
  options: { sessions?: number; takes?: number; fails?: (peer: string) => boolean } = {},
) {
  const { sessions = 4, takes = 0, fails = () => false } = options
  const timers = createManualTimers()
  const met: Met[] = []
  const hinted: (readonly string[])[] = []
  let running = 0
  let most = 0
  const scheduler = new Scheduler({
    timers,
    random: () => 0.5,
    period: 60_000,
    backOff: 5_000,
    maxBackOff: 600_000,
    sessions,
    timeout: 3_600_000,
    meet: async ({ peerId, about, hints, signal }: Meeting) => {
      hinted.push(hints)
      met.push({ at: timers.now(), peer: peerId, about })
      running += 1
      most = Math.max(most, running)
      try {
        if (takes > 0) await wait(takes, signal)
        if (fails(peerId)) throw new RegistryError('PEER_MISBEHAVED', 'It lies.')
        return false
      } finally {
        running -= 1
      }
    },
  })
  const wait = (milliseconds: number, signal: AbortSignal) =>
    new Promise<void>((resolve, reject) => {
      const cancel = timers.after(milliseconds, resolve)
      signal.addEventListener('abort', () => [cancel(), reject(signal.reason)])
    })
  const add = (peerId: string, more: { isKept?: boolean; isConnected?: boolean } = {}) =>
    scheduler.add({
      peerId,
      address: `memory:${peerId}`,
      isKept: false,
      isConnected: true,
      ...more,
    })
  return { scheduler, timers, met, hinted, add, mostRunning: () => most }
}

describe('when', () => {
  test('a whole session on connecting, soon after, and every period', async () => {
    const { timers, met, add } = open()
    add('a')
    await timers.advance(180_000)
    // What was announced before each knew that the other listens is heard of at the second.
    expect(met).toEqual([0, 3_000, 63_000, 123_000].map((at) => ({ at, peer: 'a' })))
  })

  test('an announcement is a session about that log, those of one burst together', async () => {
    const { scheduler, timers, met, add } = open()
    add('a')
    await timers.advance(10_000)
    scheduler.hint('a', P)
    scheduler.hint('a', Q)
    scheduler.hint('a', P)
    await timers.advance(1_000)
    expect(met.slice(2)).toEqual([{ at: 10_020, peer: 'a', about: [P, Q] }])
    await timers.advance(53_000)
    expect(met.at(-1)).toEqual({ at: 63_000, peer: 'a', about: undefined })
  })

  test('an announcement just before a whole session is part of it, and not forgotten', async () => {
    const { scheduler, timers, met, hinted, add } = open()
    add('a')
    await timers.advance(62_990)
    scheduler.hint('a', P)
    await timers.advance(1_000)
    // Whoever wants the log asks again where the peer has not got it yet.
    expect(met.slice(2)).toEqual([{ at: 63_000, peer: 'a', about: undefined }])
    expect(hinted).toEqual([[], [], [P]])
  })

  test('more announcements than can be kept become a whole session', async () => {
    const { scheduler, timers, met, add } = open()
    add('a')
    await timers.advance(10_000)
    for (let i = 0; i < 1_100; i++) scheduler.hint('a', publisherIdOf(Buffer.from(`${i}`)))
    await timers.advance(1_000)
    // Those that came after the whole session began are asked for on their own.
    expect(met[2]).toEqual({ at: 10_000, peer: 'a', about: undefined })
    expect(met.slice(3).flatMap(({ about }) => about ?? ['whole'])).toHaveLength(75)
  })

  test('a peer that is not known is no place to ask', async () => {
    const { scheduler, timers, met } = open()
    expect(scheduler.hint('x', P)).toBe(false)
    await timers.advance(100_000)
    expect(met).toEqual([])
  })
})

describe('a peer that fails', () => {
  test('is asked less and less often, and announces in vain', async () => {
    const { scheduler, timers, met, add } = open({ fails: () => true })
    add('a')
    await timers.advance(1)
    expect(scheduler.hint('a', P)).toBe(false)
    await timers.advance(3_600_000)
    const times = met.map(({ at }) => at)
    const gaps = times.slice(1).map((at, i) => at - (times[i] ?? 0))
    expect(gaps.slice(0, 8)).toEqual([3750, 7500, 15000, 30000, 60000, 120000, 240000, 450000])
    expect(Math.max(...gaps)).toBe(450_000)
    expect(scheduler.peers.get('a')).toMatchObject({ lastError: 'PEER_MISBEHAVED' })
  })

  test('gains nothing by connecting anew', async () => {
    const { scheduler, timers, met, add } = open({ fails: () => true })
    add('a', { isKept: true })
    await timers.advance(1)
    for (let i = 0; i < 100; i++) {
      scheduler.gone('a')
      add('a')
    }
    await timers.advance(3_000)
    expect(met).toHaveLength(1)
  })

  test('takes nothing from the others', async () => {
    const { timers, met, add } = open({ sessions: 1, fails: (peer) => peer !== 'good' })
    for (let i = 0; i < 50; i++) add(`bad${i}`)
    add('good')
    await timers.advance(300_000)
    expect(met.filter(({ peer }) => peer === 'good').length).toBeGreaterThanOrEqual(5)
  })

  test('and works again is as good as any', async () => {
    let isBad = true
    const { scheduler, timers, met, add } = open({ fails: () => isBad })
    add('a')
    await timers.advance(5_000)
    isBad = false
    await timers.advance(10_000)
    expect(scheduler.peers.get('a')).toMatchObject({ failures: 0, lastError: undefined })
    const last = met.length
    await timers.advance(60_000)
    expect(met).toHaveLength(last + 1)
  })
})

describe('who stays', () => {
  test('a configured peer, whatever becomes of its connection; another does not', async () => {
    const { scheduler, timers, met, add } = open()
    add('kept', { isKept: true })
    add('passing')
    await timers.advance(1)
    scheduler.gone('kept')
    scheduler.gone('passing')
    await timers.advance(60_000)
    expect([...scheduler.peers.keys()]).toEqual(['kept'])
    expect(met.map(({ peer }) => peer)).toEqual(['kept', 'passing', 'kept'])
  })

  test('strangers without end cost bounded memory, and push no configured peer out', async () => {
    const { scheduler, timers, add } = open({ takes: 1e9 })
    add('kept', { isKept: true })
    for (let i = 0; i < 10_000; i++) add(`sybil${i}`)
    expect(scheduler.peers.size).toBeLessThanOrEqual(4_096)
    expect(scheduler.peers.has('kept')).toBe(true)
    await scheduler[Symbol.asyncDispose]()
    expect(timers.waiting).toBe(0)
  })
})

describe('at most so many at a time', () => {
  test('any peers, any announcements, any length: k, and everybody has a turn', async () => {
    const peers = fc.array(fc.constantFrom(...'abcdefgh'), { minLength: 1, maxLength: 20 })
    await fc.assert(
      fc.asyncProperty(peers, fc.nat(3), fc.nat(5_000), async (names, more, takes) => {
        const opened = open({ sessions: more + 1, takes })
        for (const name of names) {
          opened.add(name)
          opened.scheduler.hint(name, P)
          await opened.timers.advance(7)
        }
        await opened.timers.advance(50_000)
        expect(opened.mostRunning()).toBeLessThanOrEqual(more + 1)
        expect(new Set(opened.met.map(({ peer }) => peer))).toEqual(new Set(names))
        await opened.scheduler[Symbol.asyncDispose]()
      }),
      { numRuns: 30 },
    )
  })

  test('one peer has one session at a time', async () => {
    const { scheduler, timers, met, add } = open({ takes: 100_000 })
    add('a')
    await timers.advance(1)
    scheduler.soon('a')
    scheduler.hint('a', P)
    await timers.advance(50_000)
    expect(met).toHaveLength(1)
    await timers.advance(51_000)
    expect(met).toHaveLength(2)
  })
})

describe('the end', () => {
  test('sessions under way are told to stop; none begins; nothing ticks on', async () => {
    const { scheduler, timers, met, add } = open({ takes: 10_000 })
    add('a')
    await timers.advance(1)
    await scheduler[Symbol.asyncDispose]()
    add('b')
    await timers.advance(1_000_000)
    expect(met).toHaveLength(1)
    expect(timers.waiting).toBe(0)
  })

  test('one that does not listen holds it up for a second and a half, not longer', async () => {
    const timers = createManualTimers()
    const meet = () => new Promise<boolean>(() => {})
    const pace = { period: 1, backOff: 1, maxBackOff: 1, timeout: 1e6 }
    const scheduler = new Scheduler({ ...pace, timers, random: () => 0, sessions: 1, meet })
    scheduler.add({ peerId: 'a', address: 'a', isKept: true, isConnected: true })
    let isStopped = false
    void scheduler[Symbol.asyncDispose]().then(() => {
      isStopped = true
    })
    await timers.advance(1_499)
    expect(isStopped).toBe(false)
    await timers.advance(1)
    expect(isStopped).toBe(true)
  })

  test('a session that takes too long is ended, and counts as failed', async () => {
    const { scheduler, timers, add } = open({ takes: 1e8 })
    add('a')
    await timers.advance(3_600_001)
    expect(scheduler.peers.get('a')).toMatchObject({ failures: 1, lastError: 'PEER_UNAVAILABLE' })
    await scheduler[Symbol.asyncDispose]()
  })
})
