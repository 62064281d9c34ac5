// Accepting a recovery: after a fork, the root role has said in its log which history goes on. Only a person makes a node believe that:
// what was accepted of the other history is forgotten, and the floor is put on this one. The proof of the fork is kept.

import type { Cid } from '../../cid/index.ts'
import { canonicalBytes, fromHex, parseCanonical, RegistryError, toHex } from '../../lib/index.ts'
import { type Checkpoint, originOf } from '../../log/index.ts'
import {
  findFork,
  findKnownFork,
  forkKey,
  forkRecord,
  formatHeadEvidence,
  type HeadEvidence,
  type KnownFork,
  readHead,
  type ShownHead,
  type Source,
  type VerifiedHead,
  verifyLogged,
} from '../../resolve/index.ts'
import type { PublisherId } from '../../spec/index.ts'
import type { Change, Floor, RecordKey, Store } from '../../store/index.ts'
import { loadVerifier } from '../../trust/index.ts'
import { evictLog } from '../follow/evict.ts'
import { readFork, seenRecord, settledKey } from '../forks.ts'
import { askPeers, type Peer } from '../peers.ts'
import { findOwnPublisher, type Running, type Workspace } from '../workspace.ts'

export interface Recovery {
  readonly publisher: PublisherId
  readonly fork: Cid
  /** The head of the fork that the log goes on from, and the other one. */
  readonly kept: ShownHead
  readonly abandoned: ShownHead
  /** The `recover` entry. */
  readonly seq: number
  readonly reason: string | undefined
  readonly from: string
  /** The log that says so. */
  readonly size: number
  readonly root: string
}

interface Found extends Recovery {
  readonly known: KnownFork
  readonly evidence: HeadEvidence
  readonly floor: Pick<Change, 'floors' | 'resets'>
}

/** `isMeant` is asked with what would change. Throws FORKED for a log that does not recover from this fork, and where nobody said yes. */
export async function acceptRecovery(
  { store, now }: Workspace,
  request: {
    readonly fork: Cid
    readonly peers: readonly Peer[]
    readonly isMeant: (recovery: Recovery) => Promise<boolean>
  },
  running: Running = {},
): Promise<Recovery> {
  const known = await getKnownFork(store, request.fork)
  await assertElsewhere(store, known.publisher)
  const { answer: found } = await askPeers(request.peers, running, (source) =>
    readRecovery(store, source, known, running),
  )
  const { floor, evidence, known: _, ...recovery } = found
  if (!(await request.isMeant(recovery))) {
    throw still('Nobody has said yes: this publisher’s log stays refused.', known, {
      expected: '--yes, or a yes on a terminal',
      got: 'neither',
    })
  }
  // A log that is followed is of the history that may be given up; what goes on is fetched anew.
  await evictLog(store, known.publisher, { now: now(), ...running })
  await using _lock = await store.lock(`log/${known.publisher}`, running)
  await store.commit({
    put: [
      { table: 'news', key: known.publisher, value: formatHeadEvidence(evidence) },
      seenRecord(known.publisher, { note: evidence.checkpoint, from: recovery.from }),
      {
        ...settledKey(known.publisher),
        value: canonicalBytes({ fork: known.fork, seq: found.seq }),
      },
    ],
    remove: [forkKey(known.publisher), ...(await acceptedOf(store, known.publisher))],
    expect: [forkRecord(known)],
    ...floor,
  })
  return recovery
}

async function readRecovery(
  store: Store,
  source: Source,
  known: KnownFork,
  running: Running,
): Promise<Found> {
  const { publisher, fork } = known
  const verifier = await loadVerifier(store)
  const read = await readHead(source, verifier, { publisher, floor: undefined }, running)
  if (read === undefined) {
    throw new RegistryError('PEER_UNAVAILABLE', `The log of ${source.label} grew meanwhile.`, {
      expected: 'one state of the log',
      got: 'two',
      next: 'Run the command again.',
    })
  }
  const { head, evidence } = read
  const { seq, reason } = await readEntry(source, head, known, running)
  const { checkpoint } = head
  const isKept = await Promise.all(
    known.heads.map((shown) => isWithin(source, publisher, { shown, checkpoint }, running)),
  )
  const kept = known.heads.filter((_, i) => isKept[i])
  const abandoned = known.heads.filter((_, i) => !isKept[i])
  const [[one], [other]] = [kept, abandoned]
  if (one === undefined || other === undefined) {
    throw still('This log goes on from neither of the two histories.', known, {
      expected: 'one of the two heads of the fork in its history',
      got: `${kept.length} of them`,
    })
  }
  const floor = await floorFor(store, source, { publisher, checkpoint, abandoned: other }, running)
  const { size } = checkpoint
  const root = toHex(checkpoint.root)
  const said = { publisher, fork, kept: one, abandoned: other, seq, reason, size, root }
  return { ...said, from: source.label, known, evidence, floor }
}

/** Signed by the root threshold, in the log at its place, and about this fork. */
async function readEntry(
  source: Source,
  head: VerifiedHead,
  known: KnownFork,
  running: Running,
): Promise<{ readonly seq: number; readonly reason: string | undefined }> {
  const { publisher, fork } = known
  const seq = head.notices.recovered.get(fork)?.seq
  const expected = `a recover entry for ${fork}`
  if (seq === undefined) {
    throw still('This log says nothing of that fork.', known, { expected, got: 'none' })
  }
  const [entry] = await source.entries(publisher, { start: seq, end: seq + 1 }, running)
  const { size } = head.checkpoint
  const proof = await source.inclusion(publisher, { index: seq, size }, running)
  const missing = { statement: new Uint8Array(), bundles: [] }
  const said = verifyLogged(await loadVerifier(), head, { entry: entry ?? missing, proof })
  if (said.seq === seq && said.kind === 'recover' && said.subject === fork) return said
  const got = `a ${said.kind} entry about ${said.subject}`
  throw still('This log does not say what its state says of that fork.', known, { expected, got })
}

async function isWithin(
  source: Source,
  publisher: PublisherId,
  { shown, checkpoint }: { readonly shown: ShownHead; readonly checkpoint: Checkpoint },
  running: Running,
): Promise<boolean> {
  if (shown.size > checkpoint.size) return false
  const smaller = { size: shown.size, root: fromHex(shown.root) }
  const fork = await findFork(source, publisher, { smaller, larger: checkpoint }, running)
  return fork === undefined
}

/** Down only from the history that is given up: a log that shows less than what was accepted of the kept one is rolled back. */
async function floorFor(
  store: Store,
  source: Source,
  {
    publisher,
    checkpoint,
    abandoned,
  }: {
    readonly publisher: PublisherId
    readonly checkpoint: Checkpoint
    readonly abandoned: ShownHead
  },
  running: Running,
): Promise<Pick<Change, 'floors' | 'resets'>> {
  const { origin, size } = checkpoint
  const to: Floor = { origin, size, root: toHex(checkpoint.root) }
  const from = await store.findFloor(originOf(publisher))
  if (from === undefined) return { floors: [to] }
  const isAbandoned = from.size === abandoned.size && from.root === abandoned.root
  if (isAbandoned) return { resets: [{ from, to }] }
  if (from.size > size) {
    throw new RegistryError('ROLLBACK', `${source.label} shows less of this log than was seen.`, {
      expected: `at least ${from.size} entries`,
      got: `${size} entries`,
      next: 'Nothing was changed. Ask another peer, or wait until the log has grown.',
    })
  }
  const isSame = await isWithin(source, publisher, { shown: from, checkpoint }, running)
  return isSame ? { floors: [to] } : { resets: [{ from, to }] }
}

/** Proofs of pulled releases, against heads that may be of the other history: they are pulled again. */
async function acceptedOf(store: Store, publisher: PublisherId): Promise<readonly RecordKey[]> {
  const keys: RecordKey[] = []
  for (const table of ['evidence', 'use'] as const) {
    for await (const { key } of store.listRecords(table)) {
      if (key.endsWith(`/${publisher}`)) keys.push({ table, key })
    }
  }
  return keys
}

async function getKnownFork(store: Store, fork: Cid): Promise<KnownFork> {
  const publisher = (parseCanonical(await readFork(store, fork)) as { publisher: PublisherId })
    .publisher
  const known = await findKnownFork(store, publisher)
  if (known?.fork === fork) return known
  throw new RegistryError('NOT_FOUND', 'This fork is not what keeps its publisher refused here.', {
    expected: known?.fork ?? 'a publisher that is refused',
    got: fork,
    next: 'See `registry fork list`.',
  })
}

async function assertElsewhere(store: Store, publisher: PublisherId): Promise<void> {
  if ((await findOwnPublisher(store)) !== publisher) return
  throw new RegistryError('USAGE', 'This log is your own.', {
    expected: 'the log of another publisher',
    got: publisher,
    next: 'Its publisher recovers with `registry publisher recover`.',
  })
}

function still(
  message: string,
  { publisher, heads }: KnownFork,
  { expected, got }: { readonly expected: string; readonly got: string },
): RegistryError {
  return new RegistryError('FORKED', message, {
    expected,
    got,
    next: 'Nothing was changed. Ask the publisher which history goes on, and in which log it says so.',
    // Without the fork’s name: another peer may show the log that recovers.
    evidence: { publisher, heads },
  })
}
