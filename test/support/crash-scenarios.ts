// What is interrupted: init, publish and pull on FOLDER/home. The logs to pull from lie in FOLDER/one and FOLDER/two.

import { appendFileSync } from 'node:fs'
import { join } from 'node:path'
import { homeAt } from '../../src/node/home.ts'
import { openWorkspace } from '../../src/node/workspace.ts'
import { init, publish, pull, type Workspace } from '../../src/registry/index.ts'
import { localSource, type Source } from '../../src/resolve/index.ts'
import type { PublisherId, Toolkit } from '../../src/spec/index.ts'
import { openStore } from '../../src/store/index.ts'
import { copyStore } from './copy-store.ts'

/** A log to pull from, in memory: what its own store does is no part of the run. */
interface Log {
  readonly publisher: PublisherId
  readonly source: Source
}

export interface CrashContext {
  readonly folder: string
  readonly logs: Readonly<Record<'one' | 'two', Log>> | undefined
  acknowledge(what: string): void
  watch<T extends object>(name: string, object: T, methods: readonly string[]): T
}

export const NAME = 'com.example/crash'

/** Versions in the calls that publish them; each call is one commit. */
export const CALLS: readonly (readonly string[])[] = [['1.1.0'], ['1.2.0', '2.0.0']]

export function toolkitOf(version: string): Toolkit {
  const tool = (name: string, text: string) => ({
    name,
    description: text,
    inputSchema: { type: 'object' },
  })
  const own = Array.from({ length: 3 }, (_, i) => tool(`own_${i}`, `Of ${version}.`))
  return { name: NAME, version, tools: [tool('same', 'In every release.'), ...own] }
}

export function openHome(folder: string): Promise<Workspace & AsyncDisposable> {
  return openWorkspace(homeAt(join(folder, 'home'), {}), { now: () => new Date(0) })
}

export const RUNS: Readonly<Record<string, (context: CrashContext) => Promise<void>>> = {
  init: async (context) => {
    await using workspace = await openWatched(context)
    const { publisher } = await init(workspace)
    context.acknowledge(publisher)
  },
  publish: async (context) => {
    await using workspace = await openWatched(context)
    for (const versions of CALLS) {
      const done = await publish(workspace, versions.map(toolkitOf))
      for (const { version, statement } of done) context.acknowledge(`${version} ${statement}`)
    }
  },
  pull: async (context) => {
    await using workspace = await openWatched(context)
    for (const [from, version] of [
      ['one', '1.0.0'],
      ['two', '2.0.0'],
    ] as const) {
      const done = await pullFrom(context, workspace, from, version)
      context.acknowledge(`${version} ${done}`)
    }
  },
  /** Opens a folder whose file of floors ends in half a line, which is rewritten then. */
  mend: async (context) => {
    appendFileSync(join(context.folder, 'home', 'store', 'floors'), 'toolmark/ptorn 12 ab')
    await using _workspace = await openWatched(context)
    context.acknowledge('opened')
  },
}

async function openWatched(context: CrashContext): Promise<Workspace & AsyncDisposable> {
  const workspace = await openHome(context.folder)
  context.watch('store', workspace.store, ['lock', 'commit'])
  return workspace
}

const SOURCE = ['checkpoint', 'entries', 'inclusion', 'consistency', 'indexPath', 'blocks']

async function pullFrom(
  { logs, watch }: CrashContext,
  workspace: Workspace,
  from: 'one' | 'two',
  version: string,
): Promise<string> {
  if (logs === undefined) throw new Error('there is no log to pull from')
  const { publisher, source } = logs[from]
  watch('source', source, SOURCE)
  const peer = {
    label: from,
    open: async () => ({ ...source, [Symbol.asyncDispose]: async () => {} }),
  }
  const reference = `${NAME}@${version}`
  const { release } = await pull(workspace, { reference, peers: [peer], publisher })
  return release.cid
}

export async function openLogs(folder: string): Promise<CrashContext['logs']> {
  return { one: await openLog(folder, 'one'), two: await openLog(folder, 'two') }
}

/** Answers two blocks at a time, so that a release comes in several. */
async function openLog(folder: string, name: string): Promise<Log> {
  await using store = await openStore(homeAt(join(folder, name), {}).store)
  const [head] = await Array.fromAsync(store.listRecords('head'))
  const local = localSource(await copyStore(store))
  return {
    publisher: head?.key as PublisherId,
    source: { ...local, blocks: (cids, options) => local.blocks(cids.slice(0, 2), options) },
  }
}
