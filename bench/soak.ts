// `npm run soak -- --minutes 30`: four real nodes in a ring, two of them publish, clients and liars come and go, two nodes are restarted and killed.
// Asks: do memory or handles grow, and is everything that was acknowledged everywhere in the end? docs/reliability.md has the figures of a run.

import { type ChildProcess, fork } from 'node:child_process'
import { once } from 'node:events'
import { appendFileSync, mkdirSync, writeFileSync } from 'node:fs'
import { createServer } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { parseArgs } from 'node:util'
import { parseCid } from '../src/cid/index.ts'
import { createRandom } from '../src/lib/index.ts'
import type { PublisherId } from '../src/spec/index.ts'
import { connectSource, openLibp2pNetwork } from '../src/sync/index.ts'
import type { Plan } from '../test/threats/federation/siege.ts'
import { check, settled } from './soak/check.ts'
import { command, demand } from './soak/command.ts'
import { growthOf, partsOfGrowth } from './soak/growth.ts'
import { configure, openNode, type SoakNode } from './soak/node.ts'
import { report, saidBy } from './soak/report.ts'
import { cpuOf, type Sample, sample } from './soak/sample.ts'
import * as work from './soak/work.ts'

const { values } = parseArgs({
  options: {
    minutes: { type: 'string', default: '30' },
    seed: { type: 'string', default: '1' },
    /** After so many samples there is one after a forced collection. */
    collect: { type: 'string', default: '6' },
    /** Where the homes, logs and samples are kept. */
    folder: { type: 'string', default: join(tmpdir(), `soak-${process.pid}`) },
  },
})
const minutes = Number(values.minutes)
const collectEvery = Number(values.collect)
const { folder } = values
const WARM_UP = Math.min(5, minutes / 4)
const SAMPLE_MS = 10_000
const ATTACKS = ['frames', 'gossip', 'trickle', 'endless', 'replays', 'streams', 'wants']

mkdirSync(folder, { recursive: true })
console.info(`Everything is in ${folder}`)
const nodes = await openRing()
const [a, b, c, d] = nodes as [SoakNode, SoakNode, SoakNode, SoakNode]
const homes = [await openHome(a), await openHome(c)]
const publishers = homes.map(({ publisher }) => publisher)
for (const node of [a, b, c]) {
  await demand(node.home, 'follow', ...publishers.filter((id) => id !== ownOf(node)))
}
for (const node of nodes) await node.start()

const counts = new Map<string, number>()
const began = performance.now()
let isOver = false
const soak: work.Soak = {
  ...{ nodes, homes, acknowledged: [], busy: new Set() },
  isOver: () => isOver,
  count: (what) => void counts.set(what, (counts.get(what) ?? 0) + 1),
  random: createRandom(Number(values.seed)),
}
const at = (): number => (performance.now() - began) / 60_000
const samples: Sample[] = []
const deadline = setTimeout(() => {
  isOver = true
}, minutes * 60_000)
const [first, second] = homes as [work.Home, work.Home]
await Promise.all([
  work.publishOn(soak, first, { every: 10_000, each: 3 }),
  work.publishOn(soak, second, { every: 15_000, each: 2 }),
  work.repeat(soak, { after: 15_000, every: 20_000 }, () => work.pullNow(soak)),
  work.repeat(soak, { after: 8_000, every: 5_000 }, () => work.visitNow(soak)),
  work.repeat(soak, { after: 40_000, every: 180_000 }, (i) =>
    work.restartNow(soak, c, i % 2 === 1),
  ),
  work.repeat(soak, { after: 70_000, every: 150_000 }, (i) =>
    work.restartNow(soak, d, i % 2 === 0),
  ),
  work.repeat(soak, { after: 90_000, every: 240_000 }, () =>
    work.refollowNow(soak, b, second.publisher),
  ),
  lie(),
  work.repeat(soak, { after: SAMPLE_MS, every: SAMPLE_MS }, takeSamples),
])
clearTimeout(deadline)
await finish()

async function openRing(): Promise<readonly SoakNode[]> {
  const ring: SoakNode[] = []
  for (const name of ['a', 'b', 'c', 'd']) {
    ring.push(await openNode({ name, folder, port: await freePort(), httpPort: await freePort() }))
  }
  for (const [i, node] of ring.entries()) {
    const next = ring[(i + 1) % ring.length] as SoakNode
    await configure(node, { peers: [next], isWitness: i < 2, isMirror: i === 3 })
  }
  return ring
}

async function openHome(node: SoakNode): Promise<work.Home> {
  const { publisher } = await demand<{ readonly publisher: PublisherId }>(node.home, 'init')
  return { node, publisher }
}

function ownOf(node: SoakNode): string | undefined {
  return homes.find((home) => home.node === node)?.publisher
}

async function takeSamples(round: number): Promise<void> {
  const isCollected = round % collectEvery === collectEvery - 1
  for (const node of nodes) {
    const taken = await sample(node, { at: at(), isCollected })
    if (taken === undefined) continue
    samples.push(taken)
    appendFileSync(join(folder, 'samples.jsonl'), `${JSON.stringify(taken)}\n`)
  }
  // One node in turn, and not each time: a process that starts costs more than all that it asks for.
  if (round % 3 !== 0) return
  const asked = nodes[(round / 3) % nodes.length] as SoakNode
  const { code, json } = await command(asked.home, 'status')
  if (code !== 0) soak.count(`status refused on ${asked.name}`)
  appendFileSync(join(folder, 'status.jsonl'), `${JSON.stringify({ node: asked.name, json })}\n`)
}

/**
 * Liars in a process of their own; on each node but the one that has just gone, one attack after the other. While nothing is judged yet, each of them on each
 * node: what the worst moment takes from the system is kept for the next one, and is no growth.
 */
async function lie(): Promise<void> {
  const file = join(import.meta.dirname, '..', 'test', 'threats', 'federation', 'attacker-child.ts')
  const liars: ChildProcess = fork(file, [], { stdio: ['ignore', 'ignore', 'ignore', 'ipc'] })
  await once(liars, 'message')
  const attack = async (round: number): Promise<void> => {
    const name = ATTACKS[round % ATTACKS.length] ?? ''
    const node = nodes[round % nodes.length] as SoakNode
    const plan = await planOn(node).catch(() => undefined)
    if (plan === undefined) return
    const milliseconds = name === 'trickle' ? 15_000 : 1_000
    const told = once(liars, 'message', { signal: AbortSignal.timeout(60_000) })
    liars.send({ ...plan, name, milliseconds, speed: 1, enough: {} } satisfies Plan)
    // An attack that cannot even begin, on a machine that has no time for it, says nothing.
    const isTold = await told.then(
      () => true,
      () => false,
    )
    soak.count(isTold ? `attacked by ${name}` : `gave up: ${name}`)
  }
  const rounds = ATTACKS.length * nodes.length
  await work.repeat(soak, { after: 20_000, every: (WARM_UP * 50_000) / rounds, rounds }, attack)
  await work.repeat(soak, { after: 30_000, every: 30_000 }, attack)
  liars.kill('SIGKILL')
}

type Target = Pick<Plan, 'address' | 'publisher' | 'cids' | 'oldNote'>

async function planOn({ address }: SoakNode): Promise<Target> {
  await using network = await openLibp2pNetwork({ listen: [] })
  await using source = connectSource(await network.dial(address))
  const { publisher } = first
  const note = await source.checkpoint(publisher)
  const cids = soak.acknowledged.slice(0, 8).map(({ release }) => parseCid(release))
  return { address, publisher, cids, oldNote: Buffer.from(note).toString('base64') }
}

async function finish(): Promise<void> {
  const { acknowledged } = soak
  const seconds = await settled(nodes, acknowledged, 90)
  const cpu = (await Promise.all(nodes.map(({ pid }) => cpuOf(pid ?? 'self')))).reduce(
    (sum, one) => sum + one,
    await cpuOf('self', true),
  )
  const share = cpu / ((performance.now() - began) / 1000)
  const found = []
  for (const node of nodes) found.push(await check(node, acknowledged, 'running'))
  const ended = []
  for (const node of nodes) ended.push({ node: node.name, ...(await node.end('SIGTERM')) })
  for (const node of nodes) found.push(await check(node, acknowledged, 'ended'))
  const stayed = nodes.filter(({ life }) => life === 1)
  const growth = stayed.map(({ name }) => {
    const judged = samples.filter((it) => it.node === name && it.at >= WARM_UP)
    return { node: name, figures: growthOf(judged), parts: partsOfGrowth(judged) }
  })
  const figures = {
    ...{
      minutes,
      warmUp: WARM_UP,
      seed: values.seed,
      share,
      settledAfter: seconds,
      ended,
      found,
      growth,
    },
    counts: Object.fromEntries([...counts].sort()),
    said: Object.fromEntries(nodes.map(({ name }) => [name, saidBy(folder, name)])),
  }
  writeFileSync(join(folder, 'figures.json'), JSON.stringify(figures, undefined, 1))
  process.exitCode = report(figures) ? 0 : 1
}

function freePort(): Promise<number> {
  return new Promise((resolve) => {
    const server = createServer().listen(0, '127.0.0.1', () => {
      const address = server.address()
      const port = typeof address === 'object' && address !== null ? address.port : 0
      server.close(() => resolve(port))
    })
  })
}
