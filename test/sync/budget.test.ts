// What is remembered of peers and what they spent: little of those who spent nothing, however many there are.

import { expect, test } from 'vitest'
import { createBudgets } from '../../src/sync/index.ts'
import { createManualTimers } from '../support/manual-timers.ts'

const LIMITS = { requestsPerSecond: 1, requestBurst: 2, bytesPerSecond: 10, byteBurst: 100 }

test('a debt is not forgotten for strangers who come and go', async () => {
  const timers = createManualTimers()
  const budgets = createBudgets(LIMITS, { timers, peers: 50 })
  budgets('greedy').spend(10_000)
  for (let i = 0; i < 500; i++) {
    expect(budgets(`stranger ${i}`).takeRequest()).toBe(true)
    await timers.advance(1_000)
  }
  expect(budgets('greedy').takeRequest()).toBe(false)
  await timers.advance(600_000)
  expect(budgets('greedy').takeRequest()).toBe(true)
})

test('a crowd that spends at once pushes out the oldest', () => {
  const budgets = createBudgets(LIMITS, { timers: createManualTimers(), peers: 50 })
  budgets('greedy').spend(10_000)
  for (let i = 0; i < 50; i++) budgets(`stranger ${i}`).takeRequest()
  expect(budgets('greedy').takeRequest()).toBe(true)
})
