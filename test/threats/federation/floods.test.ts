// T36 and T8 over TCP: what strangers can make a node hold and do. The node, the attackers and the honest peer are three processes; the attackers
// come from another address, as they would.

import { afterAll, beforeAll, expect, test } from 'vitest'
import { type Field, openField, type Siege } from './siege.ts'

let field: Field
beforeAll(async () => {
  field = await openField()
})
afterAll(async () => {
  await field[Symbol.asyncDispose]()
})

/** What every attack may cost, whatever it is: MiB of the process at its worst, MiB that stay, files and handles that stay, and the wait of others. */
function assertHarmless(siege: Siege, most: { readonly peak: number }): void {
  expect(siege.peak).toBeLessThan(most.peak)
  expect(siege.left).toBeLessThan(20)
  expect(siege.files).toBeLessThanOrEqual(2)
  expect(siege.handles).toBeLessThanOrEqual(5)
  expect(siege.slowest).toBeLessThan(1_000)
}

test('t36-oversized-frames: 2 GiB are claimed, of a frame and of the muxer, and nothing is made ready for them', async () => {
  const siege = await field.besiege('frames', { enough: { ended: 20, connections: 2 } })
  assertHarmless(siege, { peak: 120 })
  expect(siege.verdicts.PEER_LIMIT).toBeGreaterThan(0)
  expect(siege.told.connections).toBeGreaterThan(0)
  expect(siege.told.kept).toBeUndefined()
})

test('t36-endless-streams: rubbish ends a channel at its first frame, nonsense without end a little later', async () => {
  const siege = await field.besiege('endless', { enough: { rubbish: 8, nonsense: 8 } })
  assertHarmless(siege, { peak: 200 })
  expect(siege.verdicts.MESSAGE_INVALID).toBeGreaterThan(0)
  expect(siege.verdicts.PEER_MISBEHAVED).toBeGreaterThan(0)
})

test('t36-ten-thousand-streams: one peer has sixteen', async () => {
  const siege = await field.besiege('streams', { enough: { opened: 10_000 } })
  assertHarmless(siege, { peak: 150 })
  expect(siege.told.opened).toBeGreaterThanOrEqual(10_000)
})

test('t36-want-lists: eight peers ask for the most there is and read nothing; who lets most wait is cut off', async () => {
  const siege = await field.besiege('wants', { enough: { cut: 5 } })
  assertHarmless(siege, { peak: 400 })
  expect(siege.verdicts.PEER_LIMIT).toBeGreaterThan(0)
})

test('t36-gossip-flood: few forgeries are looked at, and a reason to ask is none of them', async () => {
  const siege = await field.besiege('gossip', { enough: { said: 400 } })
  assertHarmless(siege, { peak: 150 })
  expect(siege.verdicts.reject).toBeGreaterThan(0)
  expect((siege.verdicts.reject ?? 0) + (siege.verdicts.accept ?? 0)).toBeLessThan(20)
  expect(siege.after.status.node?.announcements).toMatchObject({ heard: 0, overflows: 0 })
  expect(siege.after.status.forks).toEqual([])
})

test('t08-replayed-announcements: an old head, told again and again, is no news', async () => {
  const siege = await field.besiege('replays', { enough: { said: 1_000 } })
  assertHarmless(siege, { peak: 150 })
  expect(siege.verdicts.ignore).toBeGreaterThan(0)
  expect(siege.verdicts).not.toHaveProperty('accept')
  expect(siege.after.status.node?.announcements).toMatchObject({ heard: 0, overflows: 0 })
  expect(siege.after.status.forks).toEqual([])
})
