// The command as it is installed: the built binary, run in a process and a home folder of its own.

import { execFileSync, spawn } from 'node:child_process'
import { once } from 'node:events'
import { existsSync, readFileSync } from 'node:fs'
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'

const ROOT = join(import.meta.dirname, '..', '..')
const manifest = JSON.parse(readFileSync(join(ROOT, 'package.json'), 'utf8'))
export const REGISTRY: string = join(ROOT, manifest.bin.registry)

if (!existsSync(REGISTRY)) execFileSync('npm', ['run', 'build'], { cwd: ROOT, stdio: 'ignore' })

export interface Ran {
  readonly status: number | null
  readonly stdout: string
  readonly stderr: string
}

export interface RunOptions {
  readonly home?: string
  readonly cwd?: string
  readonly env?: Readonly<Record<string, string>>
}

/** Runs one command to its end. Nothing of this process’s environment but PATH reaches it. */
export async function registry(args: readonly string[], options: RunOptions = {}): Promise<Ran> {
  const child = start(args, options)
  const out: Buffer[] = []
  const err: Buffer[] = []
  child.stdout.on('data', (chunk: Buffer) => out.push(chunk))
  child.stderr.on('data', (chunk: Buffer) => err.push(chunk))
  const [status] = (await once(child, 'close')) as [number | null]
  return {
    status,
    stdout: Buffer.concat(out).toString('utf8'),
    stderr: Buffer.concat(err).toString('utf8'),
  }
}

// biome-ignore lint/suspicious/noExplicitAny: each test asserts the shape it is about.
export type Answer = any

/** What it answers with --json; throws with its text if it did not end with 0. */
export async function registryJson(
  args: readonly string[],
  options: RunOptions = {},
): Promise<Answer> {
  const { status, stdout, stderr } = await registry(['--json', ...args], options)
  if (status !== 0) throw new Error(`registry ${args.join(' ')}: ${status}\n${stdout}${stderr}`)
  return JSON.parse(stdout)
}

export interface RunningNode extends AsyncDisposable {
  readonly addresses: readonly string[]
  readonly peerId: string
  /** All that it answered when it could be reached. */
  readonly line: Answer
}

/** `registry serve` until disposed. */
export async function startNode(
  options: RunOptions,
  ...words: readonly string[]
): Promise<RunningNode> {
  const child = start(['--json', 'serve', ...words], options)
  const [line] = (await once(child.stdout, 'data')) as [Buffer]
  const said = JSON.parse(line.toString('utf8'))
  return {
    addresses: said.addresses,
    peerId: said.peerId,
    line: said,
    [Symbol.asyncDispose]: async () => {
      if (child.exitCode !== null) return
      child.kill('SIGTERM')
      await once(child, 'exit')
    },
  }
}

export interface TestFolder extends AsyncDisposable {
  readonly path: string
}

export async function makeFolder(): Promise<TestFolder> {
  const path = await mkdtemp(join(tmpdir(), 'toolmark-test-'))
  return {
    path,
    [Symbol.asyncDispose]: () => rm(path, { recursive: true, force: true }),
  }
}

function start(args: readonly string[], { home, cwd = tmpdir(), env = {} }: RunOptions) {
  const where = home === undefined ? [] : ['--home', home]
  return spawn(process.execPath, [REGISTRY, ...where, ...args], {
    cwd,
    env: { PATH: process.env.PATH ?? '', HOME: cwd, ...env },
    stdio: ['ignore', 'pipe', 'pipe'],
  })
}
