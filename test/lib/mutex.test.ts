import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { createLocks } from '../../src/lib/index.ts'

describe('locks', () => {
  it('are held by one at a time under any schedule, and end free', async () => {
    await fc.assert(
      fc.asyncProperty(
        fc.scheduler(),
        fc.array(fc.tuple(fc.constantFrom('a', 'b'), fc.boolean()), { maxLength: 8 }),
        async (scheduler, askers) => {
          const { lock } = createLocks()
          const inside = { a: 0, b: 0 }
          const work = askers.map(async ([name, gives], i) => {
            const controller = new AbortController()
            const asked = scheduler
              .schedule(Promise.resolve(), `ask ${i}`)
              .then(() => lock(name as 'a', { signal: controller.signal }))
            if (gives) {
              void scheduler
                .schedule(Promise.resolve(), `abort ${i}`)
                .then(() => controller.abort())
            }
            const held = await asked.catch(() => undefined)
            if (held === undefined) return
            inside[name as 'a'] += 1
            expect(inside[name as 'a']).toBe(1)
            await scheduler.schedule(Promise.resolve(), `work ${i}`)
            inside[name as 'a'] -= 1
            await held[Symbol.asyncDispose]()
          })
          await scheduler.waitFor(Promise.all(work))
          for (const name of ['a', 'b']) await (await lock(name))[Symbol.asyncDispose]()
        },
      ),
      { numRuns: 200 },
    )
  })

  it('released twice let only one in', async () => {
    const { lock } = createLocks()
    const first = await lock('a')
    const second = lock('a')
    const third = lock('a')
    await first[Symbol.asyncDispose]()
    await first[Symbol.asyncDispose]()
    await second
    const winner = await Promise.race([third.then(() => 'third'), Promise.resolve('nobody')])
    expect(winner).toBe('nobody')
  })
})
