// What the commands over the lockfile share: which files they mean, whom they ask, and who says yes.

import { userInfo } from 'node:os'
import { resolve } from 'node:path'
import { findForbidden, RegistryError } from '../lib/index.ts'
import { createPeerBook, openPolicy, rememberedPeers } from '../node/index.ts'
import {
  type Desk,
  getLockFile,
  judgeBy,
  type LockFile,
  openLockFile,
  type Peer,
  type Workspace,
} from '../registry/index.ts'
import { type Invocation, listOption, textOption } from './command.ts'
import { dialerOf } from './dialer.ts'

const LOCKFILE = 'tools.lock.json'
const MOST_LETTERS = 100

export function lockPath(invocation: Invocation): string {
  return resolve(invocation.folder, textOption(invocation, 'lockfile') ?? LOCKFILE)
}

/** Lockfile and policy side by side; the policy’s word is asked for each release. */
export async function openDesk(
  invocation: Invocation,
  workspace: Workspace,
  { mayBeAbsent = false }: { readonly mayBeAbsent?: boolean } = {},
): Promise<Desk> {
  const { environment, folder, home } = invocation
  const path = lockPath(invocation)
  const file: LockFile = await (mayBeAbsent ? openLockFile(path) : getLockFile(path))
  const named = textOption(invocation, 'policy')
  const place = { file: named, environment, folder, home }
  const { policy, path: policyPath, quorum } = await openPolicy(place)
  return { file, policy, policyPath, judge: judgeBy(workspace, { policy, quorum }) }
}

export interface Asked extends AsyncDisposable {
  readonly peers: readonly Peer[]
  /** Whether somebody named them now. */
  readonly areNamed: boolean
}

/** Those named with `--from`, else the ones that earlier pulls succeeded from. */
export async function peersAsked(invocation: Invocation, { store }: Workspace): Promise<Asked> {
  const given = listOption(invocation, 'from')
  const areNamed = given.length > 0
  const addresses = areNamed ? given : await rememberedPeers(store)
  const book = createPeerBook(dialerOf(invocation))
  return {
    peers: book.peersAt(addresses),
    areNamed,
    [Symbol.asyncDispose]: () => book[Symbol.asyncDispose](),
  }
}

/** Who says yes, for the record in the lockfile: `--by`, else the name of whoever is logged in. */
export function approver(invocation: Invocation): string {
  const by = textOption(invocation, 'by') ?? userName()
  const forbidden = findForbidden(by)
  if (by !== '' && by.length <= MOST_LETTERS && forbidden === undefined) return by
  throw new RegistryError('USAGE', 'This is no name to approve under.', {
    expected: `1 to ${MOST_LETTERS} visible characters after --by`,
    got: forbidden?.what ?? (by === '' ? 'nothing' : `${by.length} characters`),
    next: 'Give the name that your colleagues know you by.',
  })
}

function userName(): string {
  try {
    return userInfo().username
  } catch {
    // A container may run under an id that has no name.
    return process.getuid?.()?.toString() ?? 'somebody'
  }
}
