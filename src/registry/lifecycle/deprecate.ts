// Deprecating: the version goes on as it is, with a warning that may name what to use instead. One-way, in one set of words.

import { RegistryError } from '../../lib/index.ts'
import { appendEntry } from '../append.ts'
import type { Workspace } from '../workspace.ts'
import { findOwnVersion } from './subject.ts'
import type { Withdrawn } from './yank.ts'

/** `reference` is NAME@VERSION. Throws USAGE, NOT_FOUND, LIFECYCLE_INVALID for other words than before, and what `appendEntry` throws. */
export async function deprecate(
  workspace: Workspace,
  reference: string,
  {
    message,
    successor,
    keys,
  }: {
    readonly message?: string | undefined
    /** `NAME[@RANGE]`. */
    readonly successor?: string | undefined
    readonly keys?: readonly string[] | undefined
  },
): Promise<Withdrawn> {
  const own = await findOwnVersion(workspace.store, reference)
  const { name, version, subject } = own
  const before = own.status.deprecated
  const isSaid = before?.message === message && before?.successor === successor
  if (before !== undefined && !isSaid) throw otherWords(`${name}@${version}`, before)
  const appended = await appendEntry(
    workspace,
    () =>
      before === undefined
        ? { kind: 'deprecate', name, version, subject, message, successor }
        : { kind: 'said', seq: before.seq },
    { keys },
  )
  return { ...appended, name, version, subject }
}

function otherWords(
  what: string,
  before: { readonly message?: string; readonly successor?: string },
): RegistryError {
  const { message = 'no message', successor = 'no successor' } = before
  return new RegistryError('LIFECYCLE_INVALID', `${what} is deprecated already, in other words.`, {
    expected: `${message}; ${successor}`,
    got: 'other words',
    next: 'What a log has said stays said. Release a new version, or yank this one.',
  })
}
