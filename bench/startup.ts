// How long does an agent wait for its locked tools? 1,000 of them in 100 releases of one publisher; and the whole process with ten.

import { spawnSync } from 'node:child_process'
import { existsSync, readFileSync } from 'node:fs'
import { writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { type Cid, digestOf } from '../src/cid/index.ts'
import type { JsonObject } from '../src/lib/index.ts'
import { init, type Peer, publish, pull, type Workspace } from '../src/registry/index.ts'
import { loadLocked } from '../src/registry/start/load-locked.ts'
import type { LoadedTool } from '../src/registry/start/types.ts'
import {
  EMPTY_LOCK,
  formatLock,
  type Lock,
  localSource,
  lockRelease,
  parseLock,
  withLocked,
} from '../src/resolve/index.ts'
import { type PublisherId, parseTool, type Toolkit, toolBlock } from '../src/spec/index.ts'
import { openLevelStore, type Store } from '../src/store/index.ts'
import { parsePolicy } from '../src/trust/policy/index.ts'
import { makeTool } from './corpus.ts'
import {
  checkHead,
  checkRelease,
  digest,
  makeKeys,
  openRaw,
  type Raw,
  signHead,
  signRelease,
} from './floor.ts'
import { withFolder } from './folders.ts'
import { type Measured, race } from './measure.ts'

const RELEASES = 100
const TOOLS = 1_000
const MAIN = join(import.meta.dirname, '..', 'dist', 'bin', 'registry.js')
const REAL = join(import.meta.dirname, '..', '..', 'shared', 'data', 'tools.jsonl')

export async function measure(): Promise<readonly Measured[]> {
  const loaded = await withFolder(measureLoading)
  return [...loaded, await withFolder(measureProcess)]
}

async function measureLoading(folder: string): Promise<readonly Measured[]> {
  const author = await openAuthor(join(folder, 'author'))
  const toolkits = makeToolkits(author.publisher, TOOLS, RELEASES)
  const made = await author.publish(toolkits)
  await using consumer = await openLevelStore(join(folder, 'consumer'))
  const lock = await pullAll(author, consumer, made)
  const raw = await openRaw(folder)
  const floor = await openFloor(raw, consumer, lock)
  const text = formatLock(lock)
  const policy = policyFor(author.publisher)
  const load = async (store: Store): Promise<readonly LoadedTool[]> => {
    const request = { lock: parseLock(text), policy, quorum: undefined, now: new Date() }
    const tools = await loadLocked(store, request)
    if (tools.length !== TOOLS) throw new Error(`${tools.length} tools`)
    return tools
  }
  const start = (store: Store) => () => load(store)
  const readAll = async (): Promise<void> => {
    for (const { tool, release } of await load(consumer)) {
      if (tool.kind !== 'tool/v1' || release.release.kind !== 'release/v1') throw new Error('other')
    }
  }
  // So many that each is once undisturbed, also where the processor changes its clock from one moment to the next.
  const rounds = { rounds: 120, items: 1 }
  const pulled = await race(rounds, start(consumer), floor)
  const own = await race(rounds, start(author.workspace.store), floor)
  const read = await race(rounds, readAll, floor)
  await raw.close()
  await author[Symbol.asyncDispose]()
  const floorIs = `the same blocks in one batch, their sha-256, a P-256 check per statement (${RELEASES + 1}) and one Ed25519 check`
  const row = { unit: 'µs', floorIs, target: 1.5 }
  return [
    { question: 'start with 1,000 pulled tools', ...row, ...pulled },
    { question: 'start with 1,000 own tools', ...row, ...own },
    { question: 'the same, and read each pulled tool', ...row, ...read, target: 0 },
  ]
}

/** As a command: Node, imports, files, store, proofs. */
async function measureProcess(folder: string): Promise<Measured> {
  const home = join(folder, 'home')
  const author = await openAuthor(join(folder, 'author'))
  const made = await author.publish(makeToolkits(author.publisher, 10, 1))
  const consumer = await openLevelStore(join(home, 'store'))
  const lock = await pullAll(author, consumer, made)
  await consumer[Symbol.asyncDispose]()
  const { publisher } = author
  await author[Symbol.asyncDispose]()
  await writeFile(join(folder, 'tools.lock.json'), formatLock(lock))
  await writeFile(join(folder, 'trust.toml'), policyText(publisher))
  const verify = (): void => run(folder, [MAIN, '--home', home, 'verify', '--locked'])
  verify()
  const raced = await race({ rounds: 30, items: 1 }, verify, () => run(folder, ['-e', '0']))
  const floorIs = 'node -e 0'
  return { question: 'verify --locked, 10 tools', unit: 'µs', ...raced, floorIs, target: 3 }
}

export interface Author extends AsyncDisposable {
  readonly publisher: PublisherId
  readonly workspace: Workspace
  publish(toolkits: readonly Toolkit[]): Promise<readonly string[]>
}

export async function openAuthor(folder: string): Promise<Author> {
  const store = await openLevelStore(join(folder, 'store'))
  const workspace: Workspace = {
    store,
    keys: join(folder, 'keys'),
    passphrase: async () => undefined,
    now: () => new Date(0),
  }
  const { publisher } = await init(workspace)
  return {
    publisher,
    workspace,
    publish: async (toolkits) => (await publish(workspace, toolkits)).map(({ name }) => name),
    [Symbol.asyncDispose]: () => store[Symbol.asyncDispose](),
  }
}

export async function pullAll(
  { workspace, publisher }: Author,
  store: Store,
  names: readonly string[],
): Promise<Lock> {
  const source = { ...localSource(workspace.store), [Symbol.asyncDispose]: async () => {} }
  const peers: readonly Peer[] = [{ label: 'author', open: async () => source }]
  let lock: Lock = { ...EMPTY_LOCK, policy: policyFor(publisher).digest }
  for (const reference of names) {
    const { release } = await pull({ ...workspace, store }, { reference, peers, publisher })
    const approved = new Map(release.tools.map(({ name, cid }) => [name, { by: 'bench', cid }]))
    const locked = lockRelease(release, (name) => approved.get(name))
    lock = withLocked(lock, release, locked)
  }
  return lock
}

async function openFloor(raw: Raw, store: Store, lock: Lock): Promise<() => Promise<void>> {
  const cids = [...lock.releases.values()].flatMap(({ release, tools }): readonly Cid[] => [
    release,
    ...[...tools.values()].map(({ cid }) => cid),
  ])
  const keys = cids.map((cid) => Buffer.from(digestOf(cid)))
  const blocks = await store.findBlocks(cids)
  await raw.batch(
    keys.map((key, i) => ({ type: 'put', key, value: blocks[i] ?? new Uint8Array() })),
    { sync: false },
  )
  const pair = makeKeys()
  const statement = Buffer.alloc(700)
  const signature = signRelease(pair, statement)
  const head = Buffer.alloc(150)
  const headSignature = signHead(pair, head)
  return async () => {
    for (const [i, bytes] of (await raw.getMany(keys)).entries()) {
      if (bytes === undefined || !keys[i]?.equals(digest(bytes))) throw new Error('other bytes')
    }
    for (let i = 0; i <= RELEASES; i++) {
      if (!checkRelease(pair, statement, signature)) throw new Error('not signed')
    }
    if (!checkHead(pair, head, headSignature)) throw new Error('not signed')
  }
}

function policyText(publisher: PublisherId): string {
  return `version = 1\nquorum = "none"\n[[publisher]]\nnamespace = "${publisher}"\ntools = ["${publisher}/*"]\n`
}

export function policyFor(publisher: PublisherId): ReturnType<typeof parsePolicy> {
  return parsePolicy(policyText(publisher))
}

/** Real tools where they are at hand, else tools of 4 KB; no two of one name. */
export function makeToolkits(
  publisher: PublisherId,
  tools: number,
  releases: number,
): readonly Toolkit[] {
  const all = realTools(tools) ?? Array.from({ length: tools }, (_, i) => makeTool(i))
  const each = tools / releases
  return Array.from({ length: releases }, (_, i) => ({
    name: `${publisher}/bench-${i}`,
    version: '1.0.0',
    license: 'Apache-2.0',
    tools: all.slice(i * each, (i + 1) * each) as unknown as Toolkit['tools'],
  }))
}

function realTools(count: number): readonly JsonObject[] | undefined {
  if (!existsSync(REAL)) {
    console.warn('skipped: real tools, ../shared/data/tools.jsonl is absent')
    return undefined
  }
  const lines = readFileSync(REAL, 'utf8').split('\n')
  const found: JsonObject[] = []
  for (let i = 0; found.length < count && i < lines.length; i += 19) {
    const { name, description, parameters } = JSON.parse(lines[i] ?? '')
    const inputSchema = { type: 'object', ...parameters }
    const short = String(name)
      .replaceAll(/[^A-Za-z0-9_.-]/g, '_')
      .slice(0, 40)
    const tool = { name: `${short}_${i}`, description, inputSchema }
    try {
      parseTool(toolBlock({ kind: 'tool/v1', ...tool }).bytes)
      found.push(tool)
    } catch {
      // A few of them are over a limit.
    }
  }
  return found
}

function run(cwd: string, args: readonly string[]): void {
  const { status, stderr } = spawnSync(process.execPath, args, { cwd })
  if (status !== 0) throw new Error(`${args.join(' ')} failed: ${stderr}`)
}
