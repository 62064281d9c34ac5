// Proposing newer versions of what is locked. A new version never inherits an approval: only a tool whose bytes are the very same keeps
// the one it has. Nothing moves to an older version, and nothing to a range that nobody asked for.

import type { LockedRelease } from '../../resolve/index.ts'
import { diffReleases, type PublisherId, parseRelease, type Release } from '../../spec/index.ts'
import type { Store } from '../../store/index.ts'
import type { Workspace } from '../workspace.ts'
import { propose } from './add.ts'
import { findCandidates, type Seeking, type Wanted } from './candidate.ts'
import { type Desk, floorsIn } from './desk.ts'
import { getLocked } from './locked-name.ts'
import type { Proposal } from './proposal.ts'

export interface UpdateRequest {
  /** Whole names, each locked; all of them when there are none. */
  readonly names: readonly string[]
  /** Whether to leave the range that was asked for, and the major version. */
  readonly latest: boolean
}

/** One for each name, also where there is nothing new. */
export async function proposeUpdate(
  workspace: Workspace,
  desk: Desk,
  { names, latest }: UpdateRequest,
  seeking: Omit<Seeking, 'floors'>,
): Promise<readonly Proposal[]> {
  const { lock } = desk.file
  const chosen = names.length === 0 ? [...lock.releases.keys()] : names
  const locked = chosen.map((name) => ({ name, ...getLocked(lock, name) }))
  const floors = (id: PublisherId) => floorsIn(desk.file, id)
  const asking = { ...seeking, floors, ask: seeking.peers.length > 0 }
  const wanted = locked.map(
    (one): Wanted => ({
      name: one.name,
      publisher: one.publisher,
      range: latest ? undefined : rangeOf(one),
      atLeast: one.version,
    }),
  )
  const found = await findCandidates(workspace, wanted, asking)
  const proposals: Proposal[] = []
  for (const [i, one] of found.entries()) {
    const before = lock.releases.get(one.release.entry.name)
    // So that what was left out then is not asked about again.
    const old = await releaseBefore(workspace.store, before)
    const skip = new Set(Object.keys(old?.tools ?? {}))
    const range = latest ? undefined : locked[i]?.range
    const proposal = await propose(workspace, desk, one, { range, skip })
    const bindings = warnOfBindings(old, one.release.release)
    const staying = one.isHeldBack === true ? [heldBack(proposal)] : []
    proposals.push({ ...proposal, warnings: [...proposal.warnings, ...bindings, ...staying] })
  }
  return proposals
}

function heldBack({ name, before }: Proposal): Proposal['warnings'][number] {
  const message = `${name} stays at ${before?.version}: all else that fits is older, or was yanked.`
  return { kind: 'held-back', message }
}

/** Without a range of its own: what SemVer calls compatible. */
function rangeOf({ range, version }: LockedRelease): string {
  return range ?? `^${version}`
}

/** The release that is locked, where it is here. */
async function releaseBefore(
  store: Store,
  before: LockedRelease | undefined,
): Promise<Release | undefined> {
  const [bytes] = before === undefined ? [] : await store.findBlocks([before.release])
  return bytes === undefined ? undefined : parseRelease(bytes)
}

/** An approval is of what a model sees. What would be run, or reached, can change behind the very same words. */
function warnOfBindings(old: Release | undefined, now: Release): Proposal['warnings'] {
  if (old === undefined) return []
  const { changes } = diffReleases({ release: old, tools: [] }, { release: now, tools: [] })
  const text = (value: unknown): string => (value === undefined ? 'nothing' : JSON.stringify(value))
  return changes
    .filter(({ risk }) => risk === 'binding')
    .map(({ path, before, after }) => ({
      kind: 'binding',
      message: `${now.name} would be run or reached otherwise: ${path} was ${text(before)} and is ${text(after)}.`,
    }))
}
