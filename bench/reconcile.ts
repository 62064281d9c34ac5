// What does it cost to find ten changed heads among many? And what does a node with many publishers hold in memory?

import { setTimeout } from 'node:timers/promises'
import { setFlagsFromString } from 'node:v8'
import { runInNewContext } from 'node:vm'
import { sha256, utf8 } from '../src/lib/index.ts'
import { openMemoryStore, type Store } from '../src/store/index.ts'
import { openHeadSet } from '../src/sync/heads/head-set.ts'
import { createItemSet, type ItemSet } from '../src/sync/reconcile/item-set.ts'
import {
  answerReconcile,
  continueReconcile,
  startReconcile,
} from '../src/sync/reconcile/reconcile.ts'
import { madeHead, madePublisher } from '../test/sync/heads/made-heads.ts'
import type { Measured } from './measure.ts'

const CHANGED = 10
const SIZES = [10_000, 100_000, 1_000_000]
const PUBLISHERS = 100_000
const MIB = 1024 * 1024
/** Each with other heads changed: what one happens to cost is luck. */
const ROUNDS = 5

interface Cost {
  readonly bytes: number
  readonly rounds: number
  readonly ms: number
}

export async function measure(): Promise<readonly Measured[]> {
  // Before anything else has filled the memory.
  const memory = await measureMemory()
  const costs = SIZES.map((size) => ({ size, ...measureSize(size) }))
  const [least, most] = [costs[0], costs.at(-1)]
  if (least === undefined || most === undefined) return []
  const rows = costs.flatMap(({ size, changed }): Measured[] => [
    {
      question: `${CHANGED} of ${size} heads changed`,
      unit: 'B',
      subject: changed.bytes,
      floor: least.changed.bytes,
      floorIs: `the same among ${least.size}; ${changed.rounds} rounds`,
      target: 3,
    },
    {
      question: `the same, both sides' work`,
      unit: 'ms',
      subject: changed.ms,
      floor: least.changed.ms,
      floorIs: `the same among ${least.size}`,
      target: 0,
    },
  ])
  const { size, equal } = most
  const floorIs = `400 bytes; ${equal.rounds} round, ${equal.ms.toFixed(1)} ms`
  const question = `nothing of ${size} heads changed`
  const same = { question, unit: 'B', subject: equal.bytes, floor: 400, floorIs, target: 1 }
  return [...rows, same, memory]
}

function measureSize(size: number): { readonly equal: Cost; readonly changed: Cost } {
  const [mine, theirs] = [headsOf(size), headsOf(size)]
  const equal = reconcile(mine, theirs, 0)
  const costs = Array.from({ length: ROUNDS }, (_, round) => {
    for (let i = 0; i < CHANGED; i++) grow(theirs, round * CHANGED + i)
    const cost = reconcile(mine, theirs, CHANGED)
    for (let i = 0; i < CHANGED; i++) grow(mine, round * CHANGED + i)
    return cost
  })
  const changed = {
    bytes: Math.max(...costs.map(({ bytes }) => bytes)),
    rounds: Math.max(...costs.map(({ rounds }) => rounds)),
    ms: Math.min(...costs.map(({ ms }) => ms)),
  }
  return { equal, changed }
}

/** Prefix sums are made anew within, as they are after every commit. */
function reconcile(mine: ItemSet, theirs: ItemSet, changed: number): Cost {
  let [bytes, found] = [0, 0]
  const start = performance.now()
  let { state, message } = startReconcile(mine)
  for (;;) {
    const answer = answerReconcile(theirs, message)
    bytes += message.length + answer.length
    const next = continueReconcile(state, answer)
    found += next.need.length
    state = next.state
    if (next.message === undefined) break
    message = next.message
  }
  const ms = performance.now() - start
  if (found !== changed) throw new Error(`${found} heads found instead of ${changed}`)
  return { bytes, rounds: state.rounds, ms }
}

function headsOf(size: number): ItemSet {
  const items = createItemSet()
  for (let i = 0; i < size; i++) items.add(itemOf(i))
  return items
}

function itemOf(publisher: number): Buffer {
  return Buffer.concat([Buffer.of(2), sha256(utf8(`${publisher}`)).subarray(0, 31)])
}

/** The state of one publisher's log changes. */
function grow(items: ItemSet, publisher: number): void {
  items.remove(itemOf(publisher))
  items.add(itemOf(publisher).fill(7, 20))
}

async function measureMemory(): Promise<Measured> {
  setFlagsFromString('--expose-gc')
  const collect = runInNewContext('gc') as () => void
  const held = async (): Promise<number> => {
    // Buffers are let go of a little later than what held them.
    for (let i = 0; i < 5; i++) {
      collect()
      await setTimeout(50)
    }
    const { heapUsed, external } = process.memoryUsage()
    return heapUsed + external
  }
  const store = await storeOf(PUBLISHERS)
  const before = await held()
  const start = performance.now()
  const heads = await openHeadSet(store)
  const ms = performance.now() - start
  const bytes = (await held()) - before
  if (heads.items.size !== PUBLISHERS) throw new Error(`${heads.items.size} heads`)
  return {
    question: `set of ${PUBLISHERS} heads`,
    unit: 'MiB',
    subject: bytes / MIB,
    floor: (PUBLISHERS * 64) / MIB,
    floorIs: `an item and an id of 32 bytes each; read in ${(ms / 1_000).toFixed(1)} s`,
    target: 3,
  }
}

async function storeOf(publishers: number): Promise<Store> {
  const store = openMemoryStore()
  for (let i = 0; i < publishers; i += 10_000) {
    const put = Array.from({ length: 10_000 }, (_, j) => madeHead(madePublisher(i + j)))
    await store.commit({ put })
  }
  return store
}
