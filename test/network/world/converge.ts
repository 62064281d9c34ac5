// Runs of the convergence test: as many networks as its files say, each its own share, so that they run side by side.

import { beforeAll, describe, expect, test } from 'vitest'
import { type SimLog, simLogs } from './logs.ts'
import { type Outcome, runScenario } from './run.ts'
import { drawScenario } from './scenario.ts'
import { shareVerdicts } from './verdicts.ts'

const AT_ONCE = 25
/** Some seconds on a machine that does nothing else. */
const PATIENCE_MS = 300_000
let logs: readonly SimLog[]

/** Before anything else in a file: what all of its runs share. */
export function prepareLogs(): void {
  beforeAll(async () => {
    shareVerdicts()
    logs = await simLogs(4)
  })
}

export async function run(seed: number, nodes?: number): Promise<Outcome> {
  return await runScenario(drawScenario({ seed, nodes, logs }))
}

export async function expectAllWell(first: number, end: number): Promise<void> {
  const failed: string[] = []
  let pairs = 0
  for (let seed = first; seed < end; seed++) {
    const outcome = await run(seed)
    pairs += outcome.pairs
    if (outcome.faults.length > 0) failed.push(`SEED=${seed}: ${outcome.faults.join('; ')}`)
  }
  expect(failed).toEqual([])
  expect(pairs).toBeGreaterThan(end - first)
}

export function testSeeds(first: number, count: number): void {
  const firsts = Array.from({ length: count / AT_ONCE }, (_, i) => first + i * AT_ONCE)
  describe.runIf(process.env.SEED === undefined)('convergence', () => {
    test.each(firsts)(
      `seeds %i and the ${AT_ONCE - 1} after it`,
      async (from) => {
        await expectAllWell(from, from + AT_ONCE)
      },
      PATIENCE_MS,
    )
  })
}
