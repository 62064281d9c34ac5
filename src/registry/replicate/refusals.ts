// The words for peers that give something else than they were asked for.

import type { Cid } from '../../cid/index.ts'
import { isRegistryError, RegistryError } from '../../lib/index.ts'
import type { Floor } from '../../store/index.ts'

/** Other bytes than asked for have another hash: there is no telling what they were to be. */
export function unasked(got: Cid): RegistryError {
  return new RegistryError('HASH_MISMATCH', 'This block is none that was asked for.', {
    expected: 'bytes that hash to a CID that was asked for',
    got,
    next: 'Nothing of it was stored. Ask another peer, and distrust this one.',
  })
}

export function repeated(got: Cid): RegistryError {
  return new RegistryError('PEER_MISBEHAVED', 'This block came a second time.', {
    expected: 'each block once',
    got,
    next: 'Ask another peer.',
  })
}

export function tooMany(label: string, to: number): RegistryError {
  return new RegistryError('PEER_MISBEHAVED', `${label} sent more entries than its log has.`, {
    expected: `${to} entries`,
    got: 'more',
    next: 'Nothing of them was stored. Ask another peer.',
  })
}

/** The rule that was broken, and by which entry. */
export function ofEntry(seq: number, cause: unknown): unknown {
  if (!isRegistryError(cause)) return cause
  const { code, message, details } = cause
  return new RegistryError(code, `Entry ${seq} of the log: ${message}`, { ...details, cause })
}

export function over(label: string): RegistryError {
  return new RegistryError(
    'CLOSED',
    `The log from ${label} has been fetched, or refused, before.`,
    {
      expected: 'one call at a time, and none after the end',
      got: 'another one',
      next: 'Open it again with what the peer shows now.',
    },
  )
}

export function unproven(label: string, expected: string, got: string): RegistryError {
  return new RegistryError('PROOF_INVALID', `${label} does not prove what its log grew from.`, {
    expected,
    got,
    next: 'Nothing of it was stored. Ask another peer.',
  })
}

/** Entries that are each signed by who may, and are not the ones whose root was signed. */
export function otherEntries(label: string, expected: string, got: string): RegistryError {
  return new RegistryError(
    'PROOF_INVALID',
    `${label} sent other entries than the log it shows has.`,
    {
      expected: `root ${expected}`,
      got: `root ${got}`,
      next: 'Nothing of them is shown here. Ask another peer.',
    },
  )
}

/** Somebody else has more of what only this node can write: its store was set back, or its log key is in other hands. */
export function ownLog(label: string, expected: number, got: number): RegistryError {
  return new RegistryError('ROLLBACK', `${label} shows more of this node’s own log than it has.`, {
    expected: `at most ${expected} entries, as they are here`,
    got: `${got} entries`,
    next: 'Do not publish from this store. Restore its newest copy; if this is it, the log key is in other hands.',
  })
}

export function contradicted(label: string, size: number): RegistryError {
  return new RegistryError(
    'PROOF_INVALID',
    'What was fetched of this log is not in the log shown.',
    {
      expected: `a log that begins with the ${size} entries on their way here`,
      got: `another one, from ${label}`,
      next: 'What was on its way is forgotten. Ask again: the log is fetched from where it stands here.',
    },
  )
}

export function belowFloor(expected: number, got: number): RegistryError {
  return new RegistryError('ROLLBACK', 'More of this log was accepted here meanwhile.', {
    expected: `at least ${expected} entries`,
    got: `${got} entries`,
    next: 'Ask a peer that has the newest state of the log.',
  })
}

export function unprovenFork(floor: Floor, got: string): RegistryError {
  return new RegistryError('FORKED', 'This log shows another history than the one accepted here.', {
    expected: `${floor.size} entries with root ${floor.root}`,
    got: `root ${got}`,
    next: 'Do not use this publisher’s tools until it has explained itself; keep both heads as proof.',
  })
}
