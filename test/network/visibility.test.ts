// How soon fifty others have what one node publishes, over links that take 50 ms each way: with announcements, and without.

import { beforeAll, expect, test } from 'vitest'
import { type SimLog, STEPS, simLogs } from './world/logs.ts'
import { openMesh } from './world/mesh.ts'
import { shareVerdicts } from './world/verdicts.ts'

/** Between two whole sessions with a peer, as a node has it unless told otherwise; give or take a tenth. */
const PERIOD_MS = 60_000
/** For a session itself, six round trips. */
const SESSION_MS = 1_000
let logs: readonly SimLog[]

beforeAll(async () => {
  shareVerdicts()
  logs = await simLogs(1)
})

interface Trial {
  readonly degree: number
  readonly announces: boolean
  readonly changes: number
  readonly look: number
}

const ANNOUNCED = { announces: true, changes: STEPS - 1, look: 10 }
const UNANNOUNCED = { announces: false, changes: 4, look: 250 }

async function delays({ changes, ...trial }: Trial): Promise<readonly number[]> {
  const mesh = await openMesh({
    ...{ seed: 1, nodes: 51, logs, latency: 50, period: PERIOD_MS },
    ...trial,
  })
  await mesh.settle(10 * PERIOD_MS)
  const found: number[] = []
  for (let step = 1; step <= changes; step++) {
    // At no special moment of anybody’s period.
    await mesh.clock.run(mesh.clock.now() + 7_000 * step)
    found.push(...(await mesh.publish(0, 10 * PERIOD_MS)))
  }
  await mesh.stop()
  return found.toSorted((a, b) => a - b)
}

function at(sorted: readonly number[], share: number): number {
  return sorted[Math.ceil(sorted.length * share) - 1] ?? Number.NaN
}

function tell(what: string, sorted: readonly number[]): void {
  const [half, most, all] = [0.5, 0.99, 1].map((share) => at(sorted, share))
  console.info(`${what}: half within ${half} ms, 99 % within ${most} ms, all within ${all} ms`)
}

test('with announcements: 99 of 100 within two seconds, several hops away', async () => {
  const found = await delays({ ...ANNOUNCED, degree: 3 })
  tell('announced, three links a node', found)
  expect(found.length).toBe(50 * ANNOUNCED.changes)
  expect(at(found, 0.99)).toBeLessThanOrEqual(2_000)
})

test('without: within one period where there is a link', async () => {
  const found = await delays({ ...UNANNOUNCED, degree: 0 })
  tell('not announced, each linked to the publisher', found)
  expect(at(found, 1)).toBeLessThanOrEqual(1.1 * PERIOD_MS + SESSION_MS)
})

test('without, and further away: at most one period more for every hop', async () => {
  const found = await delays({ ...UNANNOUNCED, degree: 3 })
  tell('not announced, three links a node', found)
  expect(at(found, 1)).toBeLessThanOrEqual(4 * (1.1 * PERIOD_MS + SESSION_MS))
})
