// What a network costs each of its nodes, by its size: `node test/network/scale.ts [nodes…]`. One log that grows by eight changes, everybody keeps it,
// three links a node, 50 ms a link; first some periods in which nothing happens. And what logs weigh: `scale.ts --releases 10000`. The figures of
// docs/scale.md.

import { parseArgs } from 'node:util'
import { STEPS, simLogs } from './world/logs.ts'
import { type Mesh, openMesh } from './world/mesh.ts'
import type { SimNode } from './world/node.ts'
import { measureStore } from './world/store-figures.ts'
import { shareVerdicts } from './world/verdicts.ts'

const PERIOD_MS = 60_000
const IDLE_PERIODS = 5

interface Spent {
  /** Of sessions, received and sent. */
  readonly bytes: number
  readonly sessions: number
  readonly frames: number
  readonly cpuMs: number
}

const { values, positionals } = parseArgs({
  options: { releases: { type: 'string' } },
  allowPositionals: true,
})
const sizes = positionals.map(Number)
if (values.releases !== undefined) {
  console.log(JSON.stringify(await measureStore(Number(values.releases))))
} else {
  shareVerdicts()
  for (const size of sizes.length > 0 ? sizes : [10, 30, 100, 300]) await measure(size)
}

async function measure(count: number): Promise<void> {
  const logs = await simLogs(1)
  const options = { seed: 1, nodes: count, logs, degree: 3, latency: 50, period: PERIOD_MS }
  const mesh = await openMesh({ ...options, announces: true })
  await mesh.settle(20 * PERIOD_MS)
  const { clock, nodes } = mesh
  const per = (spent: Spent, times: number) => ({
    sessions: round(spent.sessions / count / times),
    bytes: Math.round(spent.bytes / count / times),
    frames: Math.round(spent.frames / count / times),
    cpuMs: round(spent.cpuMs / count / times),
  })
  const idle = await spending(mesh, () => clock.run(clock.now() + IDLE_PERIODS * PERIOD_MS))
  const delays: number[] = []
  const busy = await spending(mesh, async () => {
    for (let step = 1; step < STEPS; step++) {
      delays.push(...(await mesh.publish(0, 20 * PERIOD_MS)))
      await clock.run(clock.now() + 100)
    }
  })
  delays.sort((a, b) => a - b)
  const within = [0.5, 0.99, 1].map((share) => delays[Math.ceil(delays.length * share) - 1])
  const disk = Math.max(...(await Promise.all(nodes.slice(0, 3).map(bytesOn))))
  const idlePeriod = per(idle, IDLE_PERIODS)
  console.log(
    JSON.stringify({ nodes: count, idlePeriod, change: per(busy, STEPS - 1), within, disk }),
  )
  await mesh.stop()
}

async function spending(mesh: Mesh, act: () => Promise<unknown>): Promise<Spent> {
  const before = { ...(await countOf(mesh)), cpu: process.cpuUsage(), frames: mesh.frames }
  await act()
  const after = await countOf(mesh)
  const { user, system } = process.cpuUsage(before.cpu)
  return {
    bytes: after.bytes - before.bytes,
    sessions: after.sessions - before.sessions,
    frames: mesh.frames - before.frames,
    cpuMs: (user + system) / 1_000,
  }
}

async function countOf({ nodes }: Mesh): Promise<{ bytes: number; sessions: number }> {
  let [bytes, sessions] = [0, 0]
  for (const { federation } of nodes) {
    const { node } = (await federation?.status()) ?? {}
    bytes += (node?.sessions.bytesReceived ?? 0) + (node?.sessions.bytesSent ?? 0)
    sessions += node?.sessions.done ?? 0
  }
  return { bytes, sessions }
}

/** Keys, values and blocks, before the disk’s own compression. */
async function bytesOn({ disk }: SimNode): Promise<number> {
  let bytes = 0
  for (const table of ['head', 'entry', 'bundle', 'hash', 'index', 'claim', 'use'] as const) {
    for await (const { key, value } of disk.listRecords(table)) bytes += key.length + value.length
  }
  for await (const cid of disk.listBlocks()) {
    const [block] = await disk.findBlocks([cid])
    bytes += cid.length + (block?.length ?? 0)
  }
  return bytes
}

function round(value: number): number {
  return Math.round(value * 100) / 100
}
