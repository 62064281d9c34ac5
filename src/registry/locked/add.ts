// Proposing a release for the lockfile: found, proven, and accepted by the policy; the rest is a person’s word about each tool.

import { RegistryError } from '../../lib/index.ts'
import type { VerifiedRelease } from '../../resolve/index.ts'
import { type PublisherId, parseReference } from '../../spec/index.ts'
import { warningsOf } from '../lifecycle/warnings.ts'
import type { NameWarning } from '../near-names.ts'
import type { Workspace } from '../workspace.ts'
import { type Found, findCandidates, type Seeking } from './candidate.ts'
import { type Desk, floorsIn, publisherSaid, toolsBeside } from './desk.ts'
import { type Proposal, sortTools } from './proposal.ts'

export interface AddRequest {
  /** `NAME[@RANGE][#TOOL]`. */
  readonly reference: string
  /** Only these tools. */
  readonly tools?: readonly string[]
  readonly publisher?: PublisherId | undefined
  /** About the name, from before it was known here. */
  readonly nameWarnings?: readonly NameWarning[]
}

/** Throws what finding and judging throw, NOT_FOUND for a tool that the release has not. */
export async function proposeAdd(
  workspace: Workspace,
  desk: Desk,
  { reference, tools = [], publisher, nameWarnings = [] }: AddRequest,
  seeking: Omit<Seeking, 'floors'>,
): Promise<Proposal> {
  const { name, range, tool } = parseReference(reference)
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
  const proposal = await propose(workspace, desk, found, { range: rangeKept(range), ...choice })
  return { ...proposal, warnings: [...nameWarnings, ...proposal.warnings] }
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
  const { isPrompt, error, warnings } = await desk.judge(release, locked)
  return {
    name,
    before,
    release,
    range: how.range,
    from,
    ...sorted,
    isPrompt,
    error,
    warnings: [...warningsOf(release.entry), ...warnings],
  }
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
