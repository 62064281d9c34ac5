// Bringing here what is locked, from whoever has it. Every release must be the locked one in every respect, or it is refused; the lock
// is never changed. What is held and proven is not fetched again, so a cut costs what was under way.

import { isRegistryError, RegistryError } from '../../lib/index.ts'
import {
  compareLocked,
  type LockDifference,
  type LockedRelease,
  type VerifiedRelease,
} from '../../resolve/index.ts'
import { warningsOf } from '../lifecycle/warnings.ts'
import { readVerified, resolveLocal } from '../local.ts'
import type { Peer } from '../peers.ts'
import { pull } from '../pull.ts'
import type { Running, Workspace } from '../workspace.ts'
import { holdLocked } from './hold.ts'
import type { LockFile } from './lock-file.ts'
import { assertLockFloor } from './lock-floor.ts'

export interface Installed {
  readonly name: string
  readonly version: string
  /** Undefined where nothing had to be fetched. */
  readonly from: string | undefined
  /** Blocks that came over the wire. */
  readonly fetched: number
  readonly warnings: readonly { readonly kind: string; readonly message: string }[]
}

/** Throws NOTHING_TO_VERIFY for an empty lock, LOCK_MISMATCH, and what `pull` throws. Releases before the failing one stay. */
export async function installLocked(
  workspace: Workspace,
  { path, lock }: LockFile,
  peers: readonly Peer[],
  running: Running = {},
): Promise<readonly Installed[]> {
  const { size: total } = lock.releases
  if (total === 0) {
    throw new RegistryError('NOTHING_TO_VERIFY', `Nothing is locked in ${path}.`, {
      expected: 'at least one release',
      got: 'none',
      next: 'Add one: `registry add NAME`.',
    })
  }
  await holdLocked(workspace.store, path, lock)
  const installed: Installed[] = []
  for (const [name, locked] of lock.releases) {
    running.onProgress?.({ what: 'installed', done: installed.length, total })
    installed.push(await install(workspace, { name, locked, peers }, running))
  }
  return installed
}

async function install(
  workspace: Workspace,
  { name, locked, peers }: { name: string; locked: LockedRelease; peers: readonly Peer[] },
  running: Running,
): Promise<Installed> {
  const { version, publisher, log } = locked
  const held = await findHeld(workspace, name, locked)
  if (held !== undefined) {
    assertLocked(name, locked, held)
    await assertLockFloor(workspace.store, held, [log], { peers, from: undefined })
    return { name, version, from: undefined, fetched: 0, warnings: warningsOf(held.entry) }
  }
  const request = { reference: `${name}@${version}`, peers, publisher, use: 'held' as const }
  const { release, from, fetched } = await pull(workspace, request, running)
  assertLocked(name, locked, release)
  await assertLockFloor(workspace.store, release, [log], { ...running, peers, from })
  return { name, version, from, fetched, warnings: warningsOf(release.entry) }
}

/** Undefined for what peers can be asked for: it is not here, not whole, or in a state of the log that the lock has seen more of. */
async function findHeld(
  { store }: Workspace,
  name: string,
  { version, publisher, log }: LockedRelease,
): Promise<VerifiedRelease | undefined> {
  try {
    const entry = await resolveLocal(store, { name, range: version, publisher })
    const release = await readVerified(store, entry)
    return entry.checkpoint.size < log.size ? undefined : release
  } catch (error) {
    if (isRegistryError(error, 'NOT_FOUND')) return undefined
    throw error
  }
}

/** Throws LOCK_MISMATCH. Tools of the release that nobody has locked are no difference. */
function assertLocked(name: string, locked: LockedRelease, release: VerifiedRelease): void {
  const [first] = differencesOf(locked, release)
  if (first === undefined) return
  const what = 'tool' in first ? `The tool ${first.tool}` : `The ${first.kind}`
  throw new RegistryError(
    'LOCK_MISMATCH',
    `${what} of ${name}@${locked.version} is not the locked one.`,
    {
      expected: first.locked,
      got: first.found,
      next: 'Do not use it. A publisher cannot change a version: find out who has changed the lockfile, or which peer lies.',
    },
  )
}

export function differencesOf(
  locked: LockedRelease,
  release: VerifiedRelease,
): readonly LockDifference[] {
  return compareLocked(locked, release).filter(({ kind }) => kind !== 'tool-added')
}
