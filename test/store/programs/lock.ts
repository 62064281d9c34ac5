// Joins a shared store, takes a lock, prints "locked" and waits to be killed: lock FOLDER NAME.
import { openStore } from '../../../src/store/index.ts'

const [, , folder = '', name = ''] = process.argv
const store = await openStore(folder)
await store.lock(name)
console.log('locked')
setInterval(() => {}, 1_000)
