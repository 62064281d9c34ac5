// Many whole nodes in one process: stores in memory, a network in memory, real signatures and real verification, time that passes when a test
// says so. What a node keeps outlives it, so that it can be stopped and started again.

import { createRandom } from '../../src/lib/index.ts'
import { createFederation, type Federation } from '../../src/node/federation/federation.ts'
import { follow, setMirror } from '../../src/registry/index.ts'
import type { PublisherId } from '../../src/spec/index.ts'
import { openMemoryStore, type Store } from '../../src/store/index.ts'
import { createMemoryHub, type MemoryHub, type Network } from '../../src/sync/index.ts'
import { logPool, type PooledLog } from './log-pool.ts'
import { createManualTimers, type ManualTimers } from './manual-timers.ts'

export interface SimNode {
  readonly name: string
  /** What is on its disk, whether it runs or not. */
  readonly disk: Store
  /** The log that is written here, if any. */
  readonly own: PooledLog | undefined
  readonly federation: Federation | undefined
  start(): Promise<void>
  /** As a crash does: what was committed stays. */
  stop(): Promise<void>
  /** The next release of its own log. Answers false when there is none left. */
  publish(): Promise<boolean>
}

export interface SimOptions {
  readonly nodes: number
  /** The first so many nodes have a log each. */
  readonly publishers: number
  readonly seed: number
  /** Who is kept up with by whom, by number; a ring unless said. */
  readonly links?: (node: number) => readonly number[]
  /** Whom a node follows; undefined for everybody. */
  readonly follows?: (node: number, ids: readonly PublisherId[]) => readonly PublisherId[]
  /** Whether news are announced, or only found by reconciling. */
  readonly announces?: boolean
  readonly period?: number
}

export interface Simulation extends AsyncDisposable {
  readonly hub: MemoryHub
  readonly timers: ManualTimers
  readonly nodes: readonly SimNode[]
  readonly logs: readonly PooledLog[]
  /** Lets time pass until `isDone`, in steps, and until nothing is under way. Throws after `most` milliseconds of it. */
  until(isDone: () => Promise<boolean>, most: number): Promise<number>
}

const EPOCH = Date.parse('2026-11-21T12:00:00Z')
const STEP_MS = 250

export async function openSimulation(options: SimOptions): Promise<Simulation> {
  const { nodes: count, publishers, seed } = options
  const hub = createMemoryHub({ seed })
  const timers = createManualTimers()
  const logs = await logPool(publishers)
  const nodes = await Promise.all(
    Array.from({ length: count }, (_, i) => openNode(i, { hub, timers, logs, options })),
  )
  for (const node of nodes) await node.start()
  return {
    ...{ hub, timers, nodes, logs },
    async until(isDone, most) {
      const began = timers.now()
      while (!(await isDone())) {
        if (timers.now() - began >= most) throw new Error(`not within ${most} ms (seed ${seed})`)
        await timers.advance(STEP_MS)
        // Signatures are checked on other threads, which know no clock.
        await new Promise((resolve) => setTimeout(resolve, 1))
      }
      return timers.now() - began
    },
    [Symbol.asyncDispose]: async () => {
      await Promise.all(nodes.map((node) => node.stop()))
    },
  }
}

interface Parts {
  readonly hub: MemoryHub
  readonly timers: ManualTimers
  readonly logs: readonly PooledLog[]
  readonly options: SimOptions
}

async function openNode(index: number, { hub, timers, logs, options }: Parts): Promise<SimNode> {
  const name = `n${index}`
  const own = logs[index]
  const disk = openMemoryStore()
  const now = (): Date => new Date(EPOCH + timers.now())
  let published = 0
  let running: { readonly federation: Federation; readonly network: Network } | undefined
  const ids = logs.map(({ id }) => id).filter((id) => id !== own?.id)
  const followed = options.follows?.(index, ids)
  const workspace = { store: disk, keys: '', passphrase: async () => undefined, now }
  const [genesis] = own?.changes ?? []
  if (genesis !== undefined) await disk.commit(genesis)
  if (followed === undefined) await setMirror(workspace, 1e12)
  else if (followed.length > 0) await follow(workspace, followed)
  const links = options.links?.(index) ?? [(index + 1) % options.nodes]
  const random = createRandom(options.seed * 1_000 + index)
  return {
    ...{ name, disk, own },
    get federation() {
      return running?.federation
    },
    async start() {
      if (running !== undefined) return
      const network = hub.open(name)
      const federation = await createFederation({
        ...{ store: disk, network, timers, now, random },
        log: SILENT,
        peers: links.map((link) => `memory:n${link}`),
        ...(options.announces === undefined ? {} : { announces: options.announces }),
        ...(options.period === undefined ? {} : { period: options.period }),
      })
      running = { federation, network }
    },
    async stop() {
      const last = running
      running = undefined
      await last?.network[Symbol.asyncDispose]()
      await last?.federation[Symbol.asyncDispose]()
    },
    async publish() {
      const change = own?.changes[published + 1]
      if (change === undefined) return false
      published++
      await (running?.federation.store ?? disk).commit(change)
      return true
    },
  }
}

/** Heads by publisher, as text to be compared. */
async function headsOf({ disk }: Pick<SimNode, 'disk'>): Promise<string> {
  const heads: string[] = []
  for await (const { key, value } of disk.listRecords('head')) {
    const { size, root } = JSON.parse(Buffer.from(value).toString()) as {
      size: number
      root: string
    }
    heads.push(`${key} ${size} ${root}`)
  }
  return heads.join('\n')
}

/** Whether all of these hold the same heads, and how many they are. */
export async function agree(nodes: readonly SimNode[], heads: number): Promise<boolean> {
  const [first = '', ...others] = await Promise.all(nodes.map(headsOf))
  return first.split('\n').length === heads && others.every((other) => other === first)
}

const nothing = (): void => undefined
const SILENT = { debug: nothing, info: nothing, warn: nothing, error: nothing }
