// What one more entry changes in a log's names and in the state beside them, and whether it says so itself. Signatures are not looked at.

import type { Cid } from '../../cid/index.ts'
import { RegistryError } from '../../lib/index.ts'
import type { Action } from '../entries/actions.ts'
import type { Statement } from '../entries/statement.ts'
import { authorityAfter } from '../replay/authority.ts'
import {
  findVersion,
  type History,
  historyAfter,
  isNamed,
  type NamedAction,
} from '../replay/history.ts'
import { noticesAfter } from '../replay/notices.ts'
import { saysNothing } from '../replay/refusals.ts'
import { applyEntry, type LogState } from '../replay/state.ts'
import type { Names, NamesChange } from './names.ts'

export type Entry = Exclude<Action, { readonly kind: 'genesis' }>

/** What the action changes, or where the log has said it before. Throws what it cannot say, before anything is touched. */
export async function changeOf(
  action: Entry,
  state: LogState,
  names: Names,
): Promise<NamesChange | { readonly saidAt: number }> {
  const seq = state.size
  const authority = authorityAfter(state.authority, action, seq)
  const notices = noticesAfter(state.notices, action, seq)
  return await changeBetween(state, { authority, notices }, action, names)
}

async function changeBetween(
  before: LogState,
  { authority, notices }: Pick<LogState, 'authority' | 'notices'>,
  action: Entry,
  names: Names,
): Promise<NamesChange | { readonly saidAt: number }> {
  const isChanged = authority !== before.authority || notices !== before.notices
  const state = isChanged ? { authority, notices } : undefined
  if (!isNamed(action)) return { state }
  const known = await names.find(action.name)
  const history = historyAfter(known, action, before.size)
  return history === known ? { saidAt: saidAt(known, action) } : { history, state }
}

/**
 * An entry made elsewhere: the state after it, with its names set. Throws what `applyEntry` and `changeOf` throw, LIFECYCLE_INVALID for what the
 * log has said before, PROOF_INVALID for another index than the one it leads to; then the names are used up.
 */
export async function followEntry(
  entry: Statement,
  state: LogState | undefined,
  names: Names,
): Promise<LogState> {
  const next = applyEntry(state, entry)
  // A genesis changes nothing: its index is the empty one, or it would not have parsed.
  if (state === undefined || entry.kind === 'genesis') return next
  const change = await changeBetween(state, next, entry, names)
  if ('saidAt' in change) throw saysNothing(entry)
  const root = await names.set(change)
  if (root !== entry.index) throw wrongIndex(root, entry.index)
  return next
}

/** The position of the entry that said this first. */
function saidAt(history: History | undefined, action: NamedAction): number {
  const version = findVersion(history, action.version)
  if (action.kind === 'deprecate') return version?.deprecated?.seq ?? 0
  if (action.kind === 'yank') return version?.yanked?.seq ?? 0
  return version?.seq ?? 0
}

function wrongIndex(expected: Cid, got: Cid): RegistryError {
  return new RegistryError('PROOF_INVALID', 'The index root does not follow from the entries.', {
    expected,
    got,
    next: 'Do not use it. Whoever signed it has another view of the log.',
  })
}
