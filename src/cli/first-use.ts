// The first use of a namespace, on a terminal: the person sees who claims it and decides. Without a terminal nobody is asked, and
// the claim is an error that names the claimants.

import { isRegistryError, type RegistryError } from '../lib/index.ts'
import { listEvidence, type Peer, type Pulled, pull, type Workspace } from '../registry/index.ts'
import type { WitnessPolicy } from '../resolve/index.ts'
import { isPublisherId, type PublisherId } from '../spec/index.ts'
import type { Invocation } from './command.ts'
import { safe } from './terminal.ts'

export interface Wanted {
  readonly reference: string
  readonly peers: readonly Peer[]
  readonly publisher: PublisherId | undefined
  readonly witnesses: WitnessPolicy | undefined
  readonly allAttestations?: boolean
}

/**
 * A pull that may ask whom the namespace belongs to. Asked between two attempts, so that no peer waits for a person; only about
 * a single claimant, since a choice among several is made by comparing ids, not by a yes.
 */
export async function pullAsking(
  { terminal, signal, confirm }: Invocation,
  workspace: Workspace,
  wanted: Wanted,
): Promise<Pulled> {
  const running = { signal, onProgress: terminal.progress }
  try {
    return await pull(workspace, wanted, running)
  } catch (error) {
    const claim = claimIn(error)
    if (claim === undefined) throw error
    const lines = [...describe(claim), ...(await evidenceLines(workspace, claim))]
    if ((await confirm(lines, QUESTION)) !== true) throw error
    const { publisher } = claim
    return await pull(workspace, { ...wanted, publisher, chosenBy: 'prompt' }, running)
  }
}

interface Claim {
  readonly namespace: string
  readonly publisher: PublisherId
  readonly from: string
}

const QUESTION = 'Is that the id the publisher gives for itself?'

function describe({ namespace, publisher, from }: Claim): readonly string[] {
  return [
    `No publisher is pinned to ${safe(namespace)} here.`,
    `  publisher  ${publisher}`,
    `  claimed    to ${safe(from)}, by releases under that namespace`,
  ]
}

/** What this node found when it asked the domain; it may speak against the claim. */
async function evidenceLines(
  { store }: Workspace,
  { namespace, publisher }: Claim,
): Promise<readonly string[]> {
  const lines: string[] = []
  for await (const { evidence } of listEvidence(store, namespace)) {
    const named = evidence.publisher === publisher ? 'this id' : `ANOTHER ID, ${evidence.publisher}`
    lines.push(`  evidence   ${safe(evidence.where)} named ${named} (${safe(evidence.checkedAt)})`)
  }
  return lines.length > 0 ? lines : ['  evidence   none here: anybody can claim any namespace']
}

function claimIn(error: unknown): Claim | undefined {
  if (!isRegistryError(error, 'PUBLISHER_UNPINNED')) return undefined
  const { namespace, claimants, from } = evidenceOf(error)
  const [publisher, ...others] = Array.isArray(claimants) ? claimants : []
  if (!isPublisherId(publisher) || others.length > 0) return undefined
  if (typeof namespace !== 'string' || typeof from !== 'string') return undefined
  return { namespace, publisher, from }
}

function evidenceOf({ details }: RegistryError): Readonly<Record<string, unknown>> {
  const { evidence } = details
  return typeof evidence === 'object' && evidence !== null ? { ...evidence } : {}
}
