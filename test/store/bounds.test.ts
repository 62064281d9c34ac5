// What the store holds in memory of what was written has a small bound: LevelDB takes all that it may before it gives any back.

import { randomBytes } from 'node:crypto'
import { readdir, stat } from 'node:fs/promises'
import { join } from 'node:path'
import { expect, it } from 'vitest'
import { cidOf } from '../../src/cid/index.ts'
import { openLevelStore } from '../../src/store/index.ts'
import { newFolder } from './folders.ts'

const MIB = 1024 * 1024

it('what is written lies in tables before there are many MiB of it', async () => {
  const folder = await newFolder()
  await using store = await openLevelStore(folder)
  for (let i = 0; i < 12; i++) {
    const bytes = randomBytes(MIB)
    await store.commit({ blocks: [{ cid: cidOf(bytes), bytes }] })
  }
  const names = (await readdir(join(folder, 'db'))).filter((name) => name.endsWith('.log'))
  const sizes = await Promise.all(names.map((name) => stat(join(folder, 'db', name))))
  // What is not in a table yet is in a log: what is written to now, and what is on its way into a table.
  const held = sizes.reduce((sum, { size }) => sum + size, 0)
  expect(held).toBeLessThan(11 * MIB)
})
