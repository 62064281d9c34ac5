// Whom the benchmark fetches from: a hundred publishers with as many releases each, signed for real, in one LevelDB store; made once a machine
// and kept in the temporary folder, beside the same blocks as files for the systems that only know blocks.

import { cp, mkdir, readFile, rename, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { cidOf } from '../../src/cid/index.ts'
import { canonicalBytes, type JsonObject } from '../../src/lib/index.ts'
import { draftGenesis, openDraft } from '../../src/log/index.ts'
import { offerRecords } from '../../src/registry/use.ts'
import { type PublisherId, parseToolkit, splitToolkit } from '../../src/spec/index.ts'
import { type Change, openLevelStore, type Store } from '../../src/store/index.ts'
import { createKey, openSigner } from '../../src/trust/index.ts'
import { makeTool } from '../corpus.ts'

export const PUBLISHERS = 100
/** Change it with whatever changes the bytes: a corpus of an earlier form is not taken for this one. */
const FORM = 1

export interface Corpus {
  readonly releases: number
  /** Holds `store`, `keys` and `blocks`. Nobody may change it. */
  readonly folder: string
  readonly publishers: readonly PublisherId[]
  readonly blocks: number
  /** Of all blocks. */
  readonly bytes: number
}

export async function openCorpus(releases: number): Promise<Corpus> {
  const name = `toolmark-bench-sync-${FORM}-${process.getuid?.() ?? 0}-${releases}`
  const folder = join(tmpdir(), name)
  const found = await readFile(join(folder, 'corpus.json'), 'utf8').catch(() => undefined)
  if (found !== undefined) return { ...JSON.parse(found), folder }
  process.stderr.write(`making ${releases} releases in ${folder}\n`)
  await rm(folder, { recursive: true, force: true })
  const making = `${folder}-making-${process.pid}`
  const made = await makeCorpus(making, releases)
  await writeFile(join(making, 'corpus.json'), JSON.stringify(made))
  await rename(making, folder)
  return { ...made, folder }
}

async function makeCorpus(folder: string, releases: number): Promise<Omit<Corpus, 'folder'>> {
  await mkdir(join(folder, 'blocks'), { recursive: true })
  await using store = await openLevelStore(join(folder, 'store'))
  const keys = join(folder, 'keys')
  const each = releases / PUBLISHERS
  const publishers: PublisherId[] = []
  let [blocks, bytes] = [0, 0]
  for (let number = 0; number < PUBLISHERS; number++) {
    const { publisher, change: genesis } = await draftPublisher(store, keys, number)
    await store.commit(genesis)
    publishers.push(publisher)
    const seeds = Array.from({ length: each }, (_, i) => number * each + i)
    const change = await draftReleases(store, keys, { publisher, number, seeds })
    await store.commit(change)
    for (const block of [...blocksIn(genesis), ...blocksIn(change)]) {
      await writeFile(join(folder, 'blocks', cidOf(block)), block)
      blocks += 1
      bytes += block.length
    }
  }
  return { releases, publishers, blocks, bytes }
}

async function draftPublisher(store: Store, keys: string, number: number) {
  await createKey(keys, { name: `signing-${number}`, type: 'ecdsa-p256' })
  await createKey(keys, { name: `log-${number}`, type: 'ed25519' })
  const rootSigner = await openSigner(keys, `signing-${number}`)
  const logSigner = await openSigner(keys, `log-${number}`)
  const one = { threshold: 1, keys: [rootSigner.key] }
  const roles = { root: one, release: one, brake: one, log: { keys: [logSigner.key] } } as const
  return await draftGenesis({ store, roles, rootSigner, logSigner })
}

export interface Releasing {
  readonly publisher: PublisherId
  readonly number: number
  /** One release of one tool for each. */
  readonly seeds: readonly number[]
}

/** As publishing does it. */
export async function draftReleases(
  store: Store,
  keys: string,
  { publisher, number, seeds }: Releasing,
): Promise<Change> {
  const signer = await openSigner(keys, `signing-${number}`)
  const draft = await openDraft(store, publisher)
  const blocks = []
  const put = []
  for (const seed of seeds) {
    const toolkit = parseToolkit(canonicalBytes(makeToolkit(seed)))
    const { name, version, release, tools } = splitToolkit(toolkit, publisher)
    await draft.add({ kind: 'release', name, version, subject: release.cid }, signer)
    const offered = [release, ...tools].map(({ cid, bytes }) => ({ cid, bytes }))
    blocks.push(...offered)
    put.push(
      ...offerRecords(
        offered.map(({ cid }) => cid),
        { publisher, name, version },
      ),
    )
  }
  const change = await draft.finish(await openSigner(keys, `log-${number}`))
  return {
    ...change,
    blocks: [...(change.blocks ?? []), ...blocks],
    put: [...(change.put ?? []), ...put],
  }
}

/** Of one tool, about 5 KB. */
function makeToolkit(seed: number): JsonObject {
  const tools = [seed, seed + 1_000_000, seed + 2_000_000].map(makeTool)
  const description = tools.map((tool) => tool.description).join(' ')
  return {
    name: `bench-${seed}`,
    version: '1.0.0',
    description: 'For measuring.',
    license: 'Apache-2.0',
    tools: [{ ...(tools[0] ?? {}), description }],
  }
}

/** What a log consists of: statements, releases and tools, and the bundles that sign them. */
export function blocksIn({ blocks = [], put = [] }: Change): readonly Uint8Array[] {
  const bundles = put.filter(({ table }) => table === 'bundle').map(({ value }) => value)
  return [...blocks.map(({ bytes }) => bytes), ...bundles]
}

/** A store that may be changed. */
export async function copyHome({ folder }: Corpus, to: string): Promise<void> {
  await cp(join(folder, 'store'), to, { recursive: true })
}
