// A process that brings what a node serves into a store of its own, and then perhaps into another one: `fetch.ts FOLDER`. Time is counted
// from the dial on, the first connection's bytes are those on the socket, encryption and all.

import { subscribe } from 'node:diagnostics_channel'
import type { Socket } from 'node:net'
import { join } from 'node:path'
import { openInterest, setMirror } from '../../src/registry/index.ts'
import { openLevelStore } from '../../src/store/index.ts'
import {
  type Link,
  openHeadSet,
  openLibp2pNetwork,
  openLink,
  runSession,
  watchHeads,
} from '../../src/sync/index.ts'
import { answerAsked } from './processes.ts'

export interface Fetched {
  readonly ms: number
  readonly cpuMs: number
  /** Of messages, with the length of each. */
  readonly bytes: number
  /** On the socket. */
  readonly wire: number
  readonly roundTrips: number
  readonly entries: number
  readonly blocks: number
}

const QUOTA = 100 * 1024 ** 3
const sockets = new Set<Socket>()
subscribe('net.client.socket', (message) => sockets.add((message as { socket: Socket }).socket))

const [folder = ''] = process.argv.slice(2)
let count = 0
let subject = await openSubject()

/** A node that holds nothing, and knows nobody. */
async function openSubject() {
  const plain = await openLevelStore(join(folder, String(count++)))
  await setMirror({ store: plain, now: () => new Date() }, QUOTA)
  const interest = await openInterest(plain)
  const heads = await openHeadSet(plain, { hidden: interest.unserved })
  const store = watchHeads(plain, {
    note: async (change) => {
      await heads.note(change)
      interest.note(change)
    },
  })
  const network = await openLibp2pNetwork({ listen: [] })
  return { plain, interest, heads, store, network, link: undefined as Link | undefined }
}

answerAsked({
  ready: async () => true,
  /** The process stays, the node is a new one. */
  again: async () => {
    await subject.network[Symbol.asyncDispose]()
    await subject.plain[Symbol.asyncDispose]()
    subject = await openSubject()
  },
  /** The channel stays open, as it does between nodes. */
  fetch: async (address: string): Promise<Fetched> => {
    const cpu = process.cpuUsage()
    const wire = countWire()
    const start = performance.now()
    subject.link ??= openLink(await subject.network.dial(address))
    const result = await runSession(subject.link, subject)
    const ms = performance.now() - start
    const { failure, unable, refused, lacking, bytes, roundTrips, entries, blocks } = result
    const problem = failure ?? unable ?? refused[0]?.error
    if (problem !== undefined) throw problem
    if (lacking > 0) throw new Error(`${lacking} blocks are lacking`)
    const { user, system } = process.cpuUsage(cpu)
    const cpuMs = (user + system) / 1_000
    return { ms, cpuMs, bytes, wire: countWire() - wire, roundTrips, entries, blocks }
  },
})

function countWire(): number {
  return [...sockets].reduce(
    (sum, { bytesRead, bytesWritten }) => sum + bytesRead + bytesWritten,
    0,
  )
}
