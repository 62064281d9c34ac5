// One of the nodes: a home folder with a configuration, and the process that serves it, started, ended and killed.

import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import { openSync, readFileSync } from 'node:fs'
import { mkdir, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import type { Readable } from 'node:stream'
import { pathToFileURL } from 'node:url'
import { MAIN } from './command.ts'

export interface SoakNode {
  readonly name: string
  readonly home: string
  readonly address: string
  /** Where /metrics is. */
  readonly http: string
  readonly pid: number | undefined
  /** How often it has been started. */
  readonly life: number
  start(): Promise<void>
  /** Answers the exit status (null for a signal that it did not live to handle) and how long it took. */
  end(signal: 'SIGTERM' | 'SIGKILL'): Promise<{ readonly code: number | null; readonly ms: number }>
}

export interface Place {
  readonly name: string
  readonly folder: string
  readonly port: number
  readonly httpPort: number
}

/** Collects when told to, and writes what is in use then. Nothing of it runs otherwise. */
const PROBE = `import { appendFileSync } from 'node:fs'
import { getHeapSpaceStatistics } from 'node:v8'
import level from '${new URL('classic-level.js', pathToFileURL(MAIN))}'
let db
const { open } = level.ClassicLevel.prototype
level.ClassicLevel.prototype.open = function (...given) {
  db = this
  return open.apply(this, given)
}
process.on('SIGUSR2', async () => {
  for (let i = 0; i < 3; i++) { gc(); await new Promise((go) => setTimeout(go, 50)) }
  const { heapUsed, heapTotal, external, arrayBuffers, rss } = process.memoryUsage()
  const ofCode = getHeapSpaceStatistics().filter((it) => it.space_name.startsWith('code'))
  const code = ofCode.reduce((sum, it) => sum + it.space_used_size, 0)
  const handles = Object.groupBy(process.getActiveResourcesInfo(), (it) => it)
  const counts = Object.fromEntries(Object.entries(handles).map(([k, v]) => [k, v.length]))
  const ofLevel = Number(db.getProperty('leveldb.approximate-memory-usage'))
  appendFileSync(process.env.SOAK_PROBE, JSON.stringify({ pid: process.pid, ofLevel, heapUsed, heapTotal, code, external, arrayBuffers, rss, counts }) + '\\n')
})`

/** How memory is given back is a matter of how a node is started: as the unit for systemd does it. */
function asInstalled(): Readonly<Record<string, string>> {
  const unit = join(import.meta.dirname, '..', '..', 'packaging', 'toolmark.service')
  const set = readFileSync(unit, 'utf8').matchAll(/^Environment=(MALLOC_\w+)=(.*)$/gm)
  return Object.fromEntries([...set].map(([, name, value]) => [name, value]))
}

export const probeFile = (home: string): string => join(home, 'probe.jsonl')

/** Started once, so that it has a name, and ended again. */
export async function openNode({ name, folder, port, httpPort }: Place): Promise<SoakNode> {
  const home = join(folder, name)
  await mkdir(home, { recursive: true })
  const stderr = openSync(join(folder, `${name}.log`), 'a')
  let child: ChildProcess | undefined
  let life = 0
  const start = async (): Promise<string> => {
    const flags = ['--expose-gc', '--import', `data:text/javascript,${encodeURIComponent(PROBE)}`]
    const started = spawn(process.execPath, [...flags, MAIN, '--home', home, '--json', 'serve'], {
      cwd: home,
      env: {
        ...asInstalled(),
        PATH: process.env.PATH ?? '',
        HOME: home,
        SOAK_PROBE: probeFile(home),
      },
      stdio: ['ignore', 'pipe', stderr],
    })
    child = started
    life += 1
    const ended = once(started, 'exit').then(() => {
      throw new Error(`${name} ended while it started: see ${folder}/${name}.log`)
    })
    const [line] = await Promise.race([once(started.stdout as Readable, 'data'), ended])
    ended.catch(() => undefined)
    return (JSON.parse(String(line)) as { readonly peerId: string }).peerId
  }
  const end: SoakNode['end'] = async (signal) => {
    const [ending, began] = [child, performance.now()]
    child = undefined
    if (ending === undefined) return { code: 0, ms: 0 }
    const exit = once(ending, 'exit') as Promise<[number | null]>
    ending.kill(signal)
    const [code] = await exit
    return { code, ms: Math.round(performance.now() - began) }
  }
  await writeFile(join(home, 'node.toml'), 'version = 1\n')
  const peerId = await start()
  await end('SIGTERM')
  life = 0
  return {
    ...{ name, home, end },
    address: `/ip4/127.0.0.1/tcp/${port}/p2p/${peerId}`,
    http: `http://127.0.0.1:${httpPort}`,
    get pid() {
      return child?.pid
    },
    get life() {
      return life
    },
    start: async () => void (await start()),
  }
}

export interface Role {
  readonly peers: readonly SoakNode[]
  readonly isWitness: boolean
  readonly isMirror: boolean
}

export async function configure(node: SoakNode, { peers, ...role }: Role): Promise<void> {
  const [, port] = /\/tcp\/([0-9]+)\//.exec(node.address) ?? []
  const text = `version = 1
listen = ["/ip4/127.0.0.1/tcp/${port}"]
[peers]
connect = ${JSON.stringify(peers.map(({ address }) => address))}
[sync]
period = "15s"
back_off = "1s"
max_back_off = "15s"
[mirror]
enabled = ${role.isMirror}
[witness]
enabled = ${role.isWitness}
beacon = "5m"
[http]
listen = "${new URL(node.http).host}"
[log]
level = "warn"
`
  await writeFile(join(node.home, 'node.toml'), text)
}
