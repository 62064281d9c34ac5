// Proposing a release for the lockfile: found, proven, and accepted by the policy; the rest is a person’s word about each tool.

import { RegistryError } from '../../lib/index.ts'
import type { VerifiedRelease } from '../../resolve/index.ts'
import { type PublisherId, parseReference, splitName } from '../../spec/index.ts'
import type { Decision } from '../../trust/index.ts'
import { warningsOf } from '../lifecycle/warnings.ts'
import type { Workspace } from '../workspace.ts'
import { type Found, findCandidates, type Seeking } from './candidate.ts'
import {
  assertNotRefused,
  type Desk,
  floorsIn,
  publisherSaid,
  toolsBeside,
  warnOfShadows,
} from './desk.ts'
import { type Proposal, sortTools } from './proposal.ts'

export interface AddRequest {
  /** `NAME[@RANGE][#TOOL]`. */
  readonly reference: string
  /** Only these tools. */
  readonly tools?: readonly string[]
  readonly publisher?: PublisherId | undefined
}

/** Throws what finding and judging throw, NOT_FOUND for a tool that the release has not. */
export async function proposeAdd(
  workspace: Workspace,
  desk: Desk,
  { reference, tools = [], publisher }: AddRequest,
  seeking: Omit<Seeking, 'floors'>,
): Promise<Proposal> {
  const { name, range, tool } = parseReference(reference)
  assertSpokenOf(desk, name)
  const wanted = tool === undefined ? tools : [...tools, tool]
  const chosen = publisher ?? publisherSaid(desk, name)
  const floors = (id: PublisherId) => floorsIn(desk.file, id)
  const [found] = await findCandidates(workspace, [{ name, range, publisher: chosen }], {
    ...seeking,
    floors,
  })
  if (found === undefined) throw new Error('one name was asked for')
  assertTools(found.release, wanted)
  const choice = wanted.length === 0 ? {} : { tools: wanted }
  return await propose(workspace, desk, found, { range: rangeKept(range), ...choice })
}

export async function propose(
  { store }: Workspace,
  desk: Desk,
  { release, from }: Found,
  how: {
    readonly range: string | undefined
    readonly tools?: readonly string[]
    readonly skip?: ReadonlySet<string>
  },
): Promise<Proposal> {
  const { name } = release.entry
  const before = desk.file.lock.releases.get(name)
  const others = toolsBeside(desk.file, name)
  const sorted = await sortTools(store, release, before, { ...how, others })
  const locked = [...sorted.kept, ...sorted.asked.map(({ tool }) => tool.name)]
  const decision = await desk.judge(release, locked)
  const isPrompt = assertNotRefused(decision)
  return {
    name,
    before,
    release,
    range: how.range,
    from,
    ...sorted,
    isPrompt,
    error: decision.error,
    warnings: [
      ...warningsOf(release.entry),
      ...warnOfShadows(desk.file, name, locked),
      ...warningsIn(decision, release, sorted.asked),
    ],
  }
}

/** What is found in a tool that is asked about is shown with the tool. */
function warningsIn(
  { warnings }: Decision,
  { entry }: VerifiedRelease,
  asked: Proposal['asked'],
): Proposal['warnings'] {
  const shown = asked.flatMap(({ tool, findings }) =>
    findings.map(
      ({ why, excerpt }) => `${tool.name} in ${entry.name}@${entry.version}: ${why} ${excerpt}`,
    ),
  )
  return warnings
    .filter((message) => !shown.includes(message))
    .map((message) => ({ kind: 'policy', message }))
}

/** What the policy will refuse in any case is not fetched, and its namespace is not pinned. */
function assertSpokenOf({ policy, policyPath }: Desk, name: string): void {
  const { namespace } = splitName(name)
  const isOpen = policy.default === 'prompt'
  if (isOpen || policy.publishers.some((row) => row.namespace === namespace)) return
  const isAbsent = policyPath === undefined
  throw new RegistryError(
    'PUBLISHER_UNTRUSTED',
    isAbsent
      ? 'There is no trust policy here, so nothing is allowed.'
      : `The trust policy does not allow ${name}.`,
    {
      expected: `a [[publisher]] of ${namespace}${isAbsent ? ' in trust.toml' : ''}`,
      got: isAbsent ? 'no trust.toml' : 'no row for it',
      next: `Nothing was fetched. If you trust its publisher: ${isAbsent ? '`registry trust init`, then ' : ''}\`registry trust add ${namespace} --id ID\`.`,
    },
  )
}

function assertTools({ entry, tools }: VerifiedRelease, wanted: readonly string[]): void {
  const stranger = wanted.find((name) => tools.every((tool) => tool.name !== name))
  if (stranger === undefined) return
  throw new RegistryError('NOT_FOUND', `${entry.name}@${entry.version} has no tool of that name.`, {
    expected: tools.map(({ name }) => name).join(', '),
    got: stranger,
    next: 'Nothing was written. Check the name after `--tool` or `#`.',
  })
}

/** The newest is what an update looks for anyway, within what SemVer calls compatible. */
function rangeKept(range: string | undefined): string | undefined {
  return range === 'latest' ? undefined : range
}
