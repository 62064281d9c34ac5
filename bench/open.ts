// How long until a cleanly closed store of a million blocks can be read?

import { cidOf } from '../src/cid/index.ts'
import { openLevelStore } from '../src/store/index.ts'
import { withFolder } from './folders.ts'
import type { Measured } from './measure.ts'

const BLOCKS = 1_000_000
const BATCH = 5_000

export function measure(): Promise<readonly Measured[]> {
  return withFolder(async (folder) => {
    await fill(folder)
    let best = Number.POSITIVE_INFINITY
    for (let round = 0; round < 5; round++) {
      const start = process.hrtime.bigint()
      const store = await openLevelStore(folder)
      best = Math.min(best, Number(process.hrtime.bigint() - start) / 1_000)
      await store[Symbol.asyncDispose]()
    }
    return [
      {
        question: 'open a store of 1,000,000 blocks',
        unit: 'µs',
        subject: best,
        floor: 10_000,
        floorIs: '10 ms, the target itself',
        target: 1,
      },
    ]
  })
}

async function fill(folder: string): Promise<void> {
  await using store = await openLevelStore(folder)
  for (let start = 0; start < BLOCKS; start += BATCH) {
    const blocks = Array.from({ length: BATCH }, (_, i) => {
      const bytes = Buffer.from(`{"kind":"bench","n":${start + i}}`)
      return { cid: cidOf(bytes), bytes }
    })
    await store.commit({ blocks })
  }
}
