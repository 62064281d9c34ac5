// OrbitDB: one log of values, replicated over Helia 6, which is the one it is made for.

import { mkdtemp } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { bitswap } from '@helia/block-brokers'
import { gossipsub } from '@libp2p/gossipsub'
import { identify } from '@libp2p/identify'
import { noise } from '@libp2p/noise'
import { tcp } from '@libp2p/tcp'
import { yamux } from '@libp2p/yamux'
import { multiaddr } from '@multiformats/multiaddr'
import { createOrbitDB } from '@orbitdb/core'
import { createHelia } from 'helia6'
import { createLibp2p } from 'libp2p'
import { readBlocks, runPeer } from './peer.ts'

async function open(listen: readonly string[]) {
  const libp2p = await createLibp2p({
    addresses: { listen: [...listen] },
    transports: [tcp()],
    connectionEncrypters: [noise()],
    streamMuxers: [yamux()],
    services: {
      identify: identify(),
      pubsub: gossipsub({ allowPublishToZeroTopicPeers: true }),
    },
  })
  const ipfs = await createHelia({ libp2p, blockBrokers: [bitswap()] })
  const directory = await mkdtemp(join(tmpdir(), 'toolmark-orbitdb-'))
  const orbitdb = await createOrbitDB({ ipfs, directory })
  return { libp2p, orbitdb }
}

await runPeer({
  async serve(folder) {
    const { libp2p, orbitdb } = await open(['/ip4/127.0.0.1/tcp/0'])
    const db = await orbitdb.open('blocks')
    for (const [, bytes] of await readBlocks(folder)) {
      await db.add(Buffer.from(bytes).toString('base64'))
    }
    return `${libp2p.getMultiaddrs()[0]}#${db.address}`
  },
  async fetch(address) {
    const [peer = '', name = ''] = address.split('#')
    const { libp2p, orbitdb } = await open([])
    await libp2p.dial(multiaddr(peer))
    const db = await orbitdb.open(name)
    // One event a head: all that it follows is there by then.
    await new Promise((resolve) => db.events.once('update', resolve))
    let bytes = 0
    for await (const { value } of db.iterator()) bytes += value.length
    return bytes
  },
})
