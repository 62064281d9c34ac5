// One node of a simulation: its disk, the process that runs on it or does not, and the log that is written there, if any.

import { createFederation, type Federation } from '../../../src/node/federation/index.ts'
import { follow, setMirror } from '../../../src/registry/index.ts'
import { openMemoryStore, type Store } from '../../../src/store/index.ts'
import { type Keeper, type MemoryHub, type Network, startKeeper } from '../../../src/sync/index.ts'
import type { Clock } from './clock.ts'
import { openProcess, type Process } from './disk.ts'
import { type Lie, lyingNetwork, lyingStore } from './liars.ts'
import type { SimLog } from './logs.ts'
import type { Random } from './random.ts'

export interface Writes {
  readonly log: SimLog
  /** The other history, which contradicts the first from some step on. */
  readonly isTwin: boolean
}

export interface NodeSpec {
  readonly index: number
  readonly lie: Lie | undefined
  readonly writes: Writes | undefined
  /** Whom it follows: publishers and namespaces; undefined for everybody. */
  readonly follows: readonly string[] | undefined
  /** Whom it keeps up with, by number. */
  readonly links: readonly number[]
}

export interface Pace {
  readonly period: number
  readonly backOff: number
  readonly maxBackOff: number
  readonly announces: boolean
}

export interface World extends Pace {
  readonly hub: MemoryHub
  readonly clock: Clock
  readonly random: Random
  readonly logs: readonly SimLog[]
  /** What should never happen. */
  onFault(error: unknown): void
}

export interface SimNode extends NodeSpec {
  readonly name: string
  readonly disk: Store
  readonly federation: Federation | undefined
  /** How far its log is. */
  readonly step: number
  readonly isRunning: boolean
  start(): void
  crash(): void
  /** The next step of its log; false when there is none. */
  publish(): boolean
}

interface Life {
  readonly process: Process
  readonly network: Network
  federation?: Federation
  keeper?: Keeper
}

const EPOCH = Date.parse('2026-11-21T12:00:00Z')
const nothing = (): void => undefined
const SILENT = { debug: nothing, info: nothing, warn: nothing, error: nothing }

/** An early state of each log, for good: one that its owner gets past. */
async function hold(disk: Store, { logs, random }: World): Promise<void> {
  for (const { contents, blocks } of logs) {
    const state = random.pick(contents.slice(0, 2))
    const held = new Set(state.blocks)
    const kept = blocks.filter(({ cid }) => held.has(cid))
    await disk.commit({ blocks: kept, put: state.records })
  }
}

export async function openNode(spec: NodeSpec, world: World): Promise<SimNode> {
  const { index, lie, writes, follows } = spec
  const { hub, clock, random } = world
  const disk = openMemoryStore()
  const now = (): Date => new Date(EPOCH + clock.now())
  const changes = (writes?.isTwin === true ? writes.log.twin : writes?.log.changes) ?? []
  const workspace = { store: disk, keys: '', passphrase: async () => undefined, now }
  if (changes[0] !== undefined) await disk.commit(changes[0])
  if (lie === 'stale') await hold(disk, world)
  else if (follows === undefined) await setMirror(workspace, 1e12)
  else if (follows.length > 0) await follow(workspace, follows)
  let step = 0
  let life: Life | undefined
  const name = `n${index}`

  async function run(mine: Life): Promise<void> {
    const { process, network } = mine
    const shown = lyingNetwork(network, lie, random)
    const peers = spec.links.map((link) => `memory:n${link}`)
    const federation = await createFederation({
      ...{ timers: clock, now, random, log: SILENT },
      store: lyingStore(process.store, lie, random),
      network: shown,
      peers,
      ...{ period: world.period, backOff: world.backOff, maxBackOff: world.maxBackOff },
      announces: world.announces,
    })
    mine.federation = federation
    if (life !== mine) {
      await federation[Symbol.asyncDispose]()
      return
    }
    const { store } = federation
    const keeping = { store, configured: peers, enough: 0, timers: clock, now, random }
    mine.keeper = startKeeper(shown, keeping)
  }

  return {
    ...spec,
    ...{ name, disk },
    get federation() {
      return life?.federation
    },
    get step() {
      return step
    },
    get isRunning() {
      return life !== undefined
    },
    start() {
      if (life !== undefined) return
      const mine: Life = { process: openProcess(disk), network: hub.open(name) }
      life = mine
      run(mine).catch((error: unknown) => life === mine && world.onFault(error))
    },
    crash() {
      const last = life
      life = undefined
      if (last === undefined) return
      last.process.kill()
      void last.keeper?.[Symbol.asyncDispose]()
      void last.network[Symbol.asyncDispose]()
      void last.federation?.[Symbol.asyncDispose]()
    },
    publish() {
      const change = changes[step + 1]
      if (change === undefined) return false
      step += 1
      const store = life?.federation?.store ?? disk
      store.commit(change).catch(world.onFault)
      return true
    },
  }
}
