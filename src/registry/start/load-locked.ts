// What an agent does first (docs/architecture.md, "Verify at agent start"): from lockfile, policy and store to tools that are proven and frozen,
// or to the first failure, in a fixed order. Offline: it waits for the store and for arithmetic, never for a network.

import { isRegistryError, RegistryError } from '../../lib/index.ts'
import { assertNotForked, assertUsable, countRevocations, forkKey } from '../../resolve/index.ts'
import type { Store } from '../../store/index.ts'
import { loadVerifier } from '../../trust/index.ts'
import { withdrawableOf } from '../withdrawable.ts'
import { assertFloor, assertOneHistory, assertRevocations } from './assert-floors.ts'
import { checkContents } from './check-contents.ts'
import { type Judged, openJudge, throwFirst, warningsOfJudged } from './judge.ts'
import { keepSound } from './known-sound.ts'
import { lazily } from './lazily.ts'
import { openPulled, prove } from './prove.ts'
import { openOwnLogs } from './prove-own.ts'
import { findLogs, type Held, readBlocks, readHeld } from './read-held.ts'
import type { Contents, LoadedTool, Named, Proven, StartRequest } from './types.ts'
import { visibleNames } from './visible-names.ts'

/** Everything about one locked release, as far as it has come. */
interface Subject {
  readonly named: Named
  readonly proven: Proven
  readonly contents: Contents
  readonly tools: readonly LoadedTool[]
}

/**
 * Throws NOTHING_TO_VERIFY for an empty lock, LOCK_MISMATCH, UNAPPROVED, TOOL_SHADOWED, what the policy refuses, ROLLBACK, REVOKED, FORKED, STALE,
 * and whatever verification finds. No tool is returned then. Deeply frozen; in the order of the lock.
 */
export async function loadLocked(
  store: Store,
  request: StartRequest,
): Promise<readonly LoadedTool[]> {
  const releases = releasesOf(request)
  assertFrozen(request)
  const logs = await findLogs(store, releases)
  const [own, pulled] = split(releases, ({ locked }) => logs.has(locked.publisher))
  // Logs are read while the rest is; what fails is told in its turn.
  const opening = awaited(openOwnLogs(store, own))
  const held = await readHeld(store, releases, pulled)
  const witnesses = { own: await opening, pulled: openPulled(await loadVerifier(store), held) }
  const reading = awaited(readBlocks(store, releases))
  // Arithmetic begins on other threads before this one hashes; its failures count in their turn.
  const proving = releases.map((named) => {
    const isOwn = logs.has(named.locked.publisher)
    return awaited(prove(isOwn ? witnesses.own : witnesses.pulled, named))
  })
  const blocks = await reading
  const contents = blocks.map((of) => checkContents(of, held.sound.has(of.named)))
  const visible = visibleNames(releases, request.names)
  const subjects: Subject[] = []
  for (const [i, named] of releases.entries()) {
    const proven = await proving[i]
    const content = contents[i]
    if (proven !== undefined && content !== undefined) {
      const tools = toolsOf({ named, proven, contents: content }, visible)
      subjects.push({ named, proven, contents: content, tools })
    }
  }
  await assertTrusted(store, held, request, subjects)
  await remember(store, held, releases)
  return Object.freeze(subjects.flatMap(({ tools }) => tools))
}

/** For the next start. A disk that takes nothing is no reason not to begin. */
async function remember(store: Store, held: Held, releases: readonly Named[]): Promise<void> {
  try {
    await (await loadVerifier(store)).remember()
    await keepSound(store, releases, held.sound)
  } catch (error) {
    if (!isRegistryError(error)) throw error
  }
}

function releasesOf({ lock }: StartRequest): readonly Named[] {
  if (lock.releases.size > 0) return [...lock.releases].map(([name, locked]) => ({ name, locked }))
  throw new RegistryError('NOTHING_TO_VERIFY', 'The lockfile locks no tool, so none is verified.', {
    expected: 'at least one release in the lockfile',
    got: 'none',
    next: 'Begin with `registry add NAME`.',
  })
}

/** For CI: a policy that was changed after the lock was written has not been asked about what was approved. */
function assertFrozen({ frozen, lock, policy }: StartRequest): void {
  if (frozen !== true || lock.policy === policy.digest) return
  throw new RegistryError(
    'LOCK_OUTDATED',
    'The lockfile was written under another trust policy, and it is frozen.',
    {
      expected: lock.policy ?? 'the digest of a policy in the lockfile',
      got: policy.digest,
      next: 'Run `registry update` where a person can look, and commit the lockfile with the policy.',
    },
  )
}

function split<T>(items: readonly T[], isFirst: (item: T) => boolean): readonly [T[], T[]] {
  return [items.filter(isFirst), items.filter((item) => !isFirst(item))]
}

/** Whoever waits for it gets the error, however late. */
function awaited<T>(promise: Promise<T>): Promise<T> {
  promise.catch(() => undefined)
  return promise
}

/** The steps after signature and inclusion, each for all releases before the next one. */
async function assertTrusted(
  store: Store,
  held: Held,
  request: StartRequest,
  subjects: readonly Subject[],
): Promise<void> {
  const judged = await Promise.all(subjects.map(openJudge(store, request)))
  throwFirst(judged, 'signers')
  for (const { named } of subjects) {
    const { publisher } = named.locked
    if (held.record(forkKey(publisher)) !== undefined) await assertNotForked(store, publisher)
  }
  assertOneHistory(subjects.map(({ named }) => named))
  throwFirst(judged, 'quorum')
  for (const { named, contents, proven } of subjects) {
    const { entry } = proven
    // Most publishers have taken nothing back.
    if (countRevocations(proven) === 0) continue
    const release = contents.mayHaveArtifacts() ? contents.release() : {}
    const blocks = withdrawableOf({ cid: entry.release, release, tools: contents.tools })
    assertUsable(`${named.name}@${named.locked.version}`, blocks, entry.notices)
  }
  throwFirst(judged, 'content')
  for (const { named, proven } of subjects) {
    await assertFloor(store, held, named, proven)
    assertRevocations(request.lock, named, proven)
  }
  throwFirst(judged, 'time')
  tellAll(request, judged)
}

function tellAll({ warn }: StartRequest, judged: readonly Judged[]): void {
  if (warn === undefined) return
  for (const warning of judged.flatMap(warningsOfJudged)) warn(warning)
}

function toolsOf(
  { named, contents, proven }: Omit<Subject, 'tools'>,
  visible: (release: string, tool: string) => string,
): readonly LoadedTool[] {
  const { name } = named
  const { version, publisher, release: cid } = proven.entry
  const release = lazily({ name, version, publisher, cid }, 'release', contents.release)
  return contents.tools.map(({ name: own, cid, surface, read }) => {
    const known = { name: own, cid, surface, visibleName: visible(name, own), release }
    return lazily(known, 'tool', read)
  })
}
