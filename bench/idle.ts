// What does a node with many publishers take while nothing happens? Two real nodes on copies of one store, one of them ten logs ahead: started,
// agreed with each other, left alone for a minute, and looked at from outside.

import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdir, readFile, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import type { Readable } from 'node:stream'
import { setTimeout as sleep } from 'node:timers/promises'
import { openLevelStore } from '../src/store/index.ts'
import { withFolder } from './folders.ts'
import { copyStore, openCorpus, PUBLISHERS } from './idle/corpus.ts'
import { makeLogs } from './idle/logs.ts'
import type { Measured } from './measure.ts'
import { MAIN } from './soak/command.ts'

const AHEAD = 10
const IDLE_MS = 60_000
const SETTLE_MS = 30_000
const LATEST_MS = 120_000
const MOST_MIB = 250

interface Node extends AsyncDisposable {
  readonly address: string
  readonly http: string
  readonly pid: number
  /** From its spawning until it answers. */
  readonly seconds: number
}

export async function measure(): Promise<readonly Measured[]> {
  const corpus = await openCorpus()
  return await withFolder(async (folder) => {
    const [empty, mine, theirs] = ['empty', 'mine', 'theirs'].map((name) => join(folder, name)) as [
      string,
      string,
      string,
    ]
    const nothing = await lookAt(empty)
    for (const home of [mine, theirs]) await copyStore(corpus, join(home, 'store'))
    await growBy(join(theirs, 'store'), AHEAD)
    await using node = await startNode(mine, [])
    await using peer = await startNode(theirs, [node.address])
    await until(async () => (await metricOf(node, 'heads')) === PUBLISHERS + AHEAD)
    await until(async () => (await metricOf(peer, 'sessions_total{outcome="done"}')) > 0)
    const { all, own, seconds } = await settledMemoryOf(node.pid)
    return [
      {
        question: `idle node, ${PUBLISHERS} publishers`,
        unit: 'MiB',
        subject: all,
        floor: MOST_MIB,
        floorIs: `allowed; after ${seconds} s; ${own.toFixed(0)} of it are not mapped files; without a publisher ${nothing.all.toFixed(0)}`,
        target: 1,
      },
      {
        question: 'the same, until it answers',
        unit: 's',
        subject: node.seconds,
        floor: nothing.seconds,
        floorIs: 'without a publisher',
        target: 0,
      },
    ]
  })
}

async function lookAt(home: string): Promise<{ readonly all: number; readonly seconds: number }> {
  await using node = await startNode(home, [])
  const { all } = await memoryOf(node.pid)
  return { all, seconds: node.seconds }
}

async function startNode(home: string, peers: readonly string[]): Promise<Node> {
  await mkdir(home, { recursive: true, mode: 0o700 })
  const config = `version = 1
listen = ["/ip4/127.0.0.1/tcp/0"]
[peers]
connect = ${JSON.stringify(peers)}
[mirror]
enabled = true
[http]
listen = "127.0.0.1:0"
[log]
level = "warn"
`
  await writeFile(join(home, 'node.toml'), config)
  const began = performance.now()
  const child: ChildProcess = spawn(process.execPath, [MAIN, '--home', home, '--json', 'serve'], {
    cwd: home,
    env: { PATH: process.env.PATH ?? '', HOME: home },
    stdio: ['ignore', 'pipe', 'inherit'],
  })
  const [line] = await once(child.stdout as Readable, 'data', {
    signal: AbortSignal.timeout(LATEST_MS),
  })
  const { addresses, http } = JSON.parse(String(line)) as {
    readonly addresses: readonly string[]
    readonly http: string
  }
  const answer = await fetch(`${http}/readyz`)
  if (!answer.ok) throw new Error(`not ready: ${await answer.text()}`)
  return {
    address: addresses[0] ?? '',
    ...{ http, pid: child.pid ?? 0, seconds: (performance.now() - began) / 1_000 },
    async [Symbol.asyncDispose]() {
      child.kill('SIGTERM')
      if (child.exitCode === null) await once(child, 'exit')
    },
  }
}

async function growBy(folder: string, count: number): Promise<void> {
  await using store = await openLevelStore(folder)
  await store.commit(await makeLogs(PUBLISHERS, count))
}

async function until(isSo: () => Promise<boolean>): Promise<void> {
  const latest = performance.now() + LATEST_MS
  while (!(await isSo())) {
    if (performance.now() > latest) throw new Error('the nodes have not agreed')
    await sleep(500)
  }
}

async function metricOf({ http }: Node, name: string): Promise<number> {
  const text = await (await fetch(`${http}/metrics`)).text()
  const line = text.split('\n').find((one) => one.startsWith(`toolmark_${name} `))
  return Number(line?.split(' ').at(-1))
}

/** After a minute, and when it falls no further: what a start has left is collected when there is time for it. */
async function settledMemoryOf(pid: number): Promise<Memory & { readonly seconds: number }> {
  await sleep(IDLE_MS)
  let [before, now] = [await memoryOf(pid), await memoryOf(pid)]
  let milliseconds = IDLE_MS
  do {
    before = now
    await sleep(SETTLE_MS)
    milliseconds += SETTLE_MS
    now = await memoryOf(pid)
  } while (Math.abs(before.all - now.all) >= 1 && milliseconds < LATEST_MS * 2)
  return { ...now, seconds: milliseconds / 1_000 }
}

interface Memory {
  readonly all: number
  readonly own: number
}

/** MiB: all, and without files that are mapped (LevelDB maps its tables). */
async function memoryOf(pid: number): Promise<Memory> {
  const status = await readFile(`/proc/${pid}/status`, 'utf8')
  const mib = (field: string): number =>
    Number(new RegExp(`^${field}:\\s+(\\d+)`, 'm').exec(status)?.[1]) / 1024
  return { all: mib('VmRSS'), own: mib('RssAnon') }
}
