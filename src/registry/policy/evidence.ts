// What this store can prove about a release, as a policy asks for it: read here, judged in trust/. Offline.

import { findHead, parseCheckpointUnverified } from '../../log/index.ts'
import {
  cosignedNote,
  evidenceKey,
  findPin,
  parseEvidence,
  type Quorum,
  quorumTime,
  type VerifiedEntry,
  type VerifiedRelease,
} from '../../resolve/index.ts'
import { lintTool, type PublisherId, splitName } from '../../spec/index.ts'
import type { Store } from '../../store/index.ts'
import {
  loadVerifier,
  type Policy,
  type ReleaseEvidence,
  type VerifiedAttestation,
} from '../../trust/index.ts'
import { readAttestations } from '../attestations/kept.ts'
import { findSeenHead } from '../forks.ts'
import { advisoriesAgainst } from '../locked/advisories.ts'
import { listEvidence } from '../namespace/kept.ts'
import { withdrawableOf } from '../withdrawable.ts'
import { findOwnPublisher } from '../workspace.ts'

export interface PolicyInForce {
  readonly policy: Policy
  /** Whose word about the age of a log counts; undefined for nobody’s. */
  readonly quorum: Quorum | undefined
}

/** A verified release, or as much of it as somebody has proven who looks at some of its tools only. */
export type ProvenParts = Pick<VerifiedRelease, 'entry' | 'cid' | 'release' | 'tools'>

/** Everything but the tools that nobody asks about. */
export async function releaseEvidence(
  store: Store,
  { policy, quorum }: PolicyInForce,
  asked: {
    readonly release: ProvenParts
    readonly tools: readonly string[]
    readonly now: Date
  },
): Promise<ReleaseEvidence> {
  const { release, now } = asked
  const { entry, cid } = release
  const { publisher, name, version } = entry
  const { namespace } = splitName(name)
  const tools = release.tools.filter((tool) => asked.tools.includes(tool.name))
  const witnessed = await witnessedHere(store, entry, { quorum, now })
  const isSeen = witnessed.kind === 'own' || witnessed.first !== undefined
  const isOwned = await isNamespaceProven(store, namespace, publisher)
  return {
    publisher,
    name,
    version,
    release: cid,
    tools,
    pinned: (await findPin(store, namespace))?.publisher,
    signers: entry.signers,
    // A verified entry is not made without the first two.
    proven: [
      'release-signature',
      'log-inclusion',
      ...(isSeen ? (['witness-quorum'] as const) : []),
      ...(isOwned ? (['namespace-evidence'] as const) : []),
    ],
    witnessed,
    attestations: needsAttestations(policy) ? await attestationsOf(store, release) : [],
    advisories: await advisoriesAgainst(store, policy, withdrawableOf(release, asked.tools)),
    lint: () =>
      tools.flatMap(({ name: tool, tool: block }) =>
        lintTool(block).map((finding) => ({ tool, ...finding })),
      ),
  }
}

/** By the notes that are here and have the entry in them: the proof of the pull, and the newest state accepted since. */
async function witnessedHere(
  store: Store,
  entry: VerifiedEntry,
  { quorum, now }: { readonly quorum: Quorum | undefined; readonly now: Date },
): Promise<ReleaseEvidence['witnessed']> {
  const { publisher, position } = entry
  // A log that is held in full is no more this node's own than any other: its quorum is asked for (T2).
  if ((await findOwnPublisher(store)) === publisher) return { kind: 'own' }
  const head = await findHead(store, publisher)
  const held = head === undefined ? undefined : await cosignedNote(store, head)
  const seen = (await findSeenHead(store, publisher))?.note
  const [pulled] = await store.findRecords([{ table: 'evidence', key: evidenceKey(entry) }])
  const notes = [seen, held, pulled && parseEvidence(pulled).checkpoint].filter(
    (note) => note !== undefined,
  )
  const times = notes
    .filter((note) => parseCheckpointUnverified(note, publisher).size > position)
    .flatMap((note) => (quorum === undefined ? [] : (quorumTime(quorum, note, now) ?? [])))
    .toSorted((a, b) => Number(a) - Number(b))
  return { kind: 'witnesses', first: times[0], newest: times.at(-1) }
}

async function isNamespaceProven(
  store: Store,
  namespace: string,
  publisher: PublisherId,
): Promise<boolean> {
  if (namespace === publisher) return true
  for await (const { evidence } of listEvidence(store, namespace)) {
    if (evidence.publisher === publisher) return true
  }
  return false
}

function needsAttestations({ publishers }: Policy): boolean {
  return publishers.some(({ attestations }) => attestations.length > 0)
}

/** Those that still verify: the others are no evidence, and `registry attestations` says why. */
async function attestationsOf(
  store: Store,
  { cid }: Pick<VerifiedRelease, 'cid'>,
): Promise<readonly VerifiedAttestation[]> {
  const { identify } = await loadVerifier(store)
  const read = await readAttestations(store, cid, identify)
  return read.flatMap((one) => (one.kind === 'verified' ? [one.attestation] : []))
}
