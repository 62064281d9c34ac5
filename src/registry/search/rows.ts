// What a search looks at: the newest release of each name, of logs that were verified and that somebody here has chosen, and of what was pulled.
// What came along in a mirror was chosen by nobody, and is not found (T38).

import type { Cid } from '../../cid/index.ts'
import { isRegistryError } from '../../lib/index.ts'
import type { History, Notices } from '../../log/index.ts'
import { findKnownFork, listPins, pickOffered } from '../../resolve/index.ts'
import {
  type PublisherId,
  parseRelease,
  parseTool,
  type Release,
  splitName,
  type Tool,
} from '../../spec/index.ts'
import type { Store } from '../../store/index.ts'
import { openInterest } from '../follow/stored-interest.ts'
import { type HeldHistory, listHistories, listPulledHistories } from '../read.ts'
import { findOwnPublisher } from '../workspace.ts'

/** Why it is known here, the best first: written here, of the publisher pinned to its namespace, pulled by name, or only followed. */
export const STANDINGS = ['own', 'pinned', 'pulled', 'followed'] as const
export type Standing = (typeof STANDINGS)[number]

export interface Found {
  readonly name: string
  readonly version: string
  readonly publisher: PublisherId
  readonly standing: Standing
  readonly title?: string
}

export interface Row extends Found {
  readonly release: Release
  readonly tools: readonly Tool[]
}

/** Of one publisher; the rest of its names is found by whoever lists them. */
const NAMES_PER_PUBLISHER = 5_000
const TOOLS_PER_RELEASE = 200

const NOTHING: Notices = {
  claims: new Map(),
  revoked: new Map(),
  tombstones: new Map(),
  recovered: new Map(),
}

type Standings = (publisher: PublisherId, name: string) => Standing | undefined

export async function* listRows(store: Store): AsyncIterable<Row> {
  const pulled = await listPulledHistories(store)
  const standingOf = await readStandings(store, pulled)
  const names = new Map<PublisherId, number>()
  const forked = new Map<PublisherId, boolean>()
  const wants = async (publisher: PublisherId, name: string): Promise<boolean> => {
    const count = names.get(publisher) ?? 0
    if (count >= NAMES_PER_PUBLISHER || standingOf(publisher, name) === undefined) return false
    names.set(publisher, count + 1)
    const isForked = forked.get(publisher) ?? (await findKnownFork(store, publisher)) !== undefined
    forked.set(publisher, isForked)
    return !isForked
  }
  const seen = new Set<string>()
  for await (const held of listHistories(store, wants)) {
    seen.add(keyOf(held))
    const row = await readRow(store, held, standingOf)
    if (row !== undefined) yield row
  }
  for (const held of pulled) {
    if (seen.has(keyOf(held)) || !(await wants(held.publisher, held.name))) continue
    const row = await readRow(store, held, standingOf)
    if (row !== undefined) yield row
  }
}

function keyOf({ name, publisher }: Pick<HeldHistory, 'name' | 'publisher'>): string {
  return `${name}/${publisher}`
}

async function readRow(
  store: Store,
  { name, publisher, versions, notices }: HeldHistory,
  standingOf: Standings,
): Promise<Row | undefined> {
  const version = newestOf(name, versions, notices)
  const release = versions[version ?? '']?.release
  const standing = standingOf(publisher, name)
  if (version === undefined || release === undefined || standing === undefined) return undefined
  const read = await readTexts(store, release)
  if (read === undefined) return undefined
  const { title } = read.release
  return { name, version, publisher, standing, ...(title === undefined ? {} : { title }), ...read }
}

async function readStandings(store: Store, pulled: readonly HeldHistory[]): Promise<Standings> {
  const own = await findOwnPublisher(store)
  const interest = await openInterest(store)
  const asked = new Set(pulled.map(keyOf))
  const pins = new Map<string, PublisherId>()
  for await (const { namespace, publisher } of listPins(store)) pins.set(namespace, publisher)
  return (publisher, name) => {
    const pinned = pins.get(splitName(name).namespace)
    if (publisher === own) return 'own'
    // Whoever else releases under a pinned namespace is not who is meant by it (T13).
    if (pinned !== undefined) return pinned === publisher ? 'pinned' : undefined
    if (asked.has(keyOf({ name, publisher }))) return 'pulled'
    const reason = interest.reasonFor(publisher)
    return reason === undefined || reason === 'mirror' || reason === 'maybe'
      ? undefined
      : 'followed'
  }
}

/** Undefined where all was withdrawn. */
function newestOf(
  name: string,
  versions: History['versions'],
  notices: Notices | undefined,
): string | undefined {
  try {
    return pickOffered({ name, versions, notices: notices ?? NOTHING }, { range: undefined })
  } catch (error) {
    if (isRegistryError(error)) return undefined
    throw error
  }
}

/** Undefined for a release that no peer had yet. Tools that are not here are none. */
async function readTexts(
  store: Store,
  cid: Cid,
): Promise<Pick<Row, 'release' | 'tools'> | undefined> {
  const [bytes] = await store.findBlocks([cid])
  if (bytes === undefined) return undefined
  const release = parseRelease(bytes)
  const blocks = await store.findBlocks(Object.values(release.tools).slice(0, TOOLS_PER_RELEASE))
  return {
    release,
    tools: blocks.flatMap((block) => (block === undefined ? [] : parseTool(block))),
  }
}
