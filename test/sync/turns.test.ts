// What all peers together may cost a server at one time: answers in the making, and answers that nobody has taken.

import { setImmediate as turn } from 'node:timers/promises'
import { expect, test } from 'vitest'
import type { RegistryError } from '../../src/lib/index.ts'
import { createRoom } from '../../src/sync/index.ts'

const { signal } = new AbortController()

test('peers take turns, however much each of them asks, and each in its own order', async () => {
  const room = createRoom({ turns: 1, bytes: 1 })
  const order: string[] = []
  const ask = async (remote: string, name: string): Promise<void> => {
    const done = await room.turn(remote, signal)
    order.push(name)
    await turn()
    done()
  }
  const crowd = Array.from({ length: 20 }, (_, i) => ask('crowd', `crowd ${i}`))
  await Promise.all([...crowd, ask('alice', 'alice 0'), ask('alice', 'alice 1'), ask('bob', 'bob')])
  expect(order.slice(0, 6)).toEqual(['crowd 0', 'crowd 1', 'alice 0', 'bob', 'crowd 2', 'alice 1'])
  expect(order.slice(6)).toEqual(Array.from({ length: 17 }, (_, i) => `crowd ${i + 3}`))
})

test('who was given least lately goes first', async () => {
  const room = createRoom({ turns: 1, bytes: 10 ** 9 })
  const order: string[] = []
  const ask = async (remote: string, bytes: number): Promise<void> => {
    const done = await room.turn(remote, signal)
    order.push(remote)
    room.hold(remote, { kind: 'answer', bytes, giveUp: () => undefined })()
    done()
  }
  const crowd = ['a', 'b', 'c'].flatMap((one) => [ask(one, 900_000), ask(one, 900_000)])
  await Promise.all([...crowd, ask('alice', 200).then(() => ask('alice', 200))])
  expect(order).toEqual(['a', 'b', 'c', 'alice', 'alice', 'a', 'b', 'c'])
  // Long ago counts for less and less.
  await ask('a', 200_000_000)
  await ask('a', 1_000)
  await Promise.all([ask('x', 1), ask('c', 90_000_000), ask('a', 1), ask('alice', 1)])
  expect(order.slice(-3)).toEqual(['alice', 'c', 'a'])
})

test('no more at a time than there is room for, and a wait that is given up takes no place', async () => {
  const room = createRoom({ turns: 2, bytes: 1 })
  const stop = new AbortController()
  const first = await room.turn('a', signal)
  const second = await room.turn('b', signal)
  const given = room.turn('c', stop.signal)
  let got = 0
  const others = ['c', 'd', 'e'].map(async (remote) => {
    const done = await room.turn(remote, signal)
    got += 1
    return done
  })
  stop.abort(new Error('no longer'))
  await expect(given).rejects.toThrow('no longer')
  await turn()
  expect(got).toBe(0)
  first()
  await turn()
  expect(got).toBe(1)
  second()
  await turn()
  expect(got).toBe(2)
  const [c] = others
  ;(await c)?.()
  await turn()
  expect(got).toBe(3)
  await expect(room.turn('f', AbortSignal.abort(new Error('late')))).rejects.toThrow('late')
})

test('whoever lets most answers wait loses the oldest of them first', () => {
  const room = createRoom({ turns: 1, bytes: 100 })
  const lost: string[] = []
  const hold = (remote: string, name: string, bytes: number): (() => void) => {
    const giveUp = (error: RegistryError): void => {
      lost.push(`${name}: ${error.code} ${error.message} ${error.details.expected}`)
      release()
    }
    const release = room.hold(remote, { kind: 'answer', bytes, giveUp })
    return release
  }
  const taken = hold('honest', 'honest 0', 60)
  hold('greedy', 'greedy 0', 30)
  taken()
  hold('honest', 'honest 1', 30)
  hold('greedy', 'greedy 1', 30)
  expect(lost).toEqual([])
  hold('honest', 'honest 2', 20)
  expect(lost).toEqual([
    'greedy 0: PEER_LIMIT The peer greedy does not take its answers. at most 100 bytes that wait for all peers',
  ])
  hold('honest', 'honest 3', 20)
  expect(lost).toHaveLength(1)
  hold('greedy', 'greedy 2', 5)
  expect(lost.at(-1)).toMatch(/^honest 1: PEER_LIMIT/)
})

test('who does not take its answers has no more made, and everybody else has', async () => {
  const room = createRoom({ turns: 2, bytes: 1_000, untaken: 100 })
  const hold = (kind: 'question' | 'answer'): (() => void) =>
    room.hold('greedy', { kind, bytes: 60, giveUp: () => undefined })
  hold('question')
  hold('question')
  const first = await room.turn('greedy', signal)
  const taken = hold('answer')
  hold('answer')
  let got = 0
  const more = room.turn('greedy', signal).then((done) => {
    got += 1
    return done
  })
  first()
  await turn()
  expect(got).toBe(0)
  ;(await room.turn('honest', signal))()
  const others = [await room.turn('honest', signal), await room.turn('honest', signal)]
  for (const done of others) done()
  await turn()
  await turn()
  expect(got).toBe(0)
  taken()
  ;(await more)()
  expect(got).toBe(1)
})
