// A home that follows many: a hundred thousand publishers with one release of one small tool each, every key their own and every signature
// real, as replication writes them. Made once a machine and kept in the temporary folder.

import { once } from 'node:events'
import { cp, mkdir, readFile, rename, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { Worker } from 'node:worker_threads'
import { ClassicLevel } from 'classic-level'
import { type Change, openLevelStore } from '../../src/store/index.ts'

export const PUBLISHERS = 100_000
/** Change it with whatever changes the bytes: a corpus of an earlier form is not taken for this one. */
const FORM = 1
/** Logs that one commit brings. */
const TOGETHER = 500
const THREADS = 2

/** The folder of a store that nobody may change. */
export async function openCorpus(): Promise<string> {
  const folder = join(tmpdir(), `toolmark-bench-idle-${FORM}-${process.getuid?.() ?? 0}`)
  const found = await readFile(join(folder, 'made'), 'utf8').catch(() => undefined)
  if (found !== undefined) return join(folder, 'store')
  process.stderr.write(`making ${PUBLISHERS} publishers in ${folder}, which takes minutes\n`)
  await rm(folder, { recursive: true, force: true })
  const making = `${folder}-making-${process.pid}`
  await mkdir(making)
  await makeStore(join(making, 'store'))
  await settle(join(making, 'store', 'db'))
  await writeFile(join(making, 'made'), '')
  await rename(making, folder)
  return join(folder, 'store')
}

/** Threads make the logs, this one writes them. */
async function makeStore(folder: string): Promise<void> {
  await using store = await openLevelStore(folder)
  let next = 0
  const work = async (): Promise<void> => {
    const thread = new Worker(new URL('./maker.ts', import.meta.url))
    for (let first = next; first < PUBLISHERS; first = next) {
      next += TOGETHER
      thread.postMessage({ first, count: TOGETHER })
      const [change] = (await once(thread, 'message')) as [Change]
      await store.commit(change)
    }
    await thread.terminate()
  }
  await Promise.all(Array.from({ length: THREADS }, work))
}

/** As a store is that grew in weeks: written in minutes, it would be put in order while it is measured. */
async function settle(folder: string): Promise<void> {
  const db = new ClassicLevel(folder, { maxFileSize: 8 * 1024 * 1024 })
  await db.compactRange('\0', '\uffff')
  await db.close()
}

/** A store that may be changed. */
export async function copyStore(from: string, to: string): Promise<void> {
  await cp(from, to, { recursive: true })
}
