// A network where nothing goes wrong: one log or more, everybody keeps all of them, every node knows some others, every link is alike. For
// measuring how long news take and what they cost.

import { createMemoryHub } from '../../../src/sync/index.ts'
import { type Clock, createClock } from './clock.ts'
import type { SimLog } from './logs.ts'
import { openNode, type SimNode } from './node.ts'
import { createRandom } from './random.ts'

export interface MeshOptions {
  readonly seed: number
  readonly nodes: number
  /** By number; the first so many nodes own one each. */
  readonly logs: readonly SimLog[]
  /** Peers each node is told of, beside those that were told of it; 0: everybody knows the first node, and nobody else. */
  readonly degree: number
  /** Milliseconds that a frame takes. */
  readonly latency: number
  readonly announces: boolean
  readonly period: number
  /** Milliseconds between two looks at who has what, and so how exact the delays are. */
  readonly look?: number
}

export interface Mesh {
  readonly clock: Clock
  readonly nodes: readonly SimNode[]
  /** Announcements and frames that went from node to node. */
  readonly frames: number
  /** How long after now each node has the newest state of this node’s log. Throws after `most` milliseconds. */
  publish(index: number, most: number): Promise<readonly number[]>
  /** Until all have everything. */
  settle(most: number): Promise<void>
  stop(): Promise<void>
}

const LOOK_MS = 10
const SETTLING_LOOK_MS = 1_000

export async function openMesh(options: MeshOptions): Promise<Mesh> {
  const { seed, nodes: count, logs, degree, latency, announces, period } = options
  const { look: lookMs = LOOK_MS } = options
  const clock = createClock()
  const random = createRandom(seed)
  let frames = 0
  const pass = (): Promise<void> => {
    frames += 1
    return new Promise((resolve) => clock.after(latency, resolve))
  }
  const hub = createMemoryHub({ seed, delay: pass, latency: pass })
  const onFault = (error: unknown): void => {
    throw error
  }
  const pace = { announces, period, backOff: 5_000, maxBackOff: 600_000 }
  const world = { hub, clock, random, logs, onFault, ...pace }
  const nodes: SimNode[] = []
  for (let index = 0; index < count; index++) {
    const log = logs[index]
    const writes = log && { log, isTwin: false }
    const links = degree === 0 ? (index === 0 ? [] : [0]) : linksOf(index, degree)
    nodes.push(await openNode({ index, lie: undefined, writes, follows: undefined, links }, world))
  }
  for (const node of nodes) node.start()

  /** The one before, so that all are connected, and some of those before that. */
  function linksOf(index: number, most: number): readonly number[] {
    if (index === 0) return []
    const others = Array.from({ length: most - 1 }, () => random.below(index))
    return [...new Set([index - 1, ...others])]
  }

  async function has({ disk }: SimNode, owner: SimNode): Promise<boolean> {
    const log = owner.writes?.log
    if (log === undefined) return true
    const [value] = await disk.findRecords([{ table: 'head', key: log.id }])
    const head = log.contents[owner.step]?.head
    return value !== undefined && head !== undefined && Buffer.compare(value, head) === 0
  }

  async function waitFor(
    owners: readonly SimNode[],
    most: number,
    look = lookMs,
  ): Promise<readonly number[]> {
    const began = clock.now()
    const after = new Map<SimNode, number>()
    while (after.size < nodes.length) {
      for (const node of nodes) {
        if (after.has(node)) continue
        const all = await Promise.all(owners.map((owner) => has(node, owner)))
        if (all.every(Boolean)) after.set(node, clock.now() - began)
      }
      if (clock.now() - began > most) throw new Error(`${after.size} of ${nodes.length} have it`)
      if (after.size < nodes.length) await clock.run(clock.now() + look)
    }
    return nodes.map((node) => after.get(node) ?? 0)
  }

  return {
    ...{ clock, nodes },
    get frames() {
      return frames
    },
    async publish(index, most) {
      const owner = nodes[index]
      if (owner?.publish() !== true) throw new Error('there is nothing left to publish')
      const all = await waitFor([owner], most)
      return all.filter((_, i) => i !== index)
    },
    async settle(most) {
      await waitFor(
        nodes.filter(({ writes }) => writes !== undefined),
        most,
        SETTLING_LOOK_MS,
      )
    },
    async stop() {
      for (const node of nodes) node.crash()
      await clock.run(clock.now() + 10_000)
    },
  }
}
