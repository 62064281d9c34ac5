// Time inside a simulation. It stands still while anything can still happen, and then jumps to whatever is due next; what is due at one moment
// comes in the order in which it was asked for. So a run is one sequence of events, and the same one each time.

import type { Timers } from '../../../src/sync/index.ts'

export interface Clock extends Timers {
  /** Lets time pass up to this moment, at most until `isDone`, which is asked after each event. Answers whether it is. */
  run(until: number, isDone?: () => boolean): Promise<boolean>
  readonly events: number
}

interface Due {
  readonly at: number
  readonly order: number
  call: (() => void) | undefined
}

export function createClock(): Clock {
  const heap: Due[] = []
  let time = 0
  let order = 0
  let events = 0
  return {
    now: () => time,
    get events() {
      return events
    },
    after(milliseconds, call) {
      const due: Due = { at: time + Math.max(0, milliseconds), order: order++, call }
      push(heap, due)
      return () => {
        due.call = undefined
      }
    },
    async run(until, isDone = () => false) {
      await settle()
      for (;;) {
        if (isDone()) return true
        const next = heap[0]
        if (next === undefined || next.at > until) break
        pop(heap)
        const { call } = next
        if (call === undefined) continue
        time = next.at
        events += 1
        call()
        await settle()
      }
      time = until
      return isDone()
    },
  }
}

/** Until nothing can happen any more: whatever goes on does so in promises, or opens a channel a turn later. No thread and no disk is waited for. */
async function settle(): Promise<void> {
  await new Promise(setImmediate)
  await new Promise(setImmediate)
}

function isBefore(a: Due, b: Due): boolean {
  return a.at < b.at || (a.at === b.at && a.order < b.order)
}

function push(heap: Due[], due: Due): void {
  let at = heap.push(due) - 1
  while (at > 0) {
    const above = (at - 1) >> 1
    const other = heap[above] as Due
    if (!isBefore(due, other)) break
    heap[at] = other
    at = above
  }
  heap[at] = due
}

function pop(heap: Due[]): void {
  const due = heap.pop()
  if (due === undefined || heap.length === 0) return
  let at = 0
  for (;;) {
    const left = 2 * at + 1
    const [one, two] = [heap[left], heap[left + 1]]
    if (one === undefined) break
    const below = two !== undefined && isBefore(two, one) ? left + 1 : left
    const other = heap[below] as Due
    if (!isBefore(other, due)) break
    heap[at] = other
    at = below
  }
  heap[at] = due
}
