// From verified releases to locked ones, and back: what a lockfile says of a release, and how that differs from another one. Pure.

import { toHex } from '../../lib/index.ts'
import type { VerifiedRelease } from '../verified.ts'
import type { Approval, Lock, LockedRelease, LockedTool } from './lock.ts'

/** `approved` answers who has approved which CID under a tool's name; an approval of another CID is not carried over. */
export function lockRelease(
  { entry, cid, tools }: VerifiedRelease,
  approved: (toolName: string) => Approval | undefined,
): LockedRelease {
  const { version, publisher, statement, position, checkpoint } = entry
  const { size, root } = checkpoint
  const locked = tools.map(({ name, cid: tool, surface }): [string, LockedTool] => {
    const approval = approved(name)
    const isApproved = approval?.cid === tool
    return [name, { cid: tool, surface, ...(isApproved ? { approved: approval } : {}) }]
  })
  return {
    version,
    release: cid,
    publisher,
    statement,
    log: { index: position, size, root: toHex(root) },
    tools: new Map(locked),
  }
}

/** How many blocks a publisher is known to have withdrawn: the count under `revocations`. It only grows. */
export function countRevocations({ entry }: Pick<VerifiedRelease, 'entry'>): number {
  return entry.notices.revoked.size + entry.notices.tombstones.size
}

/** The lock with this release under its name, and what is known of its publisher raised. */
export function withLocked(lock: Lock, release: VerifiedRelease, locked: LockedRelease): Lock {
  const { name, publisher } = release.entry
  const known = Math.max(lock.revocations.get(publisher) ?? 0, countRevocations(release))
  return withoutStrays({
    ...lock,
    releases: new Map(lock.releases).set(name, locked),
    revocations: new Map(lock.revocations).set(publisher, known),
  })
}

export function withoutLocked(lock: Lock, name: string): Lock {
  const releases = new Map(lock.releases)
  releases.delete(name)
  return withoutStrays({ ...lock, releases })
}

/** Nothing is remembered of publishers nothing is used of. */
function withoutStrays(lock: Lock): Lock {
  const used = new Set([...lock.releases.values()].map(({ publisher }) => publisher))
  const revocations = new Map([...lock.revocations].filter(([publisher]) => used.has(publisher)))
  return { ...lock, revocations }
}

/** One thing that the lock and a release say differently. */
export type LockDifference =
  | {
      readonly kind: 'version' | 'release' | 'publisher' | 'statement' | 'position'
      readonly locked: string
      readonly found: string
    }
  /** `tool-hidden`: other bytes, but a model sees the same. */
  | {
      readonly kind: 'tool-added' | 'tool-removed' | 'tool-changed' | 'tool-hidden'
      readonly tool: string
      readonly locked: string
      readonly found: string
    }

/** Empty when the release is the locked one in every respect. The state of the log that it was seen in may be a later one. */
export function compareLocked(
  locked: LockedRelease,
  { entry, cid, tools }: VerifiedRelease,
): readonly LockDifference[] {
  const pairs = [
    ['publisher', locked.publisher, entry.publisher],
    ['version', locked.version, entry.version],
    ['release', locked.release, cid],
    ['statement', locked.statement, entry.statement],
    ['position', String(locked.log.index), String(entry.position)],
  ] as const
  const fields = pairs
    .filter(([, before, now]) => before !== now)
    .map(([kind, before, found]): LockDifference => ({ kind, locked: before, found }))
  const found = new Map(tools.map((tool) => [tool.name, tool]))
  const names = [...new Set([...locked.tools.keys(), ...found.keys()])].toSorted()
  return [
    ...fields,
    ...names.flatMap((tool) => compareTool(tool, locked.tools.get(tool), found.get(tool))),
  ]
}

function compareTool(
  tool: string,
  locked: LockedTool | undefined,
  found: LockedTool | undefined,
): readonly LockDifference[] {
  if (locked === undefined) {
    return [{ kind: 'tool-added', tool, locked: 'no such tool', found: found?.cid ?? 'none' }]
  }
  if (found === undefined) {
    return [{ kind: 'tool-removed', tool, locked: locked.cid, found: 'no such tool' }]
  }
  if (locked.surface !== found.surface) {
    return [{ kind: 'tool-changed', tool, locked: locked.surface, found: found.surface }]
  }
  if (locked.cid === found.cid) return []
  return [{ kind: 'tool-hidden', tool, locked: locked.cid, found: found.cid }]
}
