// A publisher whose log is a web folder, and consumers with a lockfile and a policy: the command in this process, a home folder each.

import { existsSync } from 'node:fs'
import { mkdir, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { type FileServer, serveFiles } from './file-server.ts'
import { type Here, registryHere } from './in-process.ts'
import type { Ran } from './registry.ts'

// biome-ignore lint/suspicious/noExplicitAny: each test asserts the shape it is about.
type Answer = any

export interface LockedScene extends AsyncDisposable {
  readonly folder: string
  readonly publisher: string
  readonly web: FileServer
  /** Signs them, and puts the new state of the log on the web. */
  publish(...toolkits: readonly object[]): Promise<void>
  /** The command as the publisher runs it, and the new state on the web. */
  say(...args: readonly string[]): Promise<void>
  /** Somebody with a policy that allows this publisher under `com.example`, unless it says something else. */
  consumer(policy?: string): Promise<Consumer>
}

export interface Consumer {
  readonly home: string
  readonly lockPath: string
  run(args: readonly string[], how?: Omit<Here, 'home'>): Promise<Ran>
  /** What it answers with --json; throws unless it ended with 0. */
  json(args: readonly string[]): Promise<Answer>
  /** What it says with --json when it fails. */
  failure(args: readonly string[]): Promise<Answer>
  /** The lockfile as text; empty while there is none. */
  lock(): Promise<string>
}

export const TERMINAL = { stdin: true, stderr: true }

export async function openLockedScene(): Promise<LockedScene> {
  const folder = await mkdtemp(join(tmpdir(), 'toolmark-test-'))
  const home = join(folder, 'publisher')
  const here = async (args: readonly string[]): Promise<Answer> => answerOf(args, { home })
  const { publisher } = await here(['init'])
  const public_ = join(folder, 'public')
  await here(['export', '--static', public_])
  const web = await serveFiles(public_)
  let count = 0
  const say = async (...args: readonly string[]): Promise<void> => {
    await here(args)
    await here(['export', '--static', public_])
  }
  return {
    folder,
    publisher,
    web,
    say,
    publish: async (...toolkits) => {
      const files = toolkits.map((_, i) => join(folder, `toolkit-${count++}-${i}.json`))
      for (const [i, file] of files.entries()) await writeFile(file, JSON.stringify(toolkits[i]))
      await say('publish', ...files)
    },
    consumer: async (policy = allow(publisher)) =>
      makeConsumer(join(folder, `home-${count++}`), policy),
    [Symbol.asyncDispose]: async () => {
      await web[Symbol.asyncDispose]()
      await rm(folder, { recursive: true, force: true })
    },
  }
}

export function allow(publisher: string, namespace = 'com.example'): string {
  return `version = 1
default = "deny"
quorum = "none"

[[publisher]]
namespace = "${namespace}"
id = "${publisher}"
tools = ["${namespace}/*"]
`
}

async function makeConsumer(home: string, policy: string): Promise<Consumer> {
  await mkdir(home, { recursive: true })
  await writeFile(join(home, 'trust.toml'), policy)
  const lockPath = join(home, 'tools.lock.json')
  return {
    home,
    lockPath,
    run: (args, how = {}) => registryHere(args, { home, ...how }),
    json: (args) => answerOf(args, { home }),
    failure: async (args) =>
      JSON.parse((await registryHere(['--json', ...args], { home })).stdout).error,
    lock: async () => (existsSync(lockPath) ? await readFile(lockPath, 'utf8') : ''),
  }
}

async function answerOf(args: readonly string[], here: Here): Promise<Answer> {
  const { status, stdout, stderr } = await registryHere(['--json', ...args], here)
  if (status !== 0) throw new Error(`registry ${args.join(' ')}: ${status}\n${stdout}${stderr}`)
  return JSON.parse(stdout)
}
