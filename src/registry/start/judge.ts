// The policy’s word about each release that is proven. What costs a look into the store is looked for only where the policy asks for it.

import type { RegistryError } from '../../lib/index.ts'
import { findPin, quorumTime, type VerifiedEntry, type VerifiedTool } from '../../resolve/index.ts'
import { splitName } from '../../spec/index.ts'
import type { Store } from '../../store/index.ts'
import { type Claim, type Decision, decide, type ReleaseEvidence } from '../../trust/index.ts'
import { type StatusWarning, warningsOf } from '../lifecycle/warnings.ts'
import { onceEach } from './lazily.ts'
import type { Contents, Named, Proven, StartRequest } from './types.ts'

interface Subject {
  readonly named: Named
  readonly proven: Proven
  readonly contents: Contents
  readonly tools: readonly VerifiedTool[]
}

export interface Judged {
  readonly entry: VerifiedEntry
  readonly decision: Decision
  /** Too old for the policy; allowed all the same unless somebody insists. */
  readonly isStale: boolean
}

/** For all releases of a start. Approved tools need no second yes: what a policy leaves to a person has been decided by one. */
export function openJudge(
  store: Store,
  request: StartRequest,
): (subject: Subject) => Promise<Judged> {
  const { policy, now, allowStale = true } = request
  const pinOf = onceEach((namespace: string) => findPin(store, namespace))
  const asksOf = onceEach((namespace: string) => asksFor(request, namespace))
  const judge: Judge = { store, request, pinOf, asksOf }
  return async (subject) => {
    const evidence = await evidenceFor(judge, subject)
    const decision = decide(policy, evidence, { now, allowStale })
    const isStale = isStaleFor(request, evidence.witnessed)
    return { entry: subject.proven.entry, decision, isStale }
  }
}

/** The claims of a decision, by the step of a start-up that they belong to. */
const STEPS = {
  signers: ['covered', 'publisher', 'signers', 'attestation'],
  quorum: ['evidence'],
  content: ['advisories', 'text'],
  time: ['age', 'freshness'],
} as const

/** Throws what the policy refuses in this step. */
export function throwFirst(judged: readonly Judged[], step: keyof typeof STEPS): void {
  const kinds: readonly string[] = STEPS[step]
  for (const { decision } of judged) {
    if (decision.kind !== 'refused') continue
    for (const claim of decision.claim.claims) {
      const error = kinds.includes(claim.claim) ? errorOf(claim) : undefined
      if (error !== undefined) throw error
    }
  }
}

function errorOf({ error, claims }: Claim): RegistryError | undefined {
  return error ?? claims.map(errorOf).find((found) => found !== undefined)
}

export function warningsOfJudged({ entry, decision, isStale }: Judged): readonly StatusWarning[] {
  const { name, version } = entry
  const { warnings } = decision
  const said = warnings.map((message, i): StatusWarning => {
    // Age is judged last.
    const kind = isStale && i === warnings.length - 1 ? 'stale' : 'policy'
    return { kind, name, version, message }
  })
  return [...warningsOf(entry), ...said]
}

function isStaleFor(
  { policy: { maxStalenessMs }, now }: StartRequest,
  witnessed: ReleaseEvidence['witnessed'],
): boolean {
  if (maxStalenessMs === undefined || witnessed.kind === 'own') return false
  const { newest } = witnessed
  return newest === undefined || Number(now) - Number(newest) > maxStalenessMs
}

interface Judge {
  readonly store: Store
  readonly request: StartRequest
  readonly pinOf: (namespace: string) => ReturnType<typeof findPin>
  readonly asksOf: (namespace: string) => Asks
}

async function evidenceFor(
  { store, request, pinOf, asksOf }: Judge,
  { named: { name, locked }, proven, contents, tools }: Subject,
): Promise<ReleaseEvidence> {
  const { entry } = proven
  const { publisher, version, signers, release } = entry
  const { namespace } = splitName(name)
  const witnessed = witnessedBy(request, proven)
  const isSeen = witnessed.kind === 'own' || witnessed.first !== undefined
  const asks = asksOf(namespace)
  const known: ReleaseEvidence = {
    publisher,
    name,
    version,
    release,
    tools,
    pinned: asks.pin ? (await pinOf(namespace))?.publisher : undefined,
    signers,
    proven: [
      'release-signature',
      'log-inclusion',
      ...(isSeen ? (['witness-quorum'] as const) : []),
      ...(namespace === publisher ? (['namespace-evidence'] as const) : []),
    ],
    witnessed,
    attestations: [],
    advisories: [],
    lint: () => [],
  }
  if (!asks.more) return known
  const { releaseEvidence } = await import('../policy/evidence.ts')
  const { policy, quorum, now } = request
  const verified = { entry, cid: release, release: contents.release(), tools }
  const asked = { release: verified, tools: [...locked.tools.keys()], now }
  const found = await releaseEvidence(store, { policy, quorum }, asked)
  return { ...found, witnessed }
}

interface Asks {
  readonly pin: boolean
  readonly more: boolean
}

/**
 * What the rows of a namespace ask for beside what every start-up proves. Text is read again only under another policy: these very bytes
 * were judged by this one before they were locked.
 */
function asksFor({ policy, lock }: StartRequest, namespace: string): Asks {
  const rows = policy.publishers.filter((row) => row.namespace === namespace)
  return {
    pin: rows.some(({ id }) => id === undefined),
    more:
      lock.policy !== policy.digest ||
      policy.advisories.length > 0 ||
      rows.some(
        ({ attestations, require }) =>
          attestations.length > 0 || require.includes('namespace-evidence'),
      ),
  }
}

function witnessedBy(
  { quorum, now }: StartRequest,
  { isWritten, notes }: Proven,
): ReleaseEvidence['witnessed'] {
  if (isWritten) return { kind: 'own' }
  if (quorum === undefined) return { kind: 'witnesses', first: undefined, newest: undefined }
  const times = notes
    .flatMap((note) => quorumTime(quorum, note, now) ?? [])
    .toSorted((a, b) => Number(a) - Number(b))
  return { kind: 'witnesses', first: times[0], newest: times.at(-1) }
}
