// Commits 1, 2, 3, … and prints each number once it is acknowledged, until killed: write FOLDER.
import { cidOf } from '../../../src/cid/index.ts'
import { openStore } from '../../../src/store/index.ts'

const [, , folder = ''] = process.argv
const store = await openStore(folder)
for (let i = 1; ; i++) {
  const bytes = Buffer.from(`block ${i}`)
  await store.commit({
    blocks: [{ cid: cidOf(bytes), bytes }],
    put: [{ table: 'head', key: 'head', value: Buffer.from(String(i)) }],
    floors: [{ origin: 'o', size: i, root: 'a'.repeat(64) }],
  })
  console.log(String(i))
}
