// Pulling: find who speaks for the name, prove the release, then fetch what is missing. Blocks are stored as they verify, the
// proof that makes the release visible last: a cut leaves nothing visible, and the next pull fetches only the rest.

import type { Cid } from '../cid/index.ts'
import { isRegistryError, RegistryError, toHex, utf8 } from '../lib/index.ts'
import { originOf } from '../log/index.ts'
import {
  evidenceKey,
  formatEvidence,
  pinRecord,
  publisherFor,
  type Resolved,
  resolveFrom,
  type Source,
  type VerifiedRelease,
} from '../resolve/index.ts'
import {
  type PublisherId,
  parseBlock,
  parseReference,
  parseRelease,
  parseTool,
} from '../spec/index.ts'
import type { Store } from '../store/index.ts'
import { loadVerifier } from '../trust/index.ts'
import { fetchBlocks } from './fetch-blocks.ts'
import { readVerified } from './local.ts'
import { useRecord } from './use.ts'
import type { Running, Workspace } from './workspace.ts'

/** A source that is opened only when it is its turn. */
export interface Peer {
  readonly label: string
  open(options: { readonly signal?: AbortSignal }): Promise<Source & AsyncDisposable>
}

export interface Pulled {
  readonly release: VerifiedRelease
  readonly from: string
  /** Blocks that came over the wire; the others were here already. */
  readonly fetched: number
  /** Peers that were tried first, and why each was refused. */
  readonly refused: readonly { readonly from: string; readonly error: RegistryError }[]
}

export interface PullRequest {
  /** `name[@range]`. */
  readonly reference: string
  readonly peers: readonly Peer[]
  /** The publisher the consumer means: accepted for the name, and pinned, once its release has verified. */
  readonly publisher?: PublisherId | undefined
}

/** Tries the peers in order and takes the first whose answer verifies; else throws the most telling refusal. */
export async function pull(
  workspace: Workspace,
  request: PullRequest,
  running: Running = {},
): Promise<Pulled> {
  const refused: { from: string; error: RegistryError }[] = []
  for (const peer of request.peers) {
    try {
      await using source = await peer.open(running)
      return { ...(await pullFrom(workspace.store, source, request, running)), refused }
    } catch (error) {
      running.signal?.throwIfAborted()
      if (!isRegistryError(error) || isFinal(error)) throw error
      refused.push({ from: peer.label, error })
    }
  }
  throw worst(refused.map(({ error }) => error))
}

async function pullFrom(
  store: Store,
  source: Source,
  request: PullRequest,
  running: Running,
): Promise<Omit<Pulled, 'refused'>> {
  const { name, range } = parseReference(request.reference)
  const publisher = await publisherFor(store, name, {
    chosen: request.publisher,
    claimants: () => source.claimants(name, running),
  })
  // Held to the end, so that two pulls of one log can never move its floor backwards.
  await using _lock = await store.lock(`log/${publisher}`, running)
  const verifier = await loadVerifier()
  const floor = await store.findFloor(originOf(publisher))
  const resolved = await resolveFrom(source, verifier, { publisher, name, range, floor }, running)
  const fetched = await fetchRelease(store, source, resolved.entry.release, running)
  const release = await readVerified(store, resolved.entry)
  await accept(store, source, resolved, release)
  return { release, from: source.label, fetched }
}

/** The one commit that makes a pulled release visible, pins its namespace and raises the floor. */
async function accept(
  store: Store,
  source: Source,
  { entry, evidence }: Resolved,
  release: VerifiedRelease,
): Promise<void> {
  const { publisher, checkpoint } = entry
  const pin = pinRecord(entry.name, publisher)
  const uses = [release.cid, ...release.tools.map(({ cid }) => cid)]
  await store.commit({
    blocks: [{ cid: entry.statement, bytes: evidence.entry.statement }],
    put: [
      { table: 'evidence', key: evidenceKey(entry), value: formatEvidence(evidence) },
      { table: 'self', key: `peer/${publisher}`, value: utf8(source.label) },
      ...uses.map((cid) => useRecord(cid, entry)),
      ...(pin === undefined ? [] : [pin]),
    ],
    floors: [{ origin: checkpoint.origin, size: checkpoint.size, root: toHex(checkpoint.root) }],
  })
}

/** Fetches a release block and the tools it lists, each by its hash; answers how many came over the wire. */
async function fetchRelease(
  store: Store,
  source: Source,
  cid: Cid,
  running: Running,
): Promise<number> {
  const first = await fetchBlocks(store, source, { cids: [cid], parse: parseRelease }, running)
  const [bytes] = await store.findBlocks([cid])
  const tools = Object.values(parseRelease(bytes ?? new Uint8Array()).tools) as readonly Cid[]
  return first + (await fetchBlocks(store, source, { cids: tools, parse: parseTool }, running))
}

export interface PulledBlock {
  readonly cid: Cid
  readonly bytes: Uint8Array
  readonly from: string
  readonly fetched: number
}

/**
 * Pulls by hash: the CID proves the bytes, and says nothing of who published them. A release brings its tools along.
 */
export async function pullBlock(
  workspace: Workspace,
  request: { readonly cid: Cid; readonly peers: readonly Peer[] },
  running: Running = {},
): Promise<PulledBlock> {
  const errors: RegistryError[] = []
  for (const peer of request.peers) {
    try {
      await using source = await peer.open(running)
      const { cid } = request
      let fetched = await fetchBlocks(
        workspace.store,
        source,
        { cids: [cid], parse: parseBlock },
        running,
      )
      const [bytes] = await workspace.store.findBlocks([cid])
      if (bytes === undefined) continue
      if (parseBlock(bytes).kind === 'release/v1')
        fetched += await fetchRelease(workspace.store, source, cid, running)
      return { cid, bytes, from: source.label, fetched }
    } catch (error) {
      running.signal?.throwIfAborted()
      if (!isRegistryError(error) || isFinal(error)) throw error
      errors.push(error)
    }
  }
  throw worst(errors)
}

/** Failures of this side, or words of the consumer that no other peer can change. */
function isFinal(error: RegistryError): boolean {
  return ['CORRUPT', 'USAGE', 'REBIND'].includes(error.verdict) || error.code.startsWith('STORE_')
}

const MOST_TELLING = [
  'FORKED',
  'ROLLBACK',
  'MISMATCH',
  'UNSIGNED',
  'POLICY',
  'MALFORMED',
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
