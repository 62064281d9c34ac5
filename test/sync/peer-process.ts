// A node in a process of its own, run by two-processes.test.ts: `serve` prints its addresses and serves until its standard
// input ends; `pull ADDRESS` fetches every block and prints how many were right. Both must exit by themselves.

import { cidOf } from '../../src/cid/index.ts'
import { connectSource, openLibp2pNetwork, serveSource } from '../../src/sync/index.ts'
import { createFakeSource } from './fake-source.ts'

const [verb, address] = process.argv.slice(2)
const source = createFakeSource(300)

if (verb === 'serve') {
  const listen = ['/ip4/127.0.0.1/tcp/0', '/ip4/127.0.0.1/tcp/0/ws']
  await using network = await openLibp2pNetwork({ listen })
  network.handle((channel) => serveSource(channel, source))
  console.log(JSON.stringify(network.addresses))
  for await (const _ of process.stdin);
} else {
  await using network = await openLibp2pNetwork({ listen: [] })
  await using peer = connectSource(await network.dial(address!))
  let right = 0
  let asked = 0
  while (asked < source.cids.length) {
    const blocks = await peer.blocks(source.cids.slice(asked))
    right += blocks.filter((block, i) => block && cidOf(block) === source.cids[asked + i]).length
    asked += blocks.length
  }
  console.log(right)
}
