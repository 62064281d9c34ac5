// Pulling: find who speaks for the name, prove the release, then fetch what is missing. Blocks are stored as they verify, the
// proof that makes the release visible last: a cut leaves nothing visible, and the next pull fetches only the rest.

import { isRegistryError, toHex, utf8 } from '../lib/index.ts'
import {
  assertNotForked,
  evidenceKey,
  type Freshness,
  formatEvidence,
  type News,
  type PinChange,
  type PinHow,
  pinChange,
  publisherFor,
  type Resolved,
  type ResolveRequest,
  resolveFrom,
  type ShownHead,
  type Source,
  type Use,
  type VerifiedRelease,
  type WitnessPolicy,
} from '../resolve/index.ts'
import { isVersion, type PublisherId, parseReference } from '../spec/index.ts'
import type { Store } from '../store/index.ts'
import { loadVerifier } from '../trust/index.ts'
import { type Gathered, gatherAttestations } from './attestations/gather.ts'
import { fetchRelease } from './fetch-release.ts'
import { findSeenHead, keepForkIn, seenRecord } from './forks.ts'
import { demandFresh, witnessTime } from './lifecycle/freshness.ts'
import { keepNews } from './lifecycle/news.ts'
import { readVerified } from './local.ts'
import { assertOneHistory, type Behind } from './one-history.ts'
import { askPeers, type Peer, type Refused } from './peers.ts'
import { assertAskable } from './private-names.ts'
import { openSurvey, type ShownNote, type Survey } from './survey.ts'
import { useRecord } from './use.ts'
import { witnessesKnown } from './witness/known.ts'
import { withWords } from './witness/words.ts'
import type { Running, Workspace } from './workspace.ts'

export interface Pulled {
  readonly release: VerifiedRelease
  readonly from: string
  /** Blocks that came over the wire; the others were here already. */
  readonly fetched: number
  /** Peers whose answer does not hold, and why. */
  readonly refused: readonly Refused[]
  /** Peers that withhold the newest entries, or have not got them yet. */
  readonly behind: readonly Behind[]
  /** What the witnesses say of the state that the release was resolved in, if any were asked for. */
  readonly freshness: Freshness | undefined
  /** Of the attestations, if any were asked for: those that are new here, and those that do not verify. */
  readonly attestations: Gathered | undefined
}

export interface PullRequest {
  /** `name[@range]`. */
  readonly reference: string
  readonly peers: readonly Peer[]
  /** The publisher the consumer means: accepted for the name, and pinned, once its release has verified. */
  readonly publisher?: PublisherId | undefined
  /** How the consumer said so; by a flag unless told otherwise. */
  readonly chosenBy?: Extract<PinHow, 'flag' | 'prompt'>
  /** `held` for a version that a lockfile names: who has begun with it goes on, also when it was yanked meanwhile. */
  readonly use?: Use
  /** Witnesses who have to have seen the log lately: STALE without (T2). */
  readonly witnesses?: WitnessPolicy | undefined
  /** Whatever others say about the release and its tools; what the policy asks for is fetched anyway. */
  readonly allAttestations?: boolean
}

/**
 * Asks all peers how long the log is and takes the longest that verifies: one honest peer among many is enough (T7). Throws the most
 * telling refusal if none does, and FORKED if two of them show two histories.
 */
export async function pull(
  workspace: Workspace,
  request: PullRequest,
  running: Running = {},
): Promise<Pulled> {
  await assertAskable(workspace, parseReference(request.reference).name)
  const publisher = await publisherMeant(workspace.store, request)
  if (publisher !== undefined) await assertNotForked(workspace.store, publisher)
  const { witnesses } = request
  const asked = [...(witnesses?.witnesses ?? []), ...(await witnessesKnown(workspace))]
  const rank = (note: Uint8Array): number => witnessTime(note, witnesses, workspace.now())
  await using survey = await openSurvey(request.peers, publisher, running, rank)
  const { answer, refused } = await askPeers(survey.peers, running, (source) =>
    // One peer may lack the word of a witness that another has.
    pullFrom(
      workspace,
      withWords(source, notesIn(survey), asked),
      { ...request, shown: survey.shown },
      running,
    ),
  )
  const tried = new Set(refused.map(({ from }) => from))
  const others = answer.refused.filter(({ from }) => !tried.has(from))
  return { ...answer, refused: [...refused, ...others] }
}

function notesIn({ shown }: Survey): readonly Uint8Array[] {
  return shown.map(({ note }) => note)
}

/** Undefined when only a peer can say who claims the name, which ends in a question to the consumer. */
async function publisherMeant(
  store: Store,
  { reference, publisher: chosen }: PullRequest,
): Promise<PublisherId | undefined> {
  const { name } = parseReference(reference)
  try {
    return await publisherFor(store, name, { chosen })
  } catch (error) {
    if (isRegistryError(error, 'PUBLISHER_UNPINNED')) return undefined
    throw error
  }
}

async function pullFrom(
  workspace: Workspace,
  source: Source,
  request: PullRequest & { readonly shown: readonly ShownNote[] },
  running: Running,
): Promise<Pulled> {
  const { store, now } = workspace
  const { name, range } = parseReference(request.reference)
  const publisher = await publisherFor(store, name, {
    chosen: request.publisher,
    claimants: () => source.claimants(name, running),
    from: source.label,
  })
  // Held to the end, so that two pulls of one log can never move its floor backwards.
  await using _lock = await store.lock(`log/${publisher}`, running)
  // Again: a proof may have come in while peers were asked.
  await assertNotForked(store, publisher)
  const use = request.use ?? (await useOf(store, { publisher, name, range }))
  const asOf = { now: now(), what: `What ${source.label} shows of this log` }
  const fresh = (note: Uint8Array) => demandFresh(note, request.witnesses, asOf)
  const asked = { publisher, name, range, use, fresh }
  const resolved = await resolveAbove(store, source, asked, running)
  const freshness = fresh(resolved.evidence.checkpoint)
  const others = await assertOneHistory(store, { source, resolved }, request.shown, running)
  const fetched = await fetchRelease(store, source, resolved.entry, running)
  const release = await readVerified(store, resolved.entry)
  const how = request.publisher === undefined ? undefined : (request.chosenBy ?? 'flag')
  const pin = await pinChange(store, name, { publisher, how, now: now() })
  const attestations = await gatherAbout(workspace, source, { ...request, release }, running)
  await accept(store, source, { ...resolved, pin }, release)
  return { release, from: source.label, fetched, freshness, attestations, ...others }
}

/** Who holds a version may ask for it again, also when it was yanked meanwhile. */
async function useOf(
  store: Store,
  { name, range, publisher }: Omit<ResolveRequest, 'floor'>,
): Promise<Use> {
  if (range === undefined || !isVersion(range)) return 'new'
  const key = evidenceKey({ name, version: range, publisher })
  const [held] = await store.findRecords([{ table: 'evidence', key }])
  return held === undefined ? 'new' : 'held'
}

/** What the source offers, if it goes on from what was accepted before. A fork that is seen here is kept. */
async function resolveAbove(
  store: Store,
  source: Source,
  {
    fresh,
    ...asked
  }: Omit<ResolveRequest, 'floor'> & { readonly fresh: (note: Uint8Array) => void },
  running: Running,
): Promise<Resolved> {
  const floor = await findSeenHead(store, asked.publisher)
  const learn = async (news: News): Promise<void> => {
    await keepNews(store, { ...news, from: source.label })
    // After what it withdraws, which holds however old it is; before it is believed that a name or version is not there.
    fresh(news.evidence.checkpoint)
  }
  try {
    return await resolveFrom(source, await loadVerifier(store), { ...asked, floor, learn }, running)
  } catch (error) {
    const isFloor = ({ size, root }: ShownHead) => size === floor?.size && root === floor.root
    throw await keepForkIn(store, error, (head) => (isFloor(head) ? floor?.from : source.label))
  }
}

/** Before the release is visible: who sees it sees what was asked for with it (T4). */
async function gatherAbout(
  { store, now, attestationsAsked }: Workspace,
  source: Source,
  { release, allAttestations: all = false }: PullRequest & { readonly release: VerifiedRelease },
  running: Running,
): Promise<Gathered | undefined> {
  const requirements = (await attestationsAsked?.(release.entry.name)) ?? []
  if (!all && requirements.length === 0) return undefined
  // A policy asks about releases, which name their tools by hash.
  const tools = all ? release.tools.map(({ cid }) => cid) : []
  const request = { subjects: [release.cid, ...tools], wanted: { all, requirements }, now: now() }
  return await gatherAttestations(store, source, request, running)
}

/** The one commit that makes a pulled release visible, pins its namespace and raises the floor. */
async function accept(
  store: Store,
  source: Source,
  { entry, evidence, pin }: Resolved & { readonly pin: PinChange },
  release: VerifiedRelease,
): Promise<void> {
  const { publisher, checkpoint } = entry
  const uses = [release.cid, ...release.tools.map(({ cid }) => cid)]
  await store.commit({
    blocks: [{ cid: entry.statement, bytes: evidence.entry.statement }],
    put: [
      { table: 'evidence', key: evidenceKey(entry), value: formatEvidence(evidence) },
      { table: 'self', key: `peer/${publisher}`, value: utf8(source.label) },
      seenRecord(publisher, { note: evidence.checkpoint, from: source.label }),
      ...uses.map((cid) => useRecord(cid, entry)),
      ...pin.put,
    ],
    expect: pin.expect,
    floors: [{ origin: checkpoint.origin, size: checkpoint.size, root: toHex(checkpoint.root) }],
  })
}
