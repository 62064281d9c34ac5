// What each op answers: asked of a Source, or of the home desk, and cut to what one frame may hold.

import { isRegistryError, RegistryError } from '../../lib/index.ts'
import type { HomeSession } from '../../registry/index.ts'
import type { Source } from '../../resolve/index.ts'
import { MAX_ENTRIES } from '../wire/decoders.ts'
import { said } from '../wire/fields.ts'
import { encodeError, encodeOk, encodeRefusal, type Request } from '../wire/messages.ts'
import type { Answers, Asks } from '../wire/ops.ts'
import { isRefusal } from '../wire/refusals.ts'

/** Each answer costs both sides as much as some blocks do; and whoever is slow has ten seconds for one. */
const ANSWER_BYTES = 256 * 1024
/** Entries carry bundles: 64 of them with one bundle of 10 KiB each. */
const ENTRIES_BYTES = 512 * 1024
/** Blocks asked of the source at a time: the largest are 1 MiB, and what does not fit was read for nothing. */
const BLOCK_STEP = 8
const MAX_BLOCK_STEP = 128

import type { SyncRequest } from './sync-desk.ts'

type Submitting = Extract<Request, { readonly op: 'submit' | 'stage' }>

export async function answerSubmitter(
  home: HomeSession | undefined,
  request: Submitting,
  signal: AbortSignal,
): Promise<Uint8Array> {
  const { id } = request
  if (home === undefined) return encodeError(id, 'NOT_FOUND', 'This node takes no submissions.')
  try {
    if (request.op === 'submit') return encodeOk(id, await home.submit(request.ask, { signal }))
    await home.stage(request.ask.blocks, { signal })
    return encodeOk<'stage'>(id, {})
  } catch (error) {
    signal.throwIfAborted()
    if (isRegistryError(error) && isRefusal(error.code)) return encodeRefusal(id, error)
    throw error
  }
}

export async function answerRequest(
  source: Source,
  request: Exclude<Request, Submitting | SyncRequest>,
  signal: AbortSignal,
): Promise<Uint8Array> {
  const { id, ask } = request
  const options = { signal }
  switch (request.op) {
    case 'checkpoint':
      return encodeOk(id, { note: await source.checkpoint(request.ask.publisher, options) })
    case 'entries':
      return encodeOk(id, await packEntries(source, request.ask, signal))
    case 'inclusion':
      return encodeOk(id, {
        hashes: await source.inclusion(request.ask.publisher, request.ask, options),
      })
    case 'consistency':
      return encodeOk(id, {
        hashes: await source.consistency(request.ask.publisher, request.ask, options),
      })
    case 'indexPath':
      return encodeOk(id, {
        nodes: await source.indexPath(request.ask.publisher, request.ask, options),
      })
    case 'blocks':
      return encodeOk(id, await packBlocks(source, request.ask, signal))
    case 'claimants':
      return encodeOk(id, { publishers: await source.claimants(request.ask.name, options) })
    case 'attestations':
      return encodeOk(id, await answerAttestations(source, request.ask, signal))
    default:
      throw new RegistryError('UNEXPECTED', `An op has no answer: ${String(ask)}.`)
  }
}

async function packEntries(
  source: Source,
  ask: Asks['entries'],
  signal: AbortSignal,
): Promise<Answers['entries']> {
  const end = Math.min(ask.end, ask.start + MAX_ENTRIES)
  const found = await source.entries(ask.publisher, { start: ask.start, end }, { signal })
  const sizes = found.map(({ statement, bundles }) =>
    bundles.reduce((sum, bundle) => sum + bundle.length, statement.length),
  )
  return { entries: found.slice(0, countWithin(sizes, ENTRIES_BYTES)) }
}

async function packBlocks(
  source: Source,
  { cids }: Asks['blocks'],
  signal: AbortSignal,
): Promise<Answers['blocks']> {
  const blocks: (Uint8Array | null)[] = []
  let bytes = 0
  let step = 1
  while (blocks.length < cids.length && bytes < ANSWER_BYTES) {
    const wanted = cids.slice(blocks.length, blocks.length + step)
    const found = await source.blocks(wanted, { signal })
    for (const block of found) {
      bytes += block?.length ?? 0
      if (bytes > ANSWER_BYTES && blocks.length > 0) return { blocks }
      blocks.push(block ?? null)
    }
    if (found.length < wanted.length) break
    step = bytes === 0 ? Math.min(step * 2, MAX_BLOCK_STEP) : stepOf(bytes / blocks.length)
  }
  return { blocks }
}

/** As many as fit if they go on like this. */
function stepOf(average: number): number {
  return Math.min(BLOCK_STEP, Math.max(1, Math.floor(ANSWER_BYTES / 2 / average)))
}

async function answerAttestations(
  source: Source,
  { subject, ...query }: Asks['attestations'],
  signal: AbortSignal,
): Promise<Answers['attestations']> {
  const page = await source.attestations?.(subject, query, { signal })
  const { attestations = [], next } = page ?? {}
  return said({ attestations: attestations.map(said), next })
}

/** How many fit, but at least one. */
function countWithin(sizes: readonly number[], limit: number): number {
  let sum = 0
  const over = sizes.findIndex((size, i) => {
    sum += size
    return i > 0 && sum > limit
  })
  return over === -1 ? sizes.length : over
}
