// Two real processes over real sockets. Neither calls process.exit, so a timer or handle that leaks hangs this test.

import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import { join } from 'node:path'
import { text } from 'node:stream/consumers'
import { expect, it } from 'vitest'

const PEER = join(import.meta.dirname, 'peer-process.ts')

function run(...args: string[]): ChildProcess {
  return spawn(process.execPath, [PEER, ...args], { stdio: ['pipe', 'pipe', 'inherit'] })
}

it('one process pulls from another over TCP and WebSocket, and both end', async () => {
  const server = run('serve')
  const [line] = (await once(server.stdout!, 'data')) as [Buffer]
  const addresses = JSON.parse(line.toString()) as string[]
  expect(addresses).toHaveLength(2)
  for (const address of addresses) {
    const started = performance.now()
    const client = run('pull', address)
    const [printed, [code]] = await Promise.all([text(client.stdout!), once(client, 'exit')])
    expect([printed.trim(), code]).toEqual(['300', 0])
    console.info(`pull process: ${Math.round(performance.now() - started)} ms`)
  }
  server.stdin!.end()
  const [code] = (await once(server, 'exit')) as [number]
  expect(code).toBe(0)
})

it('a client outlives a server that is killed in the middle', async () => {
  const server = run('serve')
  const [line] = (await once(server.stdout!, 'data')) as [Buffer]
  const { connectSource, openLibp2pNetwork } = await import('../../src/sync/index.ts')
  const { PUBLISHER } = await import('./fake-source.ts')
  const network = await openLibp2pNetwork({ listen: [] })
  const peer = connectSource(await network.dial((JSON.parse(line.toString()) as string[])[0]!))
  expect((await peer.checkpoint(PUBLISHER)).length).toBe(4)
  server.kill('SIGKILL')
  await once(server, 'exit')
  await expect(peer.checkpoint(PUBLISHER)).rejects.toMatchObject({ code: 'PEER_UNAVAILABLE' })
  await network[Symbol.asyncDispose]()
})
