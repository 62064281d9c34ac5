// The simulation itself: many whole nodes come to hold the same logs, also when one of them was away.

import { expect, test } from 'vitest'
import { checkLog } from '../../src/registry/index.ts'
import { agree, openSimulation } from '../support/federation.ts'
import { logPool } from '../support/log-pool.ts'

test('a pool has real logs, each the same at every call, and a fork of each', async () => {
  const [log] = await logPool(1)
  expect(await logPool(1)).toEqual([log])
  expect(log?.changes.length).toBe(7)
  expect(log?.forked.floors).not.toEqual(log?.changes.at(-1)?.floors)
})

test('a ring of twenty nodes agrees on ten logs, with one of them away for a while', async () => {
  await using simulation = await openSimulation({
    nodes: 20,
    publishers: 10,
    seed: 1,
    period: 5_000,
  })
  const { nodes, logs, until } = simulation
  await nodes[15]?.stop()
  for (const node of nodes.slice(0, 10)) await node.publish()
  const others = nodes.filter((_, i) => i !== 15)
  await until(() => agree(others, 10), 120_000)
  for (const node of nodes.slice(0, 10)) await node.publish()
  await nodes[15]?.start()
  await until(() => agree(nodes, 10), 120_000)
  for (const { id } of logs) {
    expect(await checkLog(nodes[15]?.disk as never, id)).toMatchObject({ size: 3 })
  }
})
