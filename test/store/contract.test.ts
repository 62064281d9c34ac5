import { join } from 'node:path'
import { openLevelStore, openMemoryStore, openStore, shareStore } from '../../src/store/index.ts'
import { connectStore } from '../../src/store/socket/remote.ts'
import { testStoreContract } from '../contracts/store.ts'
import { newFolder } from './folders.ts'

testStoreContract('memory', async () => openMemoryStore())
testStoreContract('LevelDB', async () => openLevelStore(await newFolder()))
testStoreContract('openStore', async () => openStore(await newFolder()))
testStoreContract('a shared store', async () => {
  const folder = await newFolder()
  const store = await openStore(folder)
  const sharing = await shareStore(store, folder)
  const remote = await connectStore(join(folder, 'socket'))
  if (remote === undefined) throw new Error('nobody answers at the socket')
  return {
    ...remote,
    async [Symbol.asyncDispose]() {
      await remote[Symbol.asyncDispose]()
      await sharing[Symbol.asyncDispose]()
      await store[Symbol.asyncDispose]()
    },
  }
})
