// What does a read that cannot lie cost beside one that can?

import { cidOf } from '../src/cid/index.ts'
import { canonicalBytes } from '../src/lib/index.ts'
import { openLevelStore } from '../src/store/index.ts'
import { makeTool } from './corpus.ts'
import { digest, openRaw } from './floor.ts'
import { withFolder } from './folders.ts'
import { type Measured, race } from './measure.ts'

const ITEMS = 4_000

export function measure(): Promise<readonly Measured[]> {
  return withFolder(async (folder) => {
    const blocks = Array.from({ length: ITEMS }, (_, i) => {
      const bytes = canonicalBytes({ kind: 'tool/v1', ...makeTool(i) })
      return { cid: cidOf(bytes), bytes, key: digest(bytes) }
    })
    await using store = await openLevelStore(folder)
    const raw = await openRaw(folder)
    await store.commit({ blocks })
    await raw.batch(blocks.map(({ key, bytes }) => ({ type: 'put', key, value: bytes })))
    const raced = await race(
      { rounds: 15, items: ITEMS },
      async () => {
        for (const { cid } of blocks) await store.findBlocks([cid])
      },
      async () => {
        for (const { key } of blocks) {
          const bytes = raw.getSync(key)
          if (bytes === undefined || Buffer.compare(digest(bytes), key) !== 0)
            throw new Error('rot')
        }
      },
    )
    await raw.close()
    return [
      {
        question: 'verified block read',
        unit: 'µs',
        ...raced,
        floorIs: 'LevelDB get + sha-256',
        target: 1.5,
      },
    ]
  })
}
