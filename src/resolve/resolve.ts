// Asking a source for a name: one checkpoint, then proofs against it, then one verification of the whole.
// Bytes of the release and its tools are not fetched here.

import type { Cid } from '../cid/index.ts'
import { equalBytes, isRegistryError, RegistryError } from '../lib/index.ts'
import { parseAuthorityBlock, parseCheckpointUnverified, RESERVED } from '../log/index.ts'
import type { PublisherId } from '../spec/index.ts'
import type { Verifier } from '../trust/index.ts'
import type { Evidence, HeadEvidence } from './evidence.ts'
import { type AcceptedHead, assertFloor } from './floor.ts'
import { isAuthorityBlock } from './index-value.ts'
import { pickOffered, type Use } from './pick.ts'
import type { SignedStatement, Source, SourceOptions } from './source.ts'
import type { VerifiedEntry, VerifiedHead, VerifiedOffer } from './verified.ts'
import { verifyEntry, verifyOffer } from './verify-entry.ts'
import { assertNewest, verifyHead } from './verify-head.ts'

export interface ResolveRequest {
  readonly publisher: PublisherId
  readonly name: string
  /** A semver range; undefined or `latest` is the newest release. */
  readonly range: string | undefined
  /** The largest state of this log accepted so far. */
  readonly floor: AcceptedHead | undefined
  /** Whether a yanked version may be the answer: to go on with what is held, never to begin with it. */
  readonly use?: Use
  /** A head proven before: where the source shows the very same checkpoint, nothing of it is asked for or proven again. */
  readonly known?: News | undefined
  /** Told of the verified head before anything is chosen: what it withdraws is news also where the release asked for is refused. */
  readonly learn?: (news: News) => Promise<void>
}

export interface News {
  readonly head: VerifiedHead
  readonly evidence: HeadEvidence
}

export interface Resolved {
  readonly entry: VerifiedEntry
  readonly evidence: Evidence
}

/** A log can grow between two questions; after this many growths in a row the source is not answering one question. */
const ATTEMPTS = 12

/** Throws what `verifyEvidence` throws, ROLLBACK or FORKED against the floor, NOT_FOUND, or the source's own failure. */
export async function resolveFrom(
  source: Source,
  verifier: Verifier,
  request: ResolveRequest,
  options: SourceOptions = {},
): Promise<Resolved> {
  for (let attempt = 1; attempt <= ATTEMPTS; attempt++) {
    const read = await readHead(source, verifier, request, options)
    if (read === undefined) continue
    const { head, evidence } = read
    await request.learn?.(read)
    const { index: root } = head.newest
    const indexPath = await readPath(source, { ...request, root }, options)
    if (indexPath === undefined) continue
    const offer = assertOffered(verifyOffer(head, request.name, indexPath), request)
    const version = pickOffered({ ...offer, notices: head.notices }, request)
    const { entry, entryProof } = await readEntry(source, { offer, version, evidence }, options)
    return {
      entry: verifyEntry(verifier, offer, { version, entry, proof: entryProof }),
      evidence: { ...evidence, indexPath, entry, entryProof },
    }
  }
  throw new RegistryError(
    'PEER_UNAVAILABLE',
    `${source.label} changed its answer ${ATTEMPTS} times in a row.`,
    {
      expected: 'proofs for the checkpoint it just gave',
      got: 'no index for it',
      next: 'Try again in a moment, or ask another peer.',
    },
  )
}

/** The newest state of a log, proven, and not below the floor. Undefined when the log has grown since its checkpoint was read. */
export async function readHead(
  source: Source,
  verifier: Verifier,
  request: Pick<ResolveRequest, 'publisher' | 'floor' | 'known'>,
  options: SourceOptions,
): Promise<News | undefined> {
  const { publisher, known } = request
  const checkpoint = await source.checkpoint(publisher, options)
  if (known?.head.publisher === publisher && equalBytes(known.evidence.checkpoint, checkpoint)) {
    await assertHeadFloor(source, request, known, options)
    return known
  }
  const genesis = await getEntry(source, publisher, 0, options)
  // Says only what to ask for; the signature on it is checked with the rest.
  const claimed = parseCheckpointUnverified(checkpoint, publisher)
  const { size } = claimed
  const newest = size === 1 ? genesis : await getEntry(source, publisher, size - 1, options)
  const headProof = await source.inclusion(publisher, { index: size - 1, size }, options)
  // Before its index root is asked for: a head that is not the log’s is an answer to refuse, not a log that has grown.
  const { index: root } = assertNewest(newest, headProof, { ...claimed, publisher })
  const authorityPath = await readPath(source, { publisher, name: RESERVED, root }, options)
  if (authorityPath === undefined) return undefined
  const keys = await readKeys(source, publisher, authorityPath, options)
  const evidence = { publisher, checkpoint, genesis, head: newest, headProof, authorityPath, keys }
  const head = verifyHead(verifier, evidence)
  await assertHeadFloor(source, request, { evidence, head }, options)
  return { evidence, head }
}

function assertHeadFloor(
  source: Source,
  { publisher, floor }: Pick<ResolveRequest, 'publisher' | 'floor'>,
  { head, evidence }: News,
  options: SourceOptions,
): Promise<void> {
  const { checkpoint: note, genesis, keys } = evidence
  const offered = { checkpoint: head.checkpoint, note, genesis: genesis.statement, keys }
  return assertFloor(source, { publisher, floor }, offered, options)
}

/** Unverified. Undefined when the log has grown since its checkpoint was read. */
export async function readPath(
  source: Source,
  {
    publisher,
    ...query
  }: { readonly publisher: PublisherId; readonly root: Cid; readonly name: string },
  options: SourceOptions,
): Promise<readonly Uint8Array[] | undefined> {
  try {
    return await source.indexPath(publisher, { root: query.root, name: query.name }, options)
  } catch (error) {
    if (isRegistryError(error, 'NOT_FOUND')) return undefined
    throw error
  }
}

/** The key entries that the state at the end of the path lists; what it says is checked with the rest. */
export async function readKeys(
  source: Source,
  publisher: PublisherId,
  path: readonly Uint8Array[],
  options: SourceOptions,
): Promise<readonly SignedStatement[]> {
  const state = path.at(-1)
  if (state === undefined || !isAuthorityBlock(state)) return []
  const entries: SignedStatement[] = []
  for (const seq of parseAuthorityBlock(state).keys) {
    entries.push(await getEntry(source, publisher, seq, options))
  }
  return entries
}

async function readEntry(
  source: Source,
  found: {
    readonly offer: VerifiedOffer
    readonly version: string
    readonly evidence: HeadEvidence
  },
  options: SourceOptions,
): Promise<Pick<Evidence, 'entry' | 'entryProof'>> {
  const { offer, version, evidence } = found
  const { publisher, checkpoint } = offer.head
  const { size } = checkpoint
  const index = offer.versions[version]?.seq ?? size
  if (index === size - 1) return { entry: evidence.head, entryProof: evidence.headProof }
  return {
    entry: await getEntry(source, publisher, index, options),
    entryProof: await source.inclusion(publisher, { index, size }, options),
  }
}

function assertOffered(
  offer: VerifiedOffer | undefined,
  { publisher, name }: ResolveRequest,
): VerifiedOffer {
  if (offer !== undefined) return offer
  throw new RegistryError('NOT_FOUND', `The publisher does not offer ${name}.`, {
    expected: `${name} in the index of ${publisher}`,
    got: 'a proof that it is absent',
    next: 'Check the spelling, or ask the publisher for the name.',
  })
}

async function getEntry(
  source: Source,
  publisher: PublisherId,
  seq: number,
  options: SourceOptions,
): Promise<SignedStatement> {
  const [entry, ...more] = await source.entries(publisher, { start: seq, end: seq + 1 }, options)
  if (entry !== undefined && more.length === 0) return entry
  throw new RegistryError(
    'PEER_MISBEHAVED',
    `${source.label} did not answer with the one entry asked for.`,
    {
      expected: `entry ${seq}`,
      got: entry === undefined ? 'nothing' : `${more.length + 1} entries`,
      next: 'Ask another peer.',
    },
  )
}
