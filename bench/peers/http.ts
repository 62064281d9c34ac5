// HTTP with connections that are kept, sixteen at once.

import { createHash } from 'node:crypto'
import { Agent, createServer, get } from 'node:http'
import type { AddressInfo } from 'node:net'
import { inParallel, readBlocks, runPeer } from './peer.ts'

const WIDTH = 16

await runPeer({
  async serve(folder) {
    const blocks = await readBlocks(folder)
    const server = createServer((request, response) => {
      const block = blocks.get((request.url ?? '').slice(1))
      response.writeHead(block === undefined ? 404 : 200).end(block)
    })
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
    return `http://127.0.0.1:${(server.address() as AddressInfo).port}`
  },
  fetch(address, cids) {
    const agent = new Agent({ keepAlive: true, maxSockets: WIDTH })
    const fetchOne = (cid: string): Promise<number> =>
      new Promise((resolve, reject) => {
        get(`${address}/${cid}`, { agent }, (response) => {
          const hash = createHash('sha256')
          let size = 0
          response.on('data', (chunk: Uint8Array) => {
            hash.update(chunk)
            size += chunk.length
          })
          response.on('end', () => {
            hash.digest()
            resolve(size)
          })
        }).on('error', reject)
      })
    return inParallel(cids, WIDTH, fetchOne)
  },
})
