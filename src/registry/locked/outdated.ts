// What is locked, and what there is by now. Asks for heads and index paths only: nothing is fetched, and nothing is decided.

import { isRegistryError, type RegistryError } from '../../lib/index.ts'
import { findHead } from '../../log/index.ts'
import {
  assertNotForked,
  type LockedRelease,
  type News,
  type ResolveRequest,
  resolveFrom,
  type Source,
} from '../../resolve/index.ts'
import { compareVersions, type PublisherId, pickVersion } from '../../spec/index.ts'
import { loadVerifier } from '../../trust/index.ts'
import { findSeenHead, keepForkIn } from '../forks.ts'
import { keepNews } from '../lifecycle/news.ts'
import { resolveLocal } from '../local.ts'
import { askPeers, type Peer } from '../peers.ts'
import { assertAskable } from '../private-names.ts'
import type { Running, Workspace } from '../workspace.ts'
import type { LockFile } from './lock-file.ts'

export interface Outdated {
  readonly name: string
  readonly publisher: PublisherId
  readonly locked: string
  /** The newest that an update would take, and the newest of all; undefined where that could not be found out. */
  readonly wanted: string | undefined
  readonly latest: string | undefined
  readonly isOutdated: boolean
  /** Why not. */
  readonly error?: RegistryError
}

/** Without peers: as far as is known here. One name that cannot be asked about does not hide the others. */
export async function listOutdated(
  workspace: Workspace,
  { lock }: LockFile,
  peers: readonly Peer[],
  running: Running = {},
): Promise<readonly Outdated[]> {
  const rows: Outdated[] = []
  for (const [name, locked] of lock.releases) {
    running.onProgress?.({ what: 'asked', done: rows.length, total: lock.releases.size })
    rows.push(await lookAt(workspace, { name, locked, peers }, running))
  }
  return rows
}

interface Question {
  readonly name: string
  readonly locked: LockedRelease
  readonly peers: readonly Peer[]
}

async function lookAt(
  workspace: Workspace,
  question: Question,
  running: Running,
): Promise<Outdated> {
  const { name, locked } = question
  const { publisher, version } = locked
  const row = { name, publisher, locked: version }
  try {
    const { wanted, latest } = await findVersions(workspace, question, running)
    const isOutdated = [wanted, latest].some(
      (found) => found !== undefined && compareVersions(found, version) > 0,
    )
    return { ...row, wanted, latest, isOutdated }
  } catch (error) {
    if (!isRegistryError(error)) throw error
    return { ...row, wanted: undefined, latest: undefined, isOutdated: false, error }
  }
}

interface Versions {
  readonly wanted: string | undefined
  readonly latest: string | undefined
}

async function findVersions(
  workspace: Workspace,
  { name, locked, peers }: Question,
  running: Running,
): Promise<Versions> {
  const { store } = workspace
  const { publisher, version, range = `^${version}` } = locked
  const isOwn = (await findHead(store, publisher)) !== undefined
  if (peers.length === 0 || isOwn) {
    const { versions } = await resolveLocal(store, { name, range: version, publisher })
    return { wanted: pickVersion(versions, range), latest: pickVersion(versions, undefined) }
  }
  await assertAskable(workspace, name)
  await assertNotForked(store, publisher)
  const { answer } = await askPeers(peers, running, async (source) => {
    const asked = { name, publisher, running }
    const latest = await findVersion(workspace, source, { ...asked, range: undefined })
    return { latest, wanted: await findVersion(workspace, source, { ...asked, range }) }
  })
  return answer
}

/** Undefined where all that fits was withdrawn. */
async function findVersion(
  { store }: Workspace,
  source: Source,
  {
    running,
    ...asked
  }: Pick<ResolveRequest, 'name' | 'publisher' | 'range'> & {
    readonly running: Running
  },
): Promise<string | undefined> {
  await using _lock = await store.lock(`log/${asked.publisher}`, running)
  const floor = await findSeenHead(store, asked.publisher)
  const learn = (news: News): Promise<void> => keepNews(store, { ...news, from: source.label })
  try {
    const verifier = await loadVerifier(store)
    const { entry } = await resolveFrom(source, verifier, { ...asked, floor, learn }, running)
    return entry.version
  } catch (error) {
    const isWithdrawn = isRegistryError(error) && WITHDRAWN.includes(error.code)
    if (isWithdrawn) return undefined
    throw await keepForkIn(store, error, () => source.label)
  }
}

const WITHDRAWN = ['YANKED', 'REVOKED', 'TOMBSTONED']
