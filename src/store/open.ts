// How everyone opens a store: take the folder if it is free, join the node that shares it, or wait for the short command
// that has it. Nobody has to know which it was.

import { busyError } from './holder.ts'
import { realFolder, takeFolder } from './open-level.ts'
import { findSocket } from './socket/path.ts'
import type { Store } from './store.ts'

export interface OpenStoreOptions {
  /** How long to wait for another process to let go, in milliseconds; 30,000 unless told. */
  readonly wait?: number
  readonly signal?: AbortSignal
}

const FIRST_PAUSE = 5
const LONGEST_PAUSE = 200

export async function openStore(folder: string, options: OpenStoreOptions = {}): Promise<Store> {
  const { wait = 30_000, signal } = options
  const path = await realFolder(folder)
  // Date, not performance: touching that global loads a module that costs a command 2 ms.
  const start = Date.now()
  for (let pause = FIRST_PAUSE; ; pause = Math.min(pause * 1.5, LONGEST_PAUSE)) {
    signal?.throwIfAborted()
    const store = (await joinNode(path)) ?? (await takeFolder(path))
    if (store !== undefined) return store
    const waited = Date.now() - start
    if (waited >= wait) throw await busyError(path, waited)
    await sleep(Math.min(pause, wait - waited), signal)
  }
}

async function joinNode(path: string): Promise<Store | undefined> {
  const socket = await findSocket(path)
  if (socket === undefined) return undefined
  const { connectStore } = await import('./socket/remote.ts')
  return await connectStore(socket)
}

async function sleep(time: number, signal: AbortSignal | undefined): Promise<void> {
  const { setTimeout } = await import('node:timers/promises')
  try {
    await setTimeout(time, undefined, signal === undefined ? {} : { signal })
  } catch (error) {
    throw signal?.reason ?? error
  }
}
