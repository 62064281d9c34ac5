// Releases that were pulled: which of the versions held here a range means, and what the newest proof here says of it. An older proof
// does not know that its release was withdrawn since.

import { isRegistryError, RegistryError } from '../../lib/index.ts'
import { NO_NOTICES, parseCheckpointUnverified } from '../../log/index.ts'
import {
  evidenceKey,
  parseEvidence,
  parseEvidenceKey,
  pickOffered,
  type VerifiedEntry,
  type VerifiedHead,
  type VerifiedOffer,
  verifyEvidence,
  verifyHead,
  verifyOffer,
  withNews,
} from '../../resolve/index.ts'
import type { PublisherId } from '../../spec/index.ts'
import type { Store } from '../../store/index.ts'
import { loadVerifier } from '../../trust/index.ts'
import { findNews } from './news.ts'

interface Wanted {
  readonly name: string
  readonly publisher: PublisherId
}

type Evidence = ReturnType<typeof parseEvidence>

/** Throws NOT_FOUND when no version held here fits, REVOKED or TOMBSTONED, and what `verifyEvidence` throws. */
export async function resolveHeld(
  store: Store,
  { range, ...wanted }: Wanted & { readonly range: string | undefined },
): Promise<VerifiedEntry> {
  const { name, publisher } = wanted
  const held = await listHeld(store, wanted)
  const offer = await newestOffer(store, wanted, held)
  const news = await findNews(store, publisher)
  const version = pickHeld(offer, { held: [...held.keys()], news, range, ...wanted })
  const key = evidenceKey({ name, version, publisher })
  const [bytes] = await store.findRecords([{ table: 'evidence', key }])
  const evidence = parseEvidence(bytes ?? new Uint8Array())
  const expected = { name, version, publisher }
  const entry = verifyEvidence(await loadVerifier(store), evidence, expected)
  const now = offer === undefined ? entry : withNews(entry, { head: offer.head, offer })
  return news === undefined ? now : withNews(now, { head: news })
}

/** Of each version, its proof if that can be read: damage to one is nothing to the others. */
async function listHeld(
  store: Store,
  { name, publisher }: Wanted,
): Promise<ReadonlyMap<string, Evidence | undefined>> {
  const held = new Map<string, Evidence | undefined>()
  for await (const { key, value } of store.listRecords('evidence', { prefix: `${name}@` })) {
    const { version, publisher: whose } = parseEvidenceKey(key)
    if (whose === publisher) held.set(version, readable(value))
  }
  return held
}

function readable(value: Uint8Array): Evidence | undefined {
  try {
    return parseEvidence(value)
  } catch (error) {
    if (isRegistryError(error, 'STORE_CORRUPT')) return undefined
    throw error
  }
}

async function newestOffer(
  store: Store,
  { name, publisher }: Wanted,
  held: ReadonlyMap<string, Evidence | undefined>,
): Promise<VerifiedOffer | undefined> {
  const sizeOf = ({ checkpoint }: Evidence): number =>
    parseCheckpointUnverified(checkpoint, publisher).size
  const newest = [...held.values()]
    .filter((evidence) => evidence !== undefined)
    .toSorted((a, b) => sizeOf(b) - sizeOf(a))[0]
  if (newest === undefined) return undefined
  const head = verifyHead(await loadVerifier(store), { ...newest, publisher })
  return verifyOffer(head, name, newest.indexPath)
}

function pickHeld(
  offer: VerifiedOffer | undefined,
  {
    held,
    news,
    range,
    name,
    publisher,
  }: Wanted & {
    readonly held: readonly string[]
    readonly news: VerifiedHead | undefined
    readonly range: string | undefined
  },
): string {
  const versions = Object.entries(offer?.versions ?? {}).filter(([v]) => held.includes(v))
  const [older, newer] = [offer?.head.notices ?? NO_NOTICES, news?.notices ?? NO_NOTICES]
  const revoked = new Map([...older.revoked, ...newer.revoked])
  const tombstones = new Map([...older.tombstones, ...newer.tombstones])
  const notices = { ...newer, revoked, tombstones }
  try {
    const offered = { name, versions: Object.fromEntries(versions), notices }
    return pickOffered(offered, { range, use: 'held' })
  } catch (error) {
    if (!isRegistryError(error, 'NOT_FOUND')) throw error
  }
  throw new RegistryError('NOT_FOUND', `${name} has not been published or pulled here.`, {
    expected: `${name}@${range ?? 'latest'} from ${publisher}`,
    got: held.length === 0 ? 'nothing' : held.join(', '),
    next: `Pull it: \`registry pull ${name} --from MULTIADDR\`.`,
  })
}
