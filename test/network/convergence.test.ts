// Whatever happens on the way, all who do not lie hold the same in the end: a thousand networks of up to fifty nodes, with random links, follows,
// delays, cuts, partitions, crashes, late comers, forks and liars; half of them here. `SEED=N` runs one of them again, step by step as it was;
// more are run by `npm run simulate -- --runs 1000 --seed N`, larger ones by `--nodes 200`.

import { describe, expect, test } from 'vitest'
import { expectAllWell, prepareLogs, run, testSeeds } from './world/converge.ts'

const only = process.env.SEED
prepareLogs()

describe.runIf(only !== undefined)('one seed', () => {
  test(`${only}`, async () => {
    await expectAllWell(Number(only), Number(only) + 1)
  })
})

describe.runIf(only === undefined)('of all', () => {
  test.each([
    ['a block that a liar hid came for another log', 712],
    ['a log forked before those who follow its namespace had any of it', 1304],
    ['somebody has only such peers', 3206],
  ])('%s: seed %i', async (_, seed) => {
    expect((await run(seed)).faults).toEqual([])
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

testSeeds(1, 500)
