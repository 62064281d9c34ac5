// Peers, asked in order: the first whose answer holds is taken; if none does, the refusal that tells most is thrown.

import { isRegistryError, RegistryError } from '../lib/index.ts'
import type { Source } from '../resolve/index.ts'
import { isKnownFork } from './forks.ts'
import type { Running } from './workspace.ts'

/** A source that is opened only when it is its turn. */
export interface Peer {
  readonly label: string
  open(options: { readonly signal?: AbortSignal }): Promise<Source & AsyncDisposable>
}

export interface Refused {
  readonly from: string
  readonly error: RegistryError
}

/** `use` throws for an answer that does not hold. */
export async function askPeers<T>(
  peers: readonly Peer[],
  running: Running,
  use: (source: Source) => Promise<T>,
): Promise<{ readonly answer: T; readonly refused: readonly Refused[] }> {
  const refused: Refused[] = []
  for (const peer of peers) {
    try {
      await using source = await peer.open(running)
      return { answer: await use(source), refused }
    } catch (error) {
      running.signal?.throwIfAborted()
      if (!isRegistryError(error) || isFinal(error)) throw error
      refused.push({ from: peer.label, error })
    }
  }
  throw worst(refused.map(({ error }) => error))
}

/** Failures of this side, or words of the consumer that no other peer can change. */
function isFinal(error: RegistryError): boolean {
  const isOwn = ['CORRUPT', 'USAGE', 'REBIND'].includes(error.verdict)
  // The publisher's own word, proven: a peer with an older log would only not have heard it.
  const isWithdrawn = ['REVOKED', 'YANKED', 'TOMBSTONED'].includes(error.code)
  return isOwn || isWithdrawn || error.code.startsWith('STORE_') || isKnownFork(error)
}

const MOST_TELLING = [
  'FORKED',
  'ROLLBACK',
  'MISMATCH',
  'UNSIGNED',
  'POLICY',
  'MALFORMED',
  'STALE',
  'NOT_FOUND',
]

/** Evidence of an attack is worth more to the reader than a peer that did not answer. */
function worst(errors: readonly RegistryError[]): RegistryError {
  for (const verdict of MOST_TELLING) {
    const found = errors.find((error) => error.verdict === verdict)
    if (found !== undefined) return found
  }
  return (
    errors.at(-1) ??
    new RegistryError('PEER_UNAVAILABLE', 'There is no peer to ask.', {
      expected: 'at least one peer',
      got: 'none',
      next: 'Name one: `--from MULTIADDR` (a node prints its address when it serves).',
    })
  )
}
