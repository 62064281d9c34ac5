// Peers kept on disk (table `peer`): where one was reached, when, and how it was found. A hint where to dial, at most so many; those
// that a person has added stay until a person removes them.

import { canonicalBytes, type Json, parseCanonical, RegistryError } from '../../lib/index.ts'
import type { Store, StoredRecord } from '../../store/index.ts'

export type HowFound = 'added' | 'bootstrap' | 'mdns' | 'dht' | 'inbound'

export interface KnownPeer {
  readonly peerId: string
  /** Dialable, each complete with the peer id; the one that worked last comes first. */
  readonly addresses: readonly string[]
  readonly how: HowFound
  /** When it was connected last, as a UTC time; undefined for never. */
  readonly lastSeen?: string | undefined
}

const ADDED = 256
const FOUND = 1_000
const ADDRESSES = 8
const ADDRESS_LENGTH = 512
const HOW: readonly HowFound[] = ['added', 'bootstrap', 'mdns', 'dht', 'inbound']

export async function listPeers(store: Store): Promise<readonly KnownPeer[]> {
  const peers: KnownPeer[] = []
  for await (const record of store.listRecords('peer', { limit: ADDED + FOUND })) {
    const peer = parsePeer(record)
    if (peer !== undefined) peers.push(peer)
  }
  return peers
}

/** What a person adds stays, whatever happens. False when it was there. Throws LIMIT_EXCEEDED. */
export async function addPeer(store: Store, peerId: string, address: string): Promise<boolean> {
  await using _lock = await store.lock('peers')
  const peers = await listPeers(store)
  const known = peers.find((peer) => peer.peerId === peerId)
  if (known?.how === 'added' && known.addresses.includes(address)) return false
  const added = peers.filter(({ how }) => how === 'added')
  if (known?.how !== 'added' && added.length >= ADDED) {
    throw new RegistryError('LIMIT_EXCEEDED', 'So many peers cannot be kept connected.', {
      expected: `at most ${ADDED} added peers`,
      got: `${added.length + 1}`,
      next: 'Remove one with `registry peer remove PEER`.',
    })
  }
  const others = known?.how === 'added' ? known.addresses : []
  const peer = { ...known, peerId, how: 'added' as const, addresses: withFirst(others, address) }
  await store.commit({ put: [peerRecord(peer)] })
  return true
}

/** False when there is none. */
export async function removePeer(store: Store, peerId: string): Promise<boolean> {
  const key = { table: 'peer', key: peerId } as const
  const [value] = await store.findRecords([key])
  if (value === undefined) return false
  await store.commit({ remove: [key] })
  return true
}

/** A peer was connected. The ones that have not been for longest make room; those that were added are not among them. */
export async function rememberPeer(
  store: Store,
  seen: { readonly peerId: string; readonly address: string; readonly how: HowFound },
  now: Date,
): Promise<void> {
  await using _lock = await store.lock('peers')
  const peers = await listPeers(store)
  const known = peers.find(({ peerId }) => peerId === seen.peerId)
  const found = peers.filter(({ how }) => how !== 'added')
  const isFull = known === undefined && found.length >= FOUND
  const oldest = found.reduce<KnownPeer | undefined>(
    (old, peer) => (old === undefined || (peer.lastSeen ?? '') < (old.lastSeen ?? '') ? peer : old),
    undefined,
  )
  const peer = {
    peerId: seen.peerId,
    how: known?.how ?? seen.how,
    addresses: withFirst(known?.addresses ?? [], seen.address),
    lastSeen: now.toISOString(),
  }
  await store.commit({
    put: [peerRecord(peer)],
    remove: isFull && oldest !== undefined ? [{ table: 'peer', key: oldest.peerId }] : [],
  })
}

function withFirst(addresses: readonly string[], first: string): readonly string[] {
  return [first, ...addresses.filter((address) => address !== first)].slice(0, ADDRESSES)
}

function peerRecord({ peerId, addresses, how, lastSeen }: KnownPeer): StoredRecord {
  const fields = { addresses, how, ...(lastSeen === undefined ? {} : { lastSeen }) }
  return { table: 'peer', key: peerId, value: canonicalBytes(fields) }
}

/** A hint that cannot be read is none. */
function parsePeer({ key, value }: StoredRecord): KnownPeer | undefined {
  let fields: Readonly<Record<string, Json>>
  try {
    fields = Object(parseCanonical(value)) as Readonly<Record<string, Json>>
  } catch {
    return undefined
  }
  const { addresses, how, lastSeen } = fields
  const found = HOW.find((one) => one === how)
  if (found === undefined || !Array.isArray(addresses)) return undefined
  const texts = addresses.filter(
    (address): address is string => typeof address === 'string' && address.length < ADDRESS_LENGTH,
  )
  const seen = typeof lastSeen === 'string' ? { lastSeen } : {}
  return { peerId: key, addresses: texts, how: found, ...seen }
}
