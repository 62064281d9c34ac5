// Asking all peers at once for their newest checkpoint of one log, before anything else: who shows the most is asked first for the
// rest. What a note says is believed of nobody here; a boaster is refused when it has to prove it.

import { parseCheckpointUnverified } from '../log/index.ts'
import type { Source } from '../resolve/index.ts'
import type { PublisherId } from '../spec/index.ts'
import type { Peer } from './peers.ts'
import type { Running } from './workspace.ts'

/** A note as a peer showed it, unverified. */
export interface ShownNote {
  readonly from: string
  readonly note: Uint8Array
  readonly source: Source
}

export interface Survey extends AsyncDisposable {
  /** Those that failed, to be told; then by the size they show; then the slow ones. Open until the survey is disposed. */
  readonly peers: readonly Peer[]
  readonly shown: readonly ShownNote[]
}

/** Long enough to dial and to ask one question; a slow peer cannot hold up the others for longer. */
const PATIENCE_MS = 6_000

type Answer =
  | (ShownNote & { readonly kind: 'shown'; readonly peer: Peer; readonly size: number })
  | { readonly kind: 'failed'; readonly peer: Peer; readonly error: unknown }
  | { readonly kind: 'slow'; readonly peer: Peer }

/** Without a publisher, or with one peer, there is nothing to compare, and nobody is asked. Of equal sizes the higher rank is first. */
export async function openSurvey(
  peers: readonly Peer[],
  publisher: PublisherId | undefined,
  running: Running,
  rank: (note: Uint8Array) => number = () => 0,
): Promise<Survey> {
  if (publisher === undefined || peers.length < 2) {
    return { peers, shown: [], [Symbol.asyncDispose]: async () => {} }
  }
  const stop = new AbortController()
  const signals = running.signal === undefined ? [stop.signal] : [stop.signal, running.signal]
  const asking = { ...running, signal: AbortSignal.any(signals) }
  const opened: Promise<Source & AsyncDisposable>[] = []
  const timer = setTimeout(() => stop.abort(), PATIENCE_MS)
  const answers = await Promise.all(
    peers.map((peer) => within(asking.signal, peer, ask(peer, publisher, asking, opened))),
  )
  clearTimeout(timer)
  return {
    peers: inOrder(answers, rank),
    shown: answers.filter((answer) => answer.kind === 'shown'),
    [Symbol.asyncDispose]: async () => {
      stop.abort()
      for (const result of await Promise.allSettled(opened)) {
        if (result.status === 'fulfilled') await result.value[Symbol.asyncDispose]()
      }
    },
  }
}

async function ask(
  peer: Peer,
  publisher: PublisherId,
  running: Running,
  opened: Promise<Source & AsyncDisposable>[],
): Promise<Answer> {
  try {
    const opening = peer.open(running)
    opened.push(opening)
    const source = await opening
    const note = await source.checkpoint(publisher, running)
    const { size } = parseCheckpointUnverified(note, publisher)
    return {
      kind: 'shown',
      peer,
      from: peer.label,
      note,
      size,
      source: { ...source, label: peer.label },
    }
  } catch (error) {
    return { kind: 'failed', peer, error }
  }
}

/** Waits for nobody who does not heed the signal. */
async function within(signal: AbortSignal, peer: Peer, asked: Promise<Answer>): Promise<Answer> {
  const late = new Promise<Answer>((resolve) => {
    signal.addEventListener('abort', () => resolve({ kind: 'slow', peer }), { once: true })
  })
  return await Promise.race([asked, late])
}

function inOrder(answers: readonly Answer[], rank: (note: Uint8Array) => number): readonly Peer[] {
  const failed = answers.filter((answer) => answer.kind === 'failed')
  const shown = answers.filter((answer) => answer.kind === 'shown')
  const slow = answers.filter((answer) => answer.kind === 'slow')
  return [
    ...failed.map(({ peer: { label }, error }) => ({ label, open: () => Promise.reject(error) })),
    ...shown.toSorted((a, b) => b.size - a.size || rank(b.note) - rank(a.note)).map(reopened),
    ...slow.map(({ peer }) => peer),
  ]
}

/** The source that answered, lent out: the survey closes it. */
function reopened({ from: label, source }: ShownNote): Peer {
  return { label, open: async () => ({ ...source, [Symbol.asyncDispose]: async () => {} }) }
}
