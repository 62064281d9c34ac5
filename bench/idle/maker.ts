// The thread that makes logs for the corpus: so many from that number on, as one change.

import { parentPort } from 'node:worker_threads'
import { makeLogs } from './logs.ts'

parentPort?.on(
  'message',
  async ({ first, count }: { readonly first: number; readonly count: number }) => {
    parentPort?.postMessage(await makeLogs(first, count))
  },
)
