// Of what the memory of a process consists that belongs to no file, as its maps say.

import { readdir, readFile, stat } from 'node:fs/promises'
import { join } from 'node:path'

/** MiB. */
export interface Parts {
  /** What malloc has for small pieces of the main thread, and of the other threads. */
  readonly small: number
  readonly threads: number
  /** All the rest: V8’s heap, large pieces, stacks. */
  readonly rest: number
  /** What V8 has for its heap, used or not: nearly all of it is in the rest. */
  readonly heap: number
  /** LevelDB’s log: what is in it, LevelDB also has in memory. */
  readonly log: number
}

const MIB = 1024 * 1024
/** glibc aligns the areas of threads so. */
const AREA = 64n * BigInt(MIB)

export async function partsOf(
  pid: number,
  { home, heapTotal }: { readonly home: string; readonly heapTotal: number },
): Promise<Parts> {
  const found = { small: 0, threads: 0, rest: 0 }
  let kind: keyof typeof found = 'rest'
  for (const line of (await readFile(`/proc/${pid}/smaps`, 'utf8')).split('\n')) {
    const [, start, name] = /^([0-9a-f]+)-[0-9a-f]+ \S+ \S+ \S+ \d+\s*(.*)$/.exec(line) ?? []
    if (start !== undefined) kind = kindOf(BigInt(`0x${start}`), name ?? '')
    const [, kib] = /^Anonymous:\s+(\d+)/.exec(line) ?? []
    found[kind] += Number(kib ?? 0) / 1024
  }
  return { ...found, heap: heapTotal, log: await logOf(join(home, 'store', 'db')) }
}

function kindOf(start: bigint, name: string): 'small' | 'threads' | 'rest' {
  if (name === '[heap]') return 'small'
  return name === '' && start % AREA === 0n ? 'threads' : 'rest'
}

async function logOf(folder: string): Promise<number> {
  const logs = (await readdir(folder)).filter((name) => name.endsWith('.log'))
  const sizes = await Promise.all(logs.map(async (name) => (await stat(join(folder, name))).size))
  return sizes.reduce((sum, size) => sum + size, 0) / MIB
}
