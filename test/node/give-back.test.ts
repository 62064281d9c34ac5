// The room that V8 has made for young objects in a burst is given back within a minute, also the little of a node with few logs.

import { getHeapSpaceStatistics } from 'node:v8'
import { expect, test } from 'vitest'
import { startGivingBack } from '../../src/node/serving/give-back.ts'
import { createManualTimers } from '../support/manual-timers.ts'

const MIB = 1024 * 1024

test('what a start has left is given back at once, however little', async () => {
  burst(8 * MIB)
  expect(roomForYoung()).toBeGreaterThanOrEqual(8 * MIB)
  await using _giving = startGivingBack(createManualTimers())
  expect(roomForYoung()).toBeLessThan(8 * MIB)
})

test('room of 24 MiB and more for young objects is given back', async () => {
  const timers = createManualTimers()
  await using _giving = startGivingBack(timers)
  burst(24 * MIB)
  expect(roomForYoung()).toBeGreaterThanOrEqual(24 * MIB)
  await timers.advance(59_000)
  expect(roomForYoung()).toBeGreaterThanOrEqual(24 * MIB)
  await timers.advance(1_000)
  expect(roomForYoung()).toBeLessThan(16 * MIB)
})

test('what the process has more than after the last time is given back, once', async () => {
  const timers = createManualTimers()
  let taken = 50 * MIB
  await using _giving = startGivingBack(timers, () => taken)
  const collected = async (): Promise<boolean> => {
    burst(8 * MIB)
    await timers.advance(60_000)
    return roomForYoung() < 8 * MIB
  }
  taken += 15 * MIB
  expect(await collected()).toBe(false)
  taken += 1 * MIB
  expect(await collected()).toBe(true)
  expect(await collected()).toBe(false)
  taken -= 12 * MIB
  expect(await collected()).toBe(false)
  taken += 16 * MIB
  expect(await collected()).toBe(true)
})

/** Objects that live for a while make V8 give the young ones more room. */
function burst(room: number): void {
  let living: object[] = []
  for (let i = 0; (i === 0 || roomForYoung() < room) && i < 2_000; i++) {
    if (i % 40 === 0) living = []
    living.push(Array.from({ length: 10_000 }, (_, n) => ({ n })))
  }
  expect(living.length).toBeGreaterThan(0)
}

function roomForYoung(): number {
  const young = getHeapSpaceStatistics().find(({ space_name: name }) => name === 'new_space')
  return young?.physical_space_size ?? 0
}
