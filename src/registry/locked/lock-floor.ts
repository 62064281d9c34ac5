// The states of a log that a lockfile has seen are floors for everybody who uses that file (T1): a colleague’s machine, or CI, that never
// saw the log itself is not shown less of it, nor another history (T5).

import { equalBytes, fromHex, RegistryError, toHex } from '../../lib/index.ts'
import { findHead } from '../../log/index.ts'
import {
  findFork,
  type LockedPosition,
  localSource,
  type Source,
  type VerifiedRelease,
} from '../../resolve/index.ts'
import type { Store } from '../../store/index.ts'
import { askPeers, type Peer } from '../peers.ts'
import type { Running } from '../workspace.ts'

/**
 * Throws ROLLBACK and FORKED. What was found here, without a peer and without the whole log, is compared where the sizes are
 * the same; there is nobody then to prove more.
 */
export async function assertLockFloor(
  store: Store,
  { entry }: VerifiedRelease,
  floors: readonly LockedPosition[],
  asking: Running & { readonly peers: readonly Peer[]; readonly from: string | undefined },
): Promise<void> {
  const { publisher, checkpoint } = entry
  const { size } = checkpoint
  const known = new Map(floors.map((floor) => [`${floor.size} ${floor.root}`, floor]))
  for (const floor of known.values()) {
    if (floor.size > size) throw rolledBack(entry, floor)
    const smaller = { size: floor.size, root: fromHex(floor.root) }
    if (floor.size === size) {
      if (!equalBytes(smaller.root, checkpoint.root)) throw forkedFrom(entry, floor)
      continue
    }
    const isFork = async (source: Source): Promise<boolean> =>
      (await findFork(source, publisher, { smaller, larger: checkpoint }, asking)) !== undefined
    if (await ask(store, publisher, isFork, asking)) throw forkedFrom(entry, floor)
  }
}

async function ask(
  store: Store,
  publisher: VerifiedRelease['entry']['publisher'],
  isFork: (source: Source) => Promise<boolean>,
  {
    from,
    peers,
    ...running
  }: Running & {
    readonly peers: readonly Peer[]
    readonly from: string | undefined
  },
): Promise<boolean> {
  if ((await findHead(store, publisher)) !== undefined) return await isFork(localSource(store))
  if (from === undefined) return false
  const whoAnswered = peers.filter(({ label }) => label === from)
  return (await askPeers(whoAnswered, running, isFork)).answer
}

type Entry = VerifiedRelease['entry']

function rolledBack({ name, publisher, checkpoint }: Entry, floor: LockedPosition): RegistryError {
  return new RegistryError(
    'ROLLBACK',
    `The log of ${name} is shown in an older state than the lockfile has seen.`,
    {
      expected: `at least ${floor.size} entries`,
      got: `${checkpoint.size} entries`,
      next: 'Nothing was written. Ask a peer that is up to date with `--from`; if all answer the same, the publisher has lost or withdrawn entries.',
      evidence: { publisher, locked: { size: floor.size, root: floor.root } },
    },
  )
}

function forkedFrom({ name, publisher, checkpoint }: Entry, floor: LockedPosition): RegistryError {
  return new RegistryError(
    'FORKED',
    `The log of ${name} shows another history than the lockfile has seen.`,
    {
      expected: `a log that extends ${floor.size} entries with root ${floor.root}`,
      got: `${checkpoint.size} entries with root ${toHex(checkpoint.root)}`,
      next: 'Nothing was written. Find out with whoever wrote the lockfile which log they saw, before you use anything of this publisher.',
      evidence: { publisher, locked: { size: floor.size, root: floor.root } },
    },
  )
}
