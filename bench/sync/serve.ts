// A process that serves a store over libp2p on loopback, as a node does: `serve.ts STORE KEYS`. What it is asked for comes as messages of
// the process that started it.

import { createServing } from '../../src/node/federation/serving.ts'
import { openInterest } from '../../src/registry/index.ts'
import { openLevelStore } from '../../src/store/index.ts'
import { openHeadSet, openLibp2pNetwork, systemTimers, watchHeads } from '../../src/sync/index.ts'
import { blocksIn, draftReleases, type Releasing } from './corpus.ts'
import { answerAsked } from './processes.ts'

const [folder = '', keys = ''] = process.argv.slice(2)
const plain = await openLevelStore(folder)
const interest = await openInterest(plain)
const heads = await openHeadSet(plain, { hidden: interest.unserved })
const store = watchHeads(plain, heads)
const network = await openLibp2pNetwork({ listen: ['/ip4/127.0.0.1/tcp/0'] })
const serving = createServing({
  ...{ store, heads, interest, timers: systemTimers, now: () => new Date() },
  ...{ hidden: [], desk: undefined },
  budget: { requests: 1_000, bytes: 32 * 1024 ** 2 },
})
network.handle((channel) => serving.serve(channel))
answerAsked({
  address: async () => network.addresses[0],
  /** Answers the bytes of the blocks that are new. */
  release: async (releasing: Releasing) => {
    const drafted = await draftReleases(store, keys, releasing)
    await store.commit(drafted)
    return blocksIn(drafted).reduce((sum, { length }) => sum + length, 0)
  },
  cpu: async () => {
    const { user, system } = process.cpuUsage()
    return (user + system) / 1_000
  },
})
