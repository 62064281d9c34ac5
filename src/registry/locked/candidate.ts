// Finding the release that a lockfile could name: held here, or asked of peers with everything that a pull checks. All names of one
// publisher are taken from one state of its log, so that no lockfile mixes two (T4), and none from before what the lock knows (T1).

import { isRegistryError, RegistryError, toHex } from '../../lib/index.ts'
import {
  findPin,
  type LockedPosition,
  publisherFor,
  type VerifiedRelease,
  type WitnessPolicy,
} from '../../resolve/index.ts'
import { compareVersions, isPublisherId, type PublisherId, splitName } from '../../spec/index.ts'
import type { Store } from '../../store/index.ts'
import { readVerified, resolveLocal } from '../local.ts'
import type { Peer } from '../peers.ts'
import { type Pulled, type PullRequest, pull } from '../pull.ts'
import { findOwnPublisher, type Running, type Workspace } from '../workspace.ts'
import { assertLockFloor } from './lock-floor.ts'

export interface Wanted {
  readonly name: string
  readonly range: string | undefined
  /** By the flag, the policy or the lock; else the pin decides, or a question. */
  readonly publisher: PublisherId | undefined
  /** The version that is locked: nothing older is taken, and it is where all else that fits was yanked. */
  readonly atLeast?: string
}

export interface Found {
  readonly release: VerifiedRelease
  /** Which peer answered; undefined for a release that was held here. */
  readonly from: string | undefined
  /** Whether `atLeast` was taken in the place of what the range means. */
  readonly isHeldBack?: boolean
}

export interface Seeking extends Running {
  readonly peers: readonly Peer[]
  /** Whether peers are asked also for what is held here. */
  readonly ask: boolean
  readonly witnesses?: WitnessPolicy | undefined
  /** How a release is pulled where nobody has said yet whose it is: for a face that asks people. */
  readonly pull?: (workspace: Workspace, request: PullRequest, running: Running) => Promise<Pulled>
  /** The states of its publisher’s log that the lock has seen. */
  readonly floors: (publisher: PublisherId) => readonly LockedPosition[]
}

/** A log that grows faster than its names can be asked for one after the other. */
const ROUNDS = 4

/** In the order asked. Throws what `pull` throws, ROLLBACK and FORKED against the lock, CONFLICT for logs that never stand still. */
export async function findCandidates(
  workspace: Workspace,
  wanted: readonly Wanted[],
  seeking: Seeking,
): Promise<readonly Found[]> {
  const found: Found[] = []
  for (const one of wanted) found.push(await findCandidate(workspace, one, seeking))
  for (let round = 1; round < ROUNDS; round++) {
    const behind = indexesBehind(found)
    if (behind.length === 0) break
    for (const i of behind) {
      const one = wanted[i]
      if (one !== undefined)
        found[i] = await findCandidate(workspace, one, { ...seeking, ask: true })
    }
  }
  assertOneState(found)
  for (const { release, from } of found) {
    const floors = seeking.floors(release.entry.publisher)
    await assertLockFloor(workspace.store, release, floors, { ...seeking, from })
  }
  return found
}

async function findCandidate(
  workspace: Workspace,
  wanted: Wanted,
  seeking: Seeking,
): Promise<Found> {
  const { atLeast } = wanted
  if (atLeast === undefined) return await findOne(workspace, wanted, seeking)
  const exact = async (): Promise<Found> => {
    const found = await findOne(workspace, { ...wanted, range: atLeast, use: 'held' }, seeking)
    return { ...found, isHeldBack: true }
  }
  try {
    const found = await findOne(workspace, wanted, seeking)
    return compareVersions(found.release.entry.version, atLeast) < 0 ? await exact() : found
  } catch (error) {
    if (isRegistryError(error, 'YANKED')) return await exact()
    throw error
  }
}

async function findOne(
  workspace: Workspace,
  { name, range, publisher, use }: Wanted & Pick<PullRequest, 'use'>,
  seeking: Seeking,
): Promise<Found> {
  const { peers, witnesses, signal, onProgress } = seeking
  // Nobody knows a log better than who writes it, and peers are not asked about names of one’s own (T13).
  if (!seeking.ask || (await isWrittenHere(workspace.store, { name, publisher }))) {
    const held = await findHeld(workspace, { name, range, publisher })
    if (held !== undefined) return { release: held, from: undefined }
  }
  const reference = range === undefined ? name : `${name}@${range}`
  const running = {
    ...(signal === undefined ? {} : { signal }),
    ...(onProgress === undefined ? {} : { onProgress }),
  }
  const request = { reference, peers, publisher, witnesses, ...(use === undefined ? {} : { use }) }
  const ask = publisher === undefined ? (seeking.pull ?? pull) : pull
  const pulled = await ask(workspace, request, running)
  return { release: pulled.release, from: pulled.from }
}

async function isWrittenHere(
  store: Store,
  { name, publisher }: Pick<Wanted, 'name' | 'publisher'>,
): Promise<boolean> {
  const { namespace } = splitName(name)
  const own = isPublisherId(namespace) ? namespace : (await findPin(store, namespace))?.publisher
  const whose = publisher ?? own
  return whose !== undefined && whose === (await findOwnPublisher(store))
}

/** Undefined for whatever peers can be asked about; what was withdrawn or is damaged is an error as it is. */
async function findHeld(
  { store }: Workspace,
  { name, range, publisher: chosen }: Wanted,
): Promise<VerifiedRelease | undefined> {
  try {
    const publisher = await publisherFor(store, name, { chosen })
    return await readVerified(store, await resolveLocal(store, { name, range, publisher }))
  } catch (error) {
    const isOpen =
      isRegistryError(error, 'NOT_FOUND') || isRegistryError(error, 'PUBLISHER_UNPINNED')
    if (isOpen) return undefined
    throw error
  }
}

/** Of each publisher, those that were read in a smaller state of its log than another one. */
function indexesBehind(found: readonly Found[]): readonly number[] {
  const largest = new Map<PublisherId, number>()
  for (const { release } of found) {
    const { publisher, checkpoint } = release.entry
    largest.set(publisher, Math.max(largest.get(publisher) ?? 0, checkpoint.size))
  }
  return found.flatMap(({ release: { entry } }, i) =>
    entry.checkpoint.size < (largest.get(entry.publisher) ?? 0) ? [i] : [],
  )
}

function assertOneState(found: readonly Found[]): void {
  const states = new Map<PublisherId, string>()
  for (const { release } of found) {
    const { name, publisher, checkpoint } = release.entry
    const state = `${checkpoint.size} entries with root ${toHex(checkpoint.root)}`
    const other = states.get(publisher) ?? state
    states.set(publisher, other)
    if (other === state) continue
    throw new RegistryError('CONFLICT', 'The log changed while its names were asked for.', {
      expected: `one state of the log of ${publisher}: ${other}`,
      got: `${state}, for ${name}`,
      next: 'Nothing was written. Run the command again; if it goes on, name a peer that is up to date with `--from`.',
    })
  }
}
