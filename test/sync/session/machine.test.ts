import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { createRandom, RegistryError } from '../../../src/lib/index.ts'
import type { Event, Job, Request } from '../../../src/sync/session/machine/events.ts'
import { step } from '../../../src/sync/session/machine/machine.ts'
import {
  initialState,
  LONG_LOGS,
  MOST_REQUESTS,
  OPEN_LOGS,
  type State,
  WINDOW,
} from '../../../src/sync/session/machine/state.ts'
import { MAX_WANTS } from '../../../src/sync/wire/sync-ops.ts'
import { type ModelLog, World } from './world.ts'

const STARTED: Event = { kind: 'started', scope: undefined, publishers: undefined }

/** Answers and jobs end in any order. Stops after so many events. */
function run(world: World, random: () => number, most = Number.POSITIVE_INFINITY): State {
  let state = initialState()
  let pending: (Request | Job)[] = []
  const dispatch = (event: Event): void => {
    const stepped = step(state, event)
    state = stepped.state
    pending = [...pending, ...stepped.send, ...stepped.want]
    assertBounds(state)
  }
  dispatch(STARTED)
  for (let events = 0; pending.length > 0 && events < most; events += 1) {
    const at = Math.floor(random() * pending.length)
    const [next] = pending.splice(at, 1)
    if (next === undefined) break
    dispatch('op' in next ? world.answer(next) : world.run(next))
  }
  return state
}

function assertBounds({ requests, jobs, logs }: State): void {
  assertAtMost(MOST_REQUESTS, requests.size)
  let blocks = 0
  for (const request of requests.values()) {
    if (request.op === 'blocks') blocks += request.ask.cids.length
  }
  for (const { given } of logs.values()) blocks += given.length
  assertAtMost(WINDOW, blocks)
  const long = [...logs.values()].filter(({ isLong, stage }) => isLong && stage !== 'waiting')
  assertAtMost(LONG_LOGS, long.filter(({ stage }) => stage !== 'ending').length)
  assertAtMost(2 * LONG_LOGS, long.length)
  for (const { job } of logs.values())
    if (job !== undefined && !jobs.has(job)) throw new Error('a job is lost')
}

function assertAtMost(most: number, got: number): void {
  if (got > most) throw new Error(`${got} of at most ${most}`)
}

const log: fc.Arbitrary<ModelLog> = fc
  .record({ entries: fc.integer({ min: 1, max: 150 }), part: fc.nat(100), tools: fc.nat(3) })
  .map(({ entries, part, tools }) => ({ entries, tools, held: Math.floor((entries * part) / 101) }))
const logs = fc.array(log, { minLength: 1, maxLength: 20 })

describe('the machine of a session', () => {
  it('brings everything, whatever the order of answers and jobs', () => {
    fc.assert(
      fc.property(logs, fc.integer(), (theirs, seed) => {
        const random = createRandom(seed)
        const world = new World(theirs, random)
        const state = run(world, random)
        expect(state).toMatchObject({ phase: 'ended', failure: undefined })
        expect(world.differences()).toEqual([])
        expect(state.tally.refused).toEqual([])
        expect(new Set(world.fetched).size).toBe(world.fetched.length)
      }),
      { numRuns: 25 },
    )
  })

  it('cut off anywhere, goes on and ends the same, and fetches no committed entry again', () => {
    fc.assert(
      fc.property(logs, fc.integer(), fc.nat(300), (theirs, seed, most) => {
        const random = createRandom(seed)
        const world = new World(theirs, random)
        run(world, random, most)
        world.cut()
        const committed = [...world.sizes]
        world.fetched.length = 0
        expect(run(world, random)).toMatchObject({ phase: 'ended', failure: undefined })
        expect(world.differences()).toEqual([])
        for (const [publisher, size] of committed) {
          const again = world.fetched.filter((one) => one.startsWith(publisher))
          expect(again.filter((one) => Number(one.split(' ')[1]) < size)).toEqual([])
        }
      }),
      { numRuns: 25 },
    )
  })

  it('is pure: the same event gives the same step, and leaves the state before as it was', () => {
    const random = createRandom(7)
    const world = new World([{ entries: 40, held: 3, tools: 1 }], random)
    let state = initialState()
    let pending: (Request | Job)[] = []
    let event: Event = STARTED
    for (;;) {
      const before = structuredClone(state)
      const stepped = step(state, event)
      expect(state).toEqual(before)
      expect(step(state, event)).toEqual(stepped)
      state = stepped.state
      pending = [...pending, ...stepped.send, ...stepped.want]
      const next = pending.shift()
      if (next === undefined) break
      event = 'op' in next ? world.answer(next) : world.run(next)
    }
    expect(state.phase).toBe('ended')
  })

  it.each([
    ['long', 2, LONG_LOGS],
    ['short', 1, OPEN_LOGS],
  ])('fetches others while %s logs wait for the disk, as many again', (_, entries, many) => {
    const theirs = Array.from({ length: 200 }, () => ({ entries, held: 0, tools: 0 }))
    const world = new World(theirs, () => 0.8)
    let state = initialState()
    let pending: (Request | Job)[] = []
    for (let event: Event | undefined = STARTED; event !== undefined; ) {
      const stepped = step(state, event)
      state = stepped.state
      assertBounds(state)
      pending = [...pending, ...stepped.send, ...stepped.want]
      const at = pending.findIndex((one) => 'op' in one || one.kind !== 'commit')
      const [next] = at === -1 ? [] : pending.splice(at, 1)
      event = next && ('op' in next ? world.answer(next) : world.run(next))
    }
    const ending = [...state.logs.values()].filter(({ stage }) => stage === 'ending')
    expect(ending.length).toBeGreaterThanOrEqual(2 * many)
    // An answer has more than was room for at most once.
    expect(ending.length).toBeLessThanOrEqual(2 * many + MAX_WANTS)
  })

  it('takes what takes something back first', () => {
    const item = (order: number, owner: number): Uint8Array =>
      new Uint8Array(32).fill(owner).fill(order, 0, 1)
    const { state, want } = step(initialState(), STARTED)
    const [reconcile] = want as [Job]
    const need = [item(2, 1), item(1, 2), item(0, 3), item(2, 4), item(7, 5)]
    const next = step(state, {
      kind: 'done',
      id: reconcile.id,
      result: { message: undefined, need },
    })
    expect(next.send).toMatchObject([{ op: 'forks', ask: { wants: [{ item: item(0, 3) }] } }])
    const hints = [{ item: item(1, 2) }, { item: item(2, 1) }, { item: item(2, 4) }]
    expect(next.want).toMatchObject([{ kind: 'plan', hints }])
  })

  const error = new RegistryError('NOT_FOUND', 'No.')
  const ends: readonly [string, Event['kind'], RegistryError['code'], object][] = [
    ['does not know the op', 'refused', 'MESSAGE_INVALID', { unable: {}, failure: undefined }],
    ['shares nothing', 'refused', 'NOT_FOUND', { unable: {}, failure: undefined }],
    ['fails', 'refused', 'SERVER_FAILED', { unable: undefined, failure: {} }],
    ['is gone', 'refused', 'PEER_UNAVAILABLE', { unable: undefined, failure: {} }],
  ]
  it.each(ends)('ends where the peer %s', (_, kind, code, expected) => {
    const first = step(initialState(), STARTED)
    const [reconcile] = first.want as [Job]
    const result = { message: Uint8Array.of(1), need: [] }
    const asked = step(first.state, { kind: 'done', id: reconcile.id, result })
    const [request] = asked.send as [Request]
    const event = { kind, id: request.id, error: new RegistryError(code, error.message) } as Event
    const { state, send, want } = step(asked.state, event)
    expect(state).toMatchObject({ phase: 'ended', ...expected })
    expect([send, want]).toEqual([[], []])
    expect(step(state, STARTED).state).toBe(state)
  })

  it('gives up a peer that is busy for ever', () => {
    let { state, want } = step(initialState(), STARTED)
    let send: readonly Request[] = []
    for (let i = 0; i < 200 && state.phase === 'running'; i += 1) {
      const [request] = send
      const [job] = want
      const event: Event =
        request !== undefined
          ? { kind: 'refused', id: request.id, error: new RegistryError('PEER_LIMIT', 'Later.') }
          : job?.kind === 'reconcile'
            ? { kind: 'done', id: job.id, result: { message: Uint8Array.of(1), need: [] } }
            : { kind: 'done', id: job?.id ?? 0, result: { cids: [] } }
      ;({ state, send, want } = step(state, event))
    }
    expect(state.failure).toMatchObject({ code: 'PEER_LIMIT' })
  })
})
