// Other systems, each on the same blocks: one process serves a folder of them, another fetches them all. They have a package of their own
// (`npm ci --prefix bench/peers`); without it they are left out, loudly.

import { type ChildProcess, execFile, spawn } from 'node:child_process'
import { once } from 'node:events'
import { access, cp, mkdir, readdir } from 'node:fs/promises'
import { join } from 'node:path'
import { createInterface } from 'node:readline'
import { promisify } from 'node:util'

const run = promisify(execFile)
const PEERS = join(import.meta.dirname, '..', 'peers')
const DEADLINE_MS = 10 * 60_000

export interface System {
  readonly name: string
  readonly file: string
  /** It is so slow with many that it only gets so many. */
  readonly most?: number
}

const SYSTEMS: readonly System[] = [
  { name: 'Helia, bitswap', file: 'helia.ts' },
  { name: 'HTTP, kept alive', file: 'http.ts' },
  { name: 'rsync', file: 'rsync.ts' },
  { name: 'OrbitDB', file: 'orbitdb.ts', most: 500 },
]

export interface SystemFetched {
  readonly blocks: number
  readonly bytes: number
  readonly ms: number
  /** Of the process that fetches. */
  readonly cpuMs: number
}

/** Those that can be measured here. */
export async function findSystems(): Promise<readonly System[]> {
  try {
    await access(join(PEERS, 'node_modules'))
    return SYSTEMS
  } catch {
    process.stderr.write(
      'SKIPPED: Helia, HTTP, rsync and OrbitDB are not measured. Install them: npm ci --prefix bench/peers\n',
    )
    return []
  }
}

export async function measureSystem(
  { file, most }: System,
  blocks: string,
  scratch: string,
): Promise<SystemFetched> {
  const folder = most === undefined ? blocks : await takeSome(blocks, scratch, most)
  const server = spawn(process.execPath, [join(PEERS, file), 'serve', folder], {
    stdio: ['ignore', 'pipe', 'inherit'],
    env: { ...process.env, TMPDIR: scratch },
  })
  try {
    const address = await firstLine(server)
    const { stdout } = await run(process.execPath, [join(PEERS, file), 'fetch', address, folder], {
      timeout: DEADLINE_MS,
      env: { ...process.env, TMPDIR: scratch },
    })
    return JSON.parse(stdout.trim().split('\n').at(-1) ?? '')
  } finally {
    server.kill()
    if (server.exitCode === null && server.signalCode === null) await once(server, 'exit')
  }
}

async function firstLine(child: ChildProcess): Promise<string> {
  if (child.stdout === null) throw new Error('no output')
  const lines = createInterface({ input: child.stdout })
  for await (const line of lines) return line
  throw new Error('the server has ended')
}

async function takeSome(blocks: string, scratch: string, most: number): Promise<string> {
  const some = join(scratch, `some-${most}`)
  await mkdir(some, { recursive: true })
  for (const name of (await readdir(blocks)).slice(0, most)) {
    await cp(join(blocks, name), join(some, name))
  }
  return some
}
