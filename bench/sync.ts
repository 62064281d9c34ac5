// What does it cost to bring a whole node here, verified and durable, and to keep up with it? Beside the floor, and beside other systems that bring
// the same blocks and verify nothing but hashes. Each in processes of its own, over loopback. Against the floor both sides are processes that have
// done it before, for a node runs for months; against other systems all have just started.

import { join } from 'node:path'
import { withFolder } from './folders.ts'
import type { Measured } from './measure.ts'
import { type Corpus, copyHome, openCorpus, PUBLISHERS } from './sync/corpus.ts'
import type { Fetched } from './sync/fetch.ts'
import { type Helper, startHelper } from './sync/processes.ts'
import { findSystems, measureSystem, type System, type SystemFetched } from './sync/systems.ts'

const SIZES = [1_000, 10_000]
const ROUNDS = 3
/** Of those that are quick. */
const WARM_ROUNDS = 5
/** What both sides have brought before anything counts. */
const WARM_RELEASES = 10_000
const CHANGED = 10
const KIB = 1024

/** Everything, brought by processes that have brought as much before. */
type Warm = readonly {
  readonly full: Fetched
  readonly floored: Fetched
  readonly serverCpuMs: number
}[]

/** What one run of a process that has just started costs: everything, then what ten publishers have released since, then nothing. */
interface Run {
  readonly full: Fetched
  readonly changed: Fetched & { readonly blockBytes: number }
  readonly same: Fetched
}

export async function measure(): Promise<readonly Measured[]> {
  const rows: Measured[] = []
  for (const size of SIZES) {
    const corpus = await openCorpus(size)
    rows.push(...(await withFolder((folder) => measureSize(corpus, folder))))
  }
  return rows
}

async function measureSize(corpus: Corpus, folder: string): Promise<readonly Measured[]> {
  const home = join(folder, 'home')
  await copyHome(corpus, home)
  const keys = join(corpus.folder, 'keys')
  const runs: Run[] = []
  const others = new Map<System, SystemFetched[]>()
  const systems = await findSystems()
  await using server = startHelper(new URL('sync/serve.ts', import.meta.url), [home, keys])
  const address = await server.ask<string>('address')
  const warm = await measureWarm(corpus, folder, { server, address })
  for (let round = 0; round < ROUNDS; round++) {
    runs.push(await runOnce({ corpus, folder, server, address, round }))
    // Minutes each: once is enough to tell a factor of three.
    if (round > 0) continue
    for (const system of systems) {
      const fetched = await measureSystem(system, join(corpus.folder, 'blocks'), folder)
      others.set(system, [fetched])
    }
  }
  return [...rowsOf(corpus, warm, runs), ...rowsOfSystems(corpus, runs, others)]
}

/** In turns. */
async function measureWarm(
  { releases }: Corpus,
  folder: string,
  { server, address }: { readonly server: Helper; readonly address: string },
): Promise<Warm> {
  await using floor = startHelper(new URL('sync/floor.ts', import.meta.url), [folder])
  const stores = join(folder, 'warm')
  await using client = startHelper(new URL('sync/fetch.ts', import.meta.url), [stores])
  await floor.ask('learn', address)
  const rounds = []
  for (let round = 0; round < WARM_RELEASES / releases + WARM_ROUNDS; round++) {
    const floored = await floor.ask<Fetched>('fetch')
    await client.ask('again')
    const before = await server.ask<number>('cpu')
    const full = await client.ask<Fetched>('fetch', address)
    rounds.push({ floored, full, serverCpuMs: (await server.ask<number>('cpu')) - before })
  }
  return rounds.slice(-WARM_ROUNDS)
}

interface Round {
  readonly corpus: Corpus
  readonly folder: string
  readonly server: Helper
  readonly address: string
  readonly round: number
}

async function runOnce({ corpus, folder, server, address, round }: Round): Promise<Run> {
  const store = join(folder, `subject-${round}`)
  await using client = startHelper(new URL('sync/fetch.ts', import.meta.url), [store])
  await client.ask('ready')
  const full = await client.ask<Fetched>('fetch', address)
  let blockBytes = 0
  for (let i = 0; i < CHANGED; i++) {
    const number = (i * PUBLISHERS) / CHANGED
    const publisher = corpus.publishers[number]
    const seeds = [corpus.releases + round * CHANGED + i]
    blockBytes += await server.ask<number>('release', { publisher, number, seeds })
  }
  const changed = { ...(await client.ask<Fetched>('fetch', address)), blockBytes }
  const same = await client.ask<Fetched>('fetch', address)
  return { full, changed, same }
}

function rowsOf({ releases }: Corpus, warm: Warm, runs: readonly Run[]): readonly Measured[] {
  const warmMs = Math.min(...warm.map(({ full }) => full.ms))
  const floorMs = Math.min(...warm.map(({ floored }) => floored.ms))
  const fullMs = Math.min(...runs.map(({ full }) => full.ms))
  const changed = least(runs, (run) => run.changed.ms)
  const cpu = {
    ours: Math.min(...warm.map(({ full }) => full.cpuMs)),
    server: Math.min(...warm.map(({ serverCpuMs }) => serverCpuMs)),
    floor: Math.min(...warm.map(({ floored }) => floored.cpuMs)),
  }
  const { bytes, blockBytes, roundTrips } = changed.changed
  const { same } = least(runs, (run) => run.same.bytes)
  const each = 1_000 / releases
  return [
    {
      question: `${releases} releases, all of them`,
      unit: 'µs/release',
      subject: warmMs * each,
      floor: floorMs * each,
      floorIs: 'the same signature checks, hashes and synced batches, bytes in memory',
      target: 2,
    },
    {
      question: 'processor time of who fetches',
      unit: 'µs/release',
      subject: cpu.ours * each,
      floor: cpu.floor * each,
      floorIs: `the same; who serves takes ${(cpu.server * each).toFixed(0)} beside it`,
      target: 0,
    },
    {
      question: 'by a process that has just started',
      unit: 'µs/release',
      subject: fullMs * each,
      floor: floorMs * each,
      floorIs: 'the same, by one that has not',
      target: 0,
    },
    {
      question: `${CHANGED} of ${releases} changed, bytes`,
      unit: 'B',
      subject: bytes,
      floor: 1.25 * blockBytes + 32 * KIB,
      floorIs: `1.25 × ${blockBytes} bytes of blocks + 32 KiB; on the socket ${changed.changed.wire}`,
      target: 1,
    },
    {
      question: 'round trips for that',
      unit: '',
      subject: roundTrips,
      floor: 3,
      floorIs: 'reconcile, logs, blocks',
      target: 1,
    },
    {
      question: 'time for that',
      unit: 'ms',
      subject: changed.changed.ms,
      floor: fullMs,
      floorIs: 'all of them',
      // A hundredth of a small sync is a synced write or two.
      target: releases < 10_000 ? 0 : 0.02,
    },
    {
      question: 'nothing changed, bytes',
      unit: 'B',
      subject: same.bytes,
      floor: KIB,
      floorIs: `1 KiB; ${same.roundTrips} round trip, ${same.ms.toFixed(1)} ms, on the socket ${same.wire}`,
      target: 1,
    },
  ]
}

function rowsOfSystems(
  { blocks, releases }: Corpus,
  runs: readonly Run[],
  others: ReadonlyMap<System, readonly SystemFetched[]>,
): readonly Measured[] {
  const ours = (least(runs, (run) => run.full.ms).full.ms * 1_000) / blocks
  return [...others].map(([{ name, most }, fetched]) => {
    const theirs = least(fetched, ({ ms }) => ms)
    const some = most === undefined ? '' : `, only ${theirs.blocks} of them`
    return {
      question: `${releases} releases, per block`,
      unit: 'µs',
      subject: ours,
      floor: (theirs.ms * 1_000) / theirs.blocks,
      floorIs: `${name}: the same blocks, hashes checked, nothing verified${some}`,
      target: name.startsWith('Helia') ? 1 / 3 : 0,
    }
  })
}

function least<T>(all: readonly T[], by: (one: T) => number): T {
  const [first, ...rest] = all
  if (first === undefined) throw new Error('nothing was measured')
  return rest.reduce((best, one) => (by(one) < by(best) ? one : best), first)
}
