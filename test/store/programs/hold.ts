// Opens the store and keeps it until told otherwise: hold FOLDER [share]. Prints "ready"; a line on stdin ends it.
import { once } from 'node:events'
import { openStore, shareStore } from '../../../src/store/index.ts'

const [, , folder = '', how] = process.argv
const store = await openStore(folder)
await store.commit({ put: [{ table: 'self', key: 'holder', value: Buffer.from('here') }] })
const sharing = how === 'share' ? await shareStore(store, folder) : undefined
if (how === 'lock') await store.lock('publish')
console.log('ready')
await once(process.stdin, 'data')
await sharing?.[Symbol.asyncDispose]()
await store[Symbol.asyncDispose]()
process.exit(0)
