// Helia with bitswap over TCP, Noise and yamux: no routing, no gateways, blocks in memory on both sides.

import { withBitswap } from '@helia/bitswap'
import { withLibp2pLight } from '@helia/libp2p'
import { identify } from '@libp2p/identify'
import { noise } from '@libp2p/noise'
import { tcp } from '@libp2p/tcp'
import { yamux } from '@libp2p/yamux'
import { multiaddr } from '@multiformats/multiaddr'
import { createHeliaLight } from 'helia'
import { CID } from 'multiformats/cid'
import { inParallel, readBlocks, runPeer } from './peer.ts'

const WIDTH = 64

async function open(listen: readonly string[]) {
  const helia = withBitswap(
    withLibp2pLight(createHeliaLight(), {
      addresses: { listen: [...listen] },
      transports: [tcp()],
      connectionEncrypters: [noise()],
      streamMuxers: [yamux()],
      services: { identify: identify() },
    }),
  )
  await helia.start()
  return helia
}

await runPeer({
  async serve(folder) {
    const helia = await open(['/ip4/127.0.0.1/tcp/0'])
    for (const [name, bytes] of await readBlocks(folder)) {
      await helia.blockstore.put(CID.parse(name), bytes)
    }
    return String(helia.libp2p.getMultiaddrs()[0])
  },
  async fetch(address, cids) {
    const helia = await open([])
    await helia.libp2p.dial(multiaddr(address))
    return await inParallel(cids, WIDTH, async (cid) => {
      let size = 0
      const found = helia.blockstore.get(CID.parse(cid))
      if (Symbol.asyncIterator in found) for await (const part of found) size += part.length
      else size = (await found).length
      return size
    })
  },
})
