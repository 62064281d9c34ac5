// What an answer of the peer changes. It was decoded, and has no more in it than was asked for; nothing of it is believed yet.

import type { Cid } from '../../../cid/index.ts'
import { isRegistryError, type RegistryError } from '../../../lib/index.ts'
import { parseCheckpointUnverified } from '../../../log/index.ts'
import type { Answers } from '../../wire/ops.ts'
import type { LogPiece } from '../../wire/sync-ops.ts'
import type { Owner, Request } from './events.ts'
import type { Chunk, Log } from './state.ts'
import { change, refuseLog, type Turn, work } from './turn.ts'

export function onAnswer(turn: Turn, request: Request, ok: unknown): void {
  const { state } = turn
  switch (request.op) {
    case 'scope':
      return
    case 'reconcile': {
      const { message } = ok as Answers['reconcile']
      work(turn, { kind: 'reconcile', answer: message })
      return
    }
    case 'forks': {
      const { proofs } = ok as Answers['forks']
      state.forks = [...request.ask.wants.slice(proofs.length), ...state.forks]
      for (const proof of proofs) if (proof !== null) work(turn, { kind: 'fork', proof })
      return
    }
    case 'logs': {
      const { logs } = ok as Answers['logs']
      const { wants } = request.ask
      state.planned = [...wants.slice(logs.length), ...state.planned]
      for (const [i, piece] of logs.entries()) {
        if (!('unknown' in piece)) admit(turn, piece, wants[i]?.from ?? 0)
      }
      return
    }
    case 'entries':
      onEntries(turn, request, ok as Answers['entries'])
      return
    case 'consistency': {
      const { publisher, from } = request.ask
      const log = turn.logs.get(publisher)
      const isAsked = log?.proof === 'asked' && log.taken === from
      if (isAsked) change(turn, publisher, { proof: (ok as Answers['consistency']).hashes })
      return
    }
    case 'blocks':
      onBlocks(turn, request, ok as Answers['blocks'])
  }
}

/** What the peer shows of one log. A size that nobody signed yet only decides how it is fetched. */
function admit(turn: Turn, piece: LogPiece, from: number): void {
  const { publisher } = piece
  if (turn.logs.has(publisher)) return
  const to = sizeOf(piece)
  if (typeof to !== 'number') {
    refuseLog(turn, publisher, to)
    return
  }
  const arrived = new Map(piece.entries.length === 0 ? [] : [[from, piece.entries]])
  const log: Log = {
    publisher,
    piece,
    stage: 'waiting',
    isLong: from + piece.entries.length < to,
    from,
    to,
    room: { entries: 0, bytes: 0 },
    taken: from,
    asked: from + piece.entries.length,
    gaps: [],
    arrived,
    owed: 0,
    given: [],
    lacking: [],
    proof: undefined,
    staged: { bytes: 0, entries: 0 },
    used: 0,
    job: undefined,
  }
  turn.logs.set(publisher, log)
}

function sizeOf({ note, publisher }: LogPiece): number | RegistryError {
  try {
    return parseCheckpointUnverified(note, publisher).size
  } catch (error) {
    if (isRegistryError(error)) return error
    throw error
  }
}

function onEntries(
  turn: Turn,
  { ask: { publisher, start, end } }: Extract<Request, { op: 'entries' }>,
  { entries }: Answers['entries'],
): void {
  const log = turn.logs.get(publisher)
  if (log === undefined) return
  const reached = start + entries.length
  change(turn, publisher, {
    arrived: new Map([...log.arrived, [start, entries]]),
    gaps: reached < end ? [[reached, end] as const, ...log.gaps] : log.gaps,
  })
}

function onBlocks(
  turn: Turn,
  { ask: { cids }, owners }: Extract<Request, { op: 'blocks' }>,
  { blocks }: Answers['blocks'],
): void {
  const { state } = turn
  const came = new Map<Owner, { readonly given: Uint8Array[]; readonly lacking: Cid[] }>()
  for (const [i, block] of blocks.entries()) {
    const [owner, cid] = [owners[i], cids[i]]
    const one = came.get(owner) ?? { given: [], lacking: [] }
    came.set(owner, one)
    if (block === null && cid !== undefined) one.lacking.push(cid)
    if (block === null) continue
    one.given.push(block)
    state.usual += (block.length - state.usual) / 32
  }
  for (const [owner, { given, lacking }] of came) {
    if (owner === undefined && given.length > 0) work(turn, { kind: 'fill', blocks: given })
    const log = owner === undefined ? undefined : turn.logs.get(owner)
    if (log === undefined) continue
    const both = { given: [...log.given, ...given], lacking: [...log.lacking, ...lacking] }
    change(turn, log.publisher, both)
  }
  const left = cids.slice(blocks.length).map((cid, i): Chunk => {
    return { owner: owners[blocks.length + i], cids: [cid], at: 0 }
  })
  const wanted = left.filter(({ owner }) => owner === undefined || turn.logs.has(owner))
  state.wants = [...wanted, ...state.wants]
  state.queued += wanted.length
}
