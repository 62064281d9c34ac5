// What was known when the lock was written is never taken back: a store that knows less of a log, another history of it, or fewer of its
// revocations has been rolled back, or belongs to somebody who was shown something else.

import { equalBytes, fromHex, RegistryError, toHex } from '../../lib/index.ts'
import { hashReader, rootAt } from '../../log/index.ts'
import { countRevocations, type Lock } from '../../resolve/index.ts'
import type { Store } from '../../store/index.ts'
import type { Held } from './read-held.ts'
import type { Named, Proven } from './types.ts'

interface State {
  readonly size: number
  readonly root: string
}

/** Throws ROLLBACK (T1), and FORKED (T5). */
export async function assertFloor(
  store: Store,
  held: Held,
  { name, locked }: Named,
  { entry, isOwn }: Proven,
): Promise<void> {
  const { publisher, log } = locked
  const { size, root } = entry.checkpoint
  const shown: State = { size, root: toHex(root) }
  const floor = held.floor(publisher)
  const states = floor === undefined ? [shown] : [shown, floor]
  const largest = Math.max(...states.map((state) => state.size))
  if (largest < log.size) throw rolledBack(name, `${log.size} entries`, `${largest} entries`)
  const other = states.find((state) => state.size === log.size && state.root !== log.root)
  if (other !== undefined) throw forked(name, log, other)
  if (!isOwn || size <= log.size) return
  // The whole log is here: what it was then is computed, not believed.
  const then = await rootAt(log.size, hashReader(store, publisher))
  if (equalBytes(then, fromHex(log.root))) return
  throw forked(name, log, { size: log.size, root: toHex(then) })
}

/** Two readers of one log who were shown two histories, and whose lines met in one lockfile. */
export function assertOneHistory(releases: readonly Named[]): void {
  const roots = new Map<string, string>()
  for (const { name, locked } of releases) {
    const { size, root } = locked.log
    const state = `${locked.publisher} ${size}`
    const other = roots.get(state) ?? root
    if (other !== root) throw forked(name, locked.log, { size, root: other })
    roots.set(state, root)
  }
}

/** Withdrawals are only ever added (T18). */
export function assertRevocations({ revocations }: Lock, named: Named, proven: Proven): void {
  const { publisher } = named.locked
  const wanted = revocations.get(publisher) ?? 0
  const known = countRevocations(proven)
  if (known >= wanted) return
  throw rolledBack(named.name, `${wanted} revocations of ${publisher}`, `${known} revocations`)
}

function rolledBack(name: string, expected: string, got: string): RegistryError {
  return new RegistryError(
    'ROLLBACK',
    `Less is known here of the log of ${name} than when the lockfile was written.`,
    {
      expected: `at least ${expected}`,
      got,
      next: 'Learn what the lockfile knows: `registry install`. If this store was restored from a backup, that is why.',
    },
  )
}

function forked(name: string, locked: State, found: State): RegistryError {
  return new RegistryError(
    'FORKED',
    `The log of ${name} has another history here than the one in the lockfile.`,
    {
      expected: `${locked.size} entries with root ${locked.root}`,
      got: `${found.size} entries with root ${found.root}`,
      next: 'Do not use this publisher’s tools. Find out with whoever wrote the lockfile which log they were shown.',
      evidence: { locked, found },
    },
  )
}
