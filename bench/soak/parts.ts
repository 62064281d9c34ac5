// Of what the memory of a process consists that belongs to no file, as its maps say.

import { readFile } from 'node:fs/promises'

/** MiB. */
export interface Parts {
  /** What malloc has for small pieces of the main thread, and of the other threads. */
  readonly small: number
  readonly threads: number
  /** All the rest: V8’s heap, large pieces, stacks. */
  readonly rest: number
  /** What V8 has for its heap, used or not: nearly all of it is in the rest. */
  readonly heap: number
  /** What LevelDB says of itself: new writes, of which it holds 32 MiB before they go into tables, and up to 64 MiB of blocks it has read. */
  readonly level: number
}

const MIB = 1024 * 1024
/** glibc aligns the areas of threads so. */
const AREA = 64n * BigInt(MIB)

export async function partsOf(pid: number, said: Pick<Parts, 'heap' | 'level'>): Promise<Parts> {
  const found = { small: 0, threads: 0, rest: 0 }
  let kind: keyof typeof found = 'rest'
  for (const line of (await readFile(`/proc/${pid}/smaps`, 'utf8')).split('\n')) {
    const [, start, name] = /^([0-9a-f]+)-[0-9a-f]+ \S+ \S+ \S+ \d+\s*(.*)$/.exec(line) ?? []
    if (start !== undefined) kind = kindOf(BigInt(`0x${start}`), name ?? '')
    const [, kib] = /^Anonymous:\s+(\d+)/.exec(line) ?? []
    found[kind] += Number(kib ?? 0) / 1024
  }
  return { ...found, ...said }
}

function kindOf(start: bigint, name: string): 'small' | 'threads' | 'rest' {
  if (name === '[heap]') return 'small'
  return name === '' && start % AREA === 0n ? 'threads' : 'rest'
}
