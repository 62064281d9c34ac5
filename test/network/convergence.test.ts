// Whatever happens on the way, all who do not lie hold the same in the end: a thousand networks of up to fifty nodes, with random links, follows,
// delays, cuts, partitions, crashes, late comers, forks and liars. `SEED=N` runs one of them again, step by step as it was; more are run by
// `npm run simulate -- --runs 1000 --seed N`, larger ones by `--nodes 200`.

import { beforeAll, describe, expect, test } from 'vitest'
import { type SimLog, simLogs } from './world/logs.ts'
import { type Outcome, runScenario } from './world/run.ts'
import { drawScenario } from './world/scenario.ts'
import { shareVerdicts } from './world/verdicts.ts'

const SEEDS = 1_000
const AT_ONCE = 50
const only = process.env.SEED
const firsts = Array.from({ length: SEEDS / AT_ONCE }, (_, i) => 1 + i * AT_ONCE)
let logs: readonly SimLog[]

beforeAll(async () => {
  shareVerdicts()
  logs = await simLogs(4)
})

async function run(seed: number, nodes?: number): Promise<Outcome> {
  return await runScenario(drawScenario({ seed, nodes, logs }))
}

async function expectAllWell(first: number, end: number): Promise<void> {
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

describe.runIf(only !== undefined)('one seed', () => {
  test(`${only}`, async () => {
    await expectAllWell(Number(only), Number(only) + 1)
  })
})

describe.runIf(only === undefined)('convergence', () => {
  test.each(firsts)(`seeds %i and the ${AT_ONCE - 1} after it`, async (first) => {
    await expectAllWell(first, first + AT_ONCE)
  })

  test('fifty nodes', async () => {
    expect((await run(7, 50)).faults).toEqual([])
  })

  test('a seed replays: every frame at the same time, from and to the same node', async () => {
    const [first, second] = [await run(3), await run(3)]
    expect(first.frames).toBeGreaterThan(50)
    expect(second).toEqual(first)
    expect((await run(4)).trace).not.toBe(first.trace)
  })
})
