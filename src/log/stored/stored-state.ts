// The state of a stored log, read from its newest index and its key entries instead of replaying it.

import { RegistryError } from '../../lib/index.ts'
import type { PublisherId } from '../../spec/index.ts'
import type { Store } from '../../store/index.ts'
import { parseStatement, type Statement } from '../entries/statement.ts'
import { rolesAt } from '../replay/authority.ts'
import { openAuthority, parseAuthorityBlock } from '../replay/authority-block.ts'
import { NO_NOTICES } from '../replay/notices.ts'
import type { LogState } from '../replay/state.ts'
import { originOf } from '../tree/checkpoint.ts'
import type { Names } from './names.ts'
import { corrupt, findHead, type LogHead } from './stored-head.ts'
import { readEntries } from './stored-log.ts'

export async function getHead(store: Store, publisher: PublisherId): Promise<LogHead> {
  const head = await findHead(store, publisher)
  if (head !== undefined) return head
  throw new RegistryError('NOT_FOUND', 'This store does not hold that publisher’s log.', {
    expected: `the log of ${publisher}`,
    got: 'nothing',
    next: 'Run `registry init` to make a publisher.',
  })
}

/** A state of a log, as far as it takes to go on from it. */
export type LogPosition = Pick<LogHead, 'publisher' | 'size' | 'statement' | 'index'>

export async function readState(store: Store, head: LogPosition, names: Names): Promise<LogState> {
  const { publisher, size, index } = head
  const genesis = await readStatement(store, publisher, 0)
  if (genesis.kind !== 'genesis' || genesis.publisher !== publisher) {
    throw corrupt('The first entry of this log is not its genesis.', publisher, genesis.publisher)
  }
  const bytes = await names.findState()
  const block = bytes === undefined ? undefined : parseAuthorityBlock(bytes)
  const rotations = await Promise.all(
    (block?.keys ?? []).map((seq) => readStatement(store, publisher, seq)),
  )
  const authority = openAuthority(genesis, rotations, block)
  const notices = block?.notices ?? NO_NOTICES
  const roles = rolesAt(authority, size)
  return { publisher, size, head: head.statement, index, roles, authority, notices }
}

/** One entry of a log held here in full. Throws STORE_CORRUPT where it is missing. */
export async function readStatement(
  store: Store,
  publisher: PublisherId,
  seq: number,
): Promise<Statement> {
  const [entry] = await readEntries(store, publisher, { start: seq, end: seq + 1 })
  if (entry !== undefined) return parseStatement(entry.statement)
  throw corrupt('A log entry is missing.', `entry ${seq}`, 'nothing')
}

/** A restored backup that went on would sign a second entry for a position: a fork of one's own making (T1, T5). */
export async function assertFloor(store: Store, head: LogHead): Promise<void> {
  const floor = await store.findFloor(originOf(head.publisher))
  if (floor === undefined || floor.size < head.size) return
  if (floor.size === head.size && floor.root === head.root) return
  throw new RegistryError('ROLLBACK', 'This store has lost entries of a log that it signed.', {
    expected: `size ${floor.size}, root ${floor.root}`,
    got: `size ${head.size}, root ${head.root}`,
    next: 'Do not publish from it. Restore the newest copy of the store.',
  })
}

const STEP = 1_024

/** What the head says; for a record from before it said so, what the entries say. */
export async function hasWithdrawn(
  store: Store,
  { publisher, size, withdraws }: LogHead,
): Promise<boolean> {
  if (withdraws !== undefined) return withdraws
  for (let start = 0; start < size; start += STEP) {
    const range = { start, end: Math.min(size, start + STEP) }
    const entries = await readEntries(store, publisher, range)
    if (entries.some(({ statement }) => isWithdrawal(parseStatement(statement)))) return true
  }
  return false
}

export function isWithdrawal({ kind }: { readonly kind: string }): boolean {
  return kind === 'revoke' || kind === 'yank'
}
