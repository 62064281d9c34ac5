// Fetches blocks by hash: asks only for what is missing, in a few questions at a time, and stores each block once its bytes hash to
// what was asked. A peer can withhold, but not substitute.

import { type Cid, cidOf } from '../cid/index.ts'
import { RegistryError } from '../lib/index.ts'
import type { Source } from '../resolve/index.ts'
import type { Block, Store } from '../store/index.ts'
import type { Running } from './workspace.ts'

const ASK = 64
const QUESTIONS_AT_ONCE = 4
/** Bytes gathered before they are made durable: what a cut costs at most. */
const COMMIT_BYTES = 1024 * 1024
/** The most one pull may bring: a hostile release cannot fill the disk. */
const PULL_BYTES = 256 * 1024 * 1024

export interface FetchRequest {
  readonly cids: readonly Cid[]
  /** Throws for bytes that are not what their place calls for; called before they are stored. */
  readonly parse: (bytes: Uint8Array) => unknown
}

/** Answers how many blocks were fetched. Throws HASH_MISMATCH, MALFORMED codes, NOT_FOUND, PEER_*, LIMIT_EXCEEDED. */
export async function fetchBlocks(
  store: Store,
  source: Source,
  { cids, parse }: FetchRequest,
  running: Running,
): Promise<number> {
  const unique = [...new Set(cids)]
  const held = await store.hasBlocks(unique)
  const missing = unique.filter((_, i) => held[i] !== true)
  const sink = createSink(store, {
    total: unique.length,
    held: unique.length - missing.length,
    running,
  })
  for (let start = 0; start < missing.length; start += ASK * QUESTIONS_AT_ONCE) {
    const window = missing.slice(start, start + ASK * QUESTIONS_AT_ONCE)
    const questions = Array.from({ length: Math.ceil(window.length / ASK) }, (_, i) =>
      ask(source, { cids: window.slice(i * ASK, (i + 1) * ASK), parse }, sink, running),
    )
    const answers = await Promise.allSettled(questions)
    // Keep what did verify, whatever became of the rest: the next pull starts from there.
    await sink.flush()
    for (const answer of answers) if (answer.status === 'rejected') throw answer.reason
  }
  return missing.length
}

interface Sink {
  add(block: Block): Promise<void>
  flush(): Promise<void>
}

async function ask(
  source: Source,
  { cids, parse }: FetchRequest,
  sink: Sink,
  running: Running,
): Promise<void> {
  let rest = cids
  while (rest.length > 0) {
    running.signal?.throwIfAborted()
    const answer = await source.blocks(rest, running)
    if (answer.length === 0 || answer.length > rest.length) {
      throw new RegistryError(
        'PEER_MISBEHAVED',
        `${source.label} answered with another number of blocks than asked.`,
        {
          expected: `1 to ${rest.length}`,
          got: answer.length,
          next: 'Ask another peer.',
        },
      )
    }
    for (const [i, bytes] of answer.entries()) {
      const block = check(source, rest[i] as Cid, bytes)
      parse(block.bytes)
      await sink.add(block)
    }
    rest = rest.slice(answer.length)
  }
}

function check(source: Source, cid: Cid, bytes: Uint8Array | undefined): Block {
  if (bytes === undefined) {
    throw new RegistryError('NOT_FOUND', `${source.label} does not have this block.`, {
      expected: cid,
      got: 'nothing',
      next: 'Ask another peer with a further `--from`.',
    })
  }
  const got = cidOf(bytes)
  if (got === cid) return { cid, bytes }
  throw new RegistryError(
    'HASH_MISMATCH',
    `${source.label} sent other bytes than the ones asked for.`,
    {
      expected: cid,
      got,
      next: 'Nothing was stored. Ask another peer, and distrust this one.',
    },
  )
}

function createSink(
  store: Store,
  work: { readonly total: number; readonly held: number; readonly running: Running },
): Sink {
  let waiting: Block[] = []
  let waitingBytes = 0
  let received = 0
  let done = work.held
  const flush = async (): Promise<void> => {
    if (waiting.length === 0) return
    const blocks = waiting
    waiting = []
    waitingBytes = 0
    await store.commit({ blocks })
    done += blocks.length
    work.running.onProgress?.({ what: 'pulled', done, total: work.total })
  }
  return {
    flush,
    add: async (block) => {
      received += block.bytes.length
      if (received > PULL_BYTES) {
        throw new RegistryError(
          'LIMIT_EXCEEDED',
          'This release is larger than one pull may bring.',
          {
            expected: `at most ${PULL_BYTES} bytes`,
            got: `${received} bytes`,
            next: 'Pull its tools one by one, by CID.',
          },
        )
      }
      waiting.push(block)
      waitingBytes += block.bytes.length
      if (waitingBytes >= COMMIT_BYTES) await flush()
    },
  }
}
