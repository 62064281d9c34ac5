// Replaying a log: what its entries, in order, amount to, and who may write the next one. Pure.
// Authority is judged by position in the log, never by a claimed time (T17).

import type { Cid } from '../cid/index.ts'
import { RegistryError } from '../lib/index.ts'
import type { PublisherId } from '../spec/index.ts'
import type { Role, Roles } from './roles.ts'
import type { Statement } from './statement.ts'

export interface LogState {
  readonly publisher: PublisherId
  /** Entries so far. */
  readonly size: number
  /** The newest statement. */
  readonly head: Cid
  /** Root of the index map. */
  readonly index: Cid
  readonly roles: Roles
}

/**
 * The state after one more entry. Throws SEQUENCE_INVALID unless it names this log (replay, T8), comes right after the last
 * entry (gaps and fast-forward, T3) and builds on that very statement.
 */
export function applyEntry(state: LogState | undefined, statement: Statement): LogState {
  const { publisher, seq, cid: head, index } = statement
  if (state === undefined) {
    if (statement.kind !== 'genesis')
      throw outOfOrder('a genesis', `a ${statement.kind} with seq ${seq}`)
    return Object.freeze({ publisher, size: 1, head, index, roles: statement.roles })
  }
  if (statement.kind === 'genesis')
    throw outOfOrder(`an entry with seq ${state.size}`, 'another genesis')
  if (publisher !== state.publisher) throw outOfOrder(`publisher ${state.publisher}`, publisher)
  if (seq !== state.size) throw outOfOrder(`seq ${state.size}`, `seq ${seq}`)
  if (statement.prev !== state.head)
    throw outOfOrder(`prev ${state.head}`, `prev ${statement.prev}`)
  return Object.freeze({ ...state, size: state.size + 1, head, index })
}

/** The role that must have signed: a genesis is signed by the root it names, a release by the release role in force. */
export function authorityFor(
  state: Pick<LogState, 'roles'> | undefined,
  statement: Statement,
): Role {
  if (statement.kind === 'genesis') return statement.roles.root
  if (state !== undefined) return state.roles.release
  throw outOfOrder('a genesis', `a ${statement.kind} with seq ${statement.seq}`)
}

function outOfOrder(expected: string, got: string): RegistryError {
  return new RegistryError(
    'SEQUENCE_INVALID',
    'This entry does not follow in the publisher’s log.',
    {
      expected,
      got,
      next: 'Do not use it. Ask another peer; if the answer is the same, tell the publisher.',
    },
  )
}
