// Attestations from a peer: asked for by subject, bounded, verified before anything is kept. A peer can withhold them and can send chaff; it can make
// nothing count.

import type { Cid } from '../../cid/index.ts'
import { isRegistryError, RegistryError } from '../../lib/index.ts'
import type { AttestationPage, Source } from '../../resolve/index.ts'
import type { Store } from '../../store/index.ts'
import {
  type AttestationPolicy,
  attesterId,
  findMet,
  loadVerifier,
  type VerifiedAttestation,
  verifyAttestation,
} from '../../trust/index.ts'
import type { Running } from '../workspace.ts'
import { PER_SUBJECT } from './budget.ts'
import { attestationLock, type Incoming, type Kept, keepChange } from './kept.ts'

/** `all` there are, or only those that count for one of the requirements; the latter are kept longest. */
export interface AttestationsWanted {
  readonly all: boolean
  readonly requirements: readonly AttestationPolicy[]
}

export interface Gathered {
  /** New here. */
  readonly added: number
  /** Sent, and not kept: they do not verify. */
  readonly refused: readonly RegistryError[]
}

/** Of one pull, whatever it has: verifying a keyless signature takes 20 ms, and a release can have thousands of tools. */
const MAX_IN_ALL = 2_048
/** More questions than a full answer needs is a peer that makes us ask. */
const MAX_PAGES = 32

export interface GatherRequest {
  readonly subjects: readonly Cid[]
  readonly wanted: AttestationsWanted
  readonly now: Date
}

/** Fetches and keeps, subject by subject. What nobody asked for and what does not verify is not kept. */
export async function gatherAttestations(
  store: Store,
  source: Source,
  { subjects, wanted, now }: GatherRequest,
  running: Running = {},
): Promise<Gathered> {
  const refused: RegistryError[] = []
  let added = 0
  if (source.attestations === undefined) return { added, refused }
  let seen = 0
  for (const subject of new Set(subjects)) {
    if (seen >= MAX_IN_ALL) break
    const fetched = await fetchVerified(store, source, { subject, wanted }, running)
    refused.push(...fetched.refused)
    seen += fetched.attestations.length + fetched.refused.length
    if (fetched.attestations.length === 0) continue
    await using _lock = await attestationLock(store, subject, running)
    const kept = await incoming(store, subject, source, { ...fetched, wanted, now })
    await store.commit(kept.change)
    added += kept.added
  }
  return { added, refused }
}

function incoming(
  store: Store,
  subject: Cid,
  source: Source,
  { attestations, wanted, now }: Fetched & Pick<GatherRequest, 'wanted' | 'now'>,
): Promise<Kept> {
  const about = { from: source.label.slice(0, 300), since: now.toISOString() }
  const asked = { subject, now }
  const all = attestations.flatMap((attestation): readonly Incoming[] => {
    // Only what would count outlasts the rest: of the right type alone, anybody could send thousands.
    const counts = wanted.requirements.some((one) => findMet([attestation], one, asked).counts > 0)
    if (!counts && !wanted.all) return []
    return [{ attestation, kept: { ...about, keptFor: counts ? 'policy' : 'offer' } }]
  })
  return keepChange(store, subject, all)
}

interface Fetched {
  readonly attestations: readonly VerifiedAttestation[]
  readonly refused: readonly RegistryError[]
}

async function fetchVerified(
  store: Store,
  source: Source,
  { subject, wanted }: { readonly subject: Cid; readonly wanted: AttestationsWanted },
  running: Running,
): Promise<Fetched> {
  const { identify } = await loadVerifier(store)
  const attestations = new Map<string, VerifiedAttestation>()
  const refused: RegistryError[] = []
  const asked = new Set(wanted.requirements.map(({ predicate }) => predicate))
  const types = wanted.all ? [undefined] : asked
  for (const predicateType of types) {
    for await (const { attestations: carried } of pages(
      source,
      { subject, predicateType },
      running,
    )) {
      for (const one of carried) {
        try {
          const attestation = verifyAttestation(one, { subject, identify })
          assertType(attestation, predicateType)
          attestations.set(
            `${attestation.statement}/${attesterId(attestation.signer)}`,
            attestation,
          )
        } catch (error) {
          if (!isRegistryError(error)) throw error
          refused.push(error)
        }
      }
    }
  }
  return { attestations: [...attestations.values()], refused }
}

/** Ends where the source has none to give, and where it has given as much as is kept about a block. */
async function* pages(
  source: Source,
  { subject, predicateType }: { readonly subject: Cid; readonly predicateType: string | undefined },
  running: Running,
): AsyncIterable<AttestationPage> {
  let after: string | undefined
  let items = 0
  let bytes = 0
  for (let page = 0; page < MAX_PAGES; page++) {
    running.signal?.throwIfAborted()
    const answer = await source.attestations?.(subject, { predicateType, after }, running)
    if (answer === undefined || answer.attestations.length === 0) return
    items += answer.attestations.length
    bytes += answer.attestations.reduce((sum, { bundle }) => sum + bundle.length, 0)
    yield answer
    const isEnough = items >= PER_SUBJECT.items || bytes >= PER_SUBJECT.bytes
    if (answer.next === undefined || isEnough) return
    after = answer.next
  }
}

function assertType({ predicateType }: VerifiedAttestation, asked: string | undefined): void {
  if (asked === undefined || predicateType === asked) return
  throw new RegistryError('PEER_MISBEHAVED', 'A peer sent attestations that nobody asked for.', {
    expected: asked,
    got: predicateType,
    next: 'Use another peer.',
  })
}
