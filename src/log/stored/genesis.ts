// The first entry of a log. Its statement’s hash is the publisher’s id.

import type { PublisherId } from '../../spec/index.ts'
import type { Change, Store } from '../../store/index.ts'
import { type Signer, signStatement as signBundle } from '../../trust/index.ts'
import type { Roles } from '../entries/roles.ts'
import { makeGenesis } from '../entries/statement.ts'
import { EMPTY_INDEX } from '../map/index-node.ts'
import { applyEntry, authorityFor } from '../replay/state.ts'
import { draftAppend } from './append.ts'
import { assertSigners, type SignStatement } from './signing.ts'

/** A log's first entry, as a change. The caller holds no publisher before it is committed. */
export async function draftGenesis({
  store,
  roles,
  created,
  rootSigner,
  logSigner,
  nextKeyHashes,
  signStatement = signBundle,
}: {
  readonly store: Store
  readonly roles: Roles
  readonly created?: string
  /** Pre-rotation: the sha-256 of the SPKIs of the root keys to come. */
  readonly nextKeyHashes?: readonly string[]
  readonly rootSigner: Signer | readonly Signer[]
  readonly logSigner: Signer
  readonly signStatement?: SignStatement
}): Promise<{ readonly publisher: PublisherId; readonly change: Change }> {
  const genesis = makeGenesis({ roles, created, nextKeyHashes })
  const statement = genesis.bytes
  const state = applyEntry(undefined, genesis)
  const signers = 'key' in rootSigner ? [rootSigner] : rootSigner
  assertSigners(signers, authorityFor(undefined, genesis), 'genesis')
  const bundles = await Promise.all(signers.map((signer) => signStatement(statement, signer)))
  const entries = [{ cid: state.head, statement, bundles }]
  const index = { added: [EMPTY_INDEX], removed: [] }
  const append = { store, head: undefined, state, entries, withdraws: false, index, logSigner }
  const change = await draftAppend(append)
  return { publisher: state.publisher, change }
}
