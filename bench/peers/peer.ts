// What every peer system is asked for: one process serves a folder of blocks, another fetches them all and says how long it took.

import { readdir, readFile } from 'node:fs/promises'
import { join } from 'node:path'

export interface Peer {
  /** Answers the address once it serves; runs until the process is killed. */
  serve(folder: string): Promise<string>
  /** Fetches the blocks with these CIDs, each checked against its hash; from the connection on. */
  fetch(address: string, cids: readonly string[]): Promise<number>
}

/** `serve FOLDER` prints the address; `fetch ADDRESS FOLDER` takes the names from the folder and prints figures as JSON. */
export async function runPeer(peer: Peer): Promise<void> {
  const [mode, first = '', second = ''] = process.argv.slice(2)
  if (mode === 'serve') {
    process.stdout.write(`${await peer.serve(first)}\n`)
    return
  }
  const cids = await readdir(second)
  const cpu = process.cpuUsage()
  const start = performance.now()
  const bytes = await peer.fetch(first, cids)
  const ms = performance.now() - start
  const { user, system } = process.cpuUsage(cpu)
  const figures = { blocks: cids.length, bytes, ms, cpuMs: (user + system) / 1_000 }
  process.stdout.write(`${JSON.stringify(figures)}\n`, () => process.exit(0))
}

export async function readBlocks(folder: string): Promise<ReadonlyMap<string, Uint8Array>> {
  const blocks = new Map<string, Uint8Array>()
  for (const name of await readdir(folder)) blocks.set(name, await readFile(join(folder, name)))
  return blocks
}

/** `task` for each of them, so many at once. */
export async function inParallel<T>(
  items: readonly T[],
  width: number,
  task: (item: T) => Promise<number>,
): Promise<number> {
  let [next, sum] = [0, 0]
  async function work(): Promise<void> {
    while (next < items.length) {
      const item = items[next++] as T
      const size = await task(item)
      sum += size
    }
  }
  await Promise.all(Array.from({ length: width }, work))
  return sum
}
