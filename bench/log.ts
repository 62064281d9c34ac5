// Does a long log cost more than a short one? Publishing into logs of 10², 10⁴ and 10⁶ entries, replaying one, and the memory of a node that
// holds the longest.

import { spawn, spawnSync } from 'node:child_process'
import { once } from 'node:events'
import { mkdir, readFile, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { cidOf } from '../src/cid/index.ts'
import { canonicalBytes, utf8 } from '../src/lib/index.ts'
import { openDraft, readEntries } from '../src/log/index.ts'
import { checkLog, init, publish, type Workspace } from '../src/registry/index.ts'
import { type PublisherId, parseToolkit } from '../src/spec/index.ts'
import { openLevelStore, type Store } from '../src/store/index.ts'
import { openSigner } from '../src/trust/index.ts'
import { makeToolkit } from './corpus.ts'
import { checkRelease, makeKeys, signRelease } from './floor.ts'
import { withFolder } from './folders.ts'
import { type Measured, race } from './measure.ts'

const SMALL = 100
const MIDDLE = 10_000
const LARGE = 1_000_000
const COMMIT = 1_000
const MAIN = join(import.meta.dirname, '..', 'dist', 'bin', 'registry.js')

export async function measure(): Promise<readonly Measured[]> {
  return [await measureReplay(), ...(await measureLarge())]
}

function measureReplay(): Promise<Measured> {
  return withFolder(async (home) => {
    await using log = await openLog(home, MIDDLE, true)
    const keys = makeKeys()
    const entries = await readEntries(log.store, log.publisher, { start: 0, end: MIDDLE })
    const signed = entries.map(({ statement }) => ({
      statement,
      signature: signRelease(keys, statement),
    }))
    const raced = await race(
      { rounds: 10, items: MIDDLE },
      () => checkLog(log.store, log.publisher),
      () => {
        for (const { statement, signature } of signed) checkRelease(keys, statement, signature)
      },
    )
    return {
      question: 'replay 10,000 entries',
      unit: 'µs/entry',
      ...raced,
      floorIs: 'the bare signature checks, one after the other',
      target: 1.3,
    }
  })
}

function measureLarge(): Promise<readonly Measured[]> {
  return withFolder(async (folder) => {
    const memory = await measureMemory(`${folder}/large`)
    await using small = await openLog(`${folder}/small`, SMALL)
    await using middle = await openLog(`${folder}/middle`, MIDDLE)
    await using large = await openLog(`${folder}/large`, LARGE)
    const compare = async (log: TestLog, words: string, target: number): Promise<Measured> => ({
      question: `publish into a log of ${words}`,
      unit: 'µs',
      ...(await race(
        { rounds: 20, items: 8 },
        () => publishSome(log, 8),
        () => publishSome(small, 8),
      )),
      floorIs: 'the same into a log of 100 entries',
      target,
    })
    return [
      await compare(middle, '10,000 entries', 0),
      await compare(large, '1,000,000 entries', 1.5),
      memory,
    ]
  })
}

/** The most memory that a serving node takes while another process publishes through it and reads from it. */
async function measureMemory(home: string): Promise<Measured> {
  const log = await openLog(home, LARGE)
  await log[Symbol.asyncDispose]()
  const node = spawn(process.execPath, [MAIN, '--home', home, 'serve'], { stdio: 'pipe' })
  try {
    await once(node.stdout, 'data')
    const toolkit = join(home, 'bench.toolkit.json')
    for (let i = 0; i < 8; i++) {
      await writeFile(toolkit, canonicalBytes(makeToolkit(5_000 + i)))
      run('--home', home, 'publish', toolkit)
    }
    run('--home', home, 'log', '--from', String(LARGE - 100))
    const status = await readFile(`/proc/${node.pid}/status`, 'utf8')
    const peak = Number(/VmHWM:\s+(\d+) kB/.exec(status)?.[1]) / 1024
    return {
      question: 'memory with 1,000,000 entries',
      unit: 'MiB',
      subject: peak,
      floor: 200,
      floorIs: '200 MiB, the target itself: the peak of a serving node',
      target: 1,
    }
  } finally {
    node.kill()
    await once(node, 'exit')
  }
}

function run(...args: readonly string[]): void {
  const { status, stderr } = spawnSync(process.execPath, [MAIN, ...args])
  if (status !== 0) throw new Error(`${args.join(' ')} failed: ${stderr}`)
}

interface TestLog extends AsyncDisposable {
  readonly store: Store
  readonly publisher: PublisherId
  readonly workspace: Workspace
  serial: number
}

/** A log of releases of ten versions a name. Only with `signed` are the signatures real: appending does not look at them. */
async function openLog(home: string, size: number, signed = false): Promise<TestLog> {
  await mkdir(home, { recursive: true, mode: 0o700 })
  const store = await openLevelStore(join(home, 'store'))
  const keys = join(home, 'keys')
  const workspace = { store, keys, passphrase: async () => undefined, now: () => new Date(0) }
  const { publisher, created } = await init(workspace)
  if (created) await fill(workspace, publisher, size, signed)
  return {
    store,
    publisher,
    workspace,
    serial: 0,
    [Symbol.asyncDispose]: () => store[Symbol.asyncDispose](),
  }
}

async function fill(
  { store, keys }: Workspace,
  publisher: PublisherId,
  size: number,
  signed: boolean,
): Promise<void> {
  const signer = await openSigner(keys, 'signing')
  const logSigner = await openSigner(keys, 'log')
  const unsigned = { signStatement: async () => utf8('{}') }
  for (let start = 1; start < size; start += COMMIT) {
    const draft = await openDraft(store, publisher, signed ? {} : unsigned)
    for (let seq = start; seq < Math.min(size, start + COMMIT); seq++) {
      const name = `${publisher}/tool-${Math.floor(seq / 10)}`
      const subject = cidOf(utf8(`release ${seq}`))
      await draft.add({ kind: 'release', name, version: `1.${seq % 10}.0`, subject }, signer)
    }
    await store.commit(await draft.finish(logSigner))
  }
}

async function publishSome(log: TestLog, count: number): Promise<void> {
  for (let i = 0; i < count; i++) {
    const toolkit = parseToolkit(canonicalBytes(makeToolkit(log.serial++)))
    await publish(log.workspace, [toolkit])
  }
}
