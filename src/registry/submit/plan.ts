// From a proven head to the statements that follow it: which releases are new, what the index is after each of them, signed. The index is
// computed from the nodes on the way to each name; whoever hands out other nodes is noticed, for they hash to another root.

import { type Cid, cidOf } from '../../cid/index.ts'
import {
  alternativesFor,
  findVersion,
  type History,
  historyAfter,
  historyBlock,
  makeStatement,
  updateIndex,
} from '../../log/index.ts'
import {
  readPath,
  type SignedStatement,
  type Source,
  type VerifiedHead,
  verifyOffer,
} from '../../resolve/index.ts'
import type { splitToolkit } from '../../spec/index.ts'
import { signStatement } from '../../trust/index.ts'
import type { Keyring } from '../publisher/keyring.ts'
import type { Running } from '../workspace.ts'

export type Split = ReturnType<typeof splitToolkit>

/** Which keys here sign an entry: those that the log asks for, or exactly the ones named. */
export interface Sign {
  readonly keyring: Keyring
  readonly keys?: readonly string[] | undefined
}

export interface Plan {
  /** What the log does not say yet, in order, and the statements that say it. */
  readonly releases: readonly Split[]
  readonly entries: readonly SignedStatement[]
}

/**
 * Undefined when the log has grown since the head was read. Throws VERSION_EXISTS for a version that is there with other content,
 * SIGNER_UNAUTHORIZED or KEY_MISSING when the keys here may not sign, and what `verifyOffer` throws for a path that does not hold.
 */
export async function planReleases(
  source: Source,
  head: VerifiedHead,
  { splits, sign }: { readonly splits: readonly Split[]; readonly sign: Sign },
  running: Running,
): Promise<Plan | undefined> {
  const nodes = new Map<Cid, Uint8Array>()
  const histories = new Map<string, History | undefined>()
  for (const name of new Set(splits.map((split) => split.name))) {
    const path = await readPath(source, { ...head, root: head.newest.index, name }, running)
    if (path === undefined) return undefined
    const offer = verifyOffer(head, name, path)
    histories.set(name, offer && { kind: 'history/v1', name, versions: offer.versions })
    for (const bytes of path) nodes.set(cidOf(bytes), bytes)
  }
  const releases: Split[] = []
  const entries: Promise<SignedStatement>[] = []
  let { seq, cid: prev, index } = head.newest
  for (const split of splits) {
    const { name, version, release } = split
    const action = { kind: 'release' as const, name, version, subject: release.cid }
    const before = histories.get(name)
    if (findVersion(before, version)?.release === release.cid) continue
    seq += 1
    const after = historyAfter(before, action, seq)
    const entry = { name, history: historyBlock(after).cid }
    const update = await updateIndex(index, [entry], async (cids) =>
      cids.map((cid) => nodes.get(cid)),
    )
    for (const { cid, bytes } of update.added) nodes.set(cid, bytes)
    index = update.root
    const statement = makeStatement(action, { publisher: head.publisher, seq, prev, index })
    prev = statement.cid
    histories.set(name, after)
    releases.push(split)
    const alternatives = alternativesFor(head.authority, action, seq)
    const signers = await sign.keyring.signersFor(alternatives, sign.keys)
    const bundles = Promise.all(signers.map((signer) => signStatement(statement.bytes, signer)))
    entries.push(bundles.then((made) => ({ statement: statement.bytes, bundles: made })))
  }
  return { releases, entries: await Promise.all(entries) }
}
