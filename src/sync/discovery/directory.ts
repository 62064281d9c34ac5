// The Directory over libp2p's Kad-DHT. A publisher id and a CID are both SHA-256 digests; the table is keyed by these.

import type { KadDHT } from '@libp2p/kad-dht'
import { type Cid, digestOf, isCid } from '../../cid/index.ts'
import { concatBytes, decodeBase32 } from '../../lib/index.ts'
import type { PublisherId } from '../../spec/index.ts'
import type { Directory, FoundPeer } from './options.ts'

type Key = Parameters<KadDHT['provide']>[0]
type Signal = { readonly signal?: AbortSignal }

const SHA256 = Uint8Array.of(0x12, 0x20)
/** A lookup that finds nobody new goes on for minutes; what is worth asking shows in the first seconds. */
const LOOKUP_MS = 20_000
/** Strangers answer: no more of them than anyone would dial, and no more addresses than a node has. */
const MOST_PEERS = 20
const MOST_ADDRESSES = 8

export function createDirectory(dht: KadDHT): Directory {
  return {
    async provide(what, options) {
      let isTold = false
      for await (const event of dht.provide(keyOf(what), deadline(options))) {
        isTold ||= event.name === 'PEER_RESPONSE' && event.messageName === 'ADD_PROVIDER'
      }
      return isTold
    },
    async *find(what, options) {
      const seen = new Set<string>()
      for await (const event of dht.findProviders(keyOf(what), deadline(options))) {
        if (event.name !== 'PROVIDER') continue
        for (const { id, multiaddrs } of event.providers) {
          const peer = toFound(id.toString(), multiaddrs, 'dht')
          if (seen.has(peer.peerId) || peer.addresses.length === 0) continue
          seen.add(peer.peerId)
          yield peer
          if (seen.size === MOST_PEERS) return
        }
      }
    },
  }
}

export function toFound(
  peerId: string,
  multiaddrs: readonly { toString(): string }[],
  how: FoundPeer['how'],
): FoundPeer {
  const complete = multiaddrs.map((address) => {
    const text = address.toString()
    return text.endsWith(`/p2p/${peerId}`) ? text : `${text}/p2p/${peerId}`
  })
  return { peerId, addresses: [...new Set(complete)].slice(0, MOST_ADDRESSES), how }
}

/** The table looks at the multihash alone. */
function keyOf(what: PublisherId | Cid): Key {
  const digest = isCid(what) ? digestOf(what) : decodeBase32(what.slice(1))
  return { multihash: { bytes: concatBytes(SHA256, digest) } } as unknown as Key
}

function deadline({ signal }: Signal = {}): { readonly signal: AbortSignal } {
  const late = AbortSignal.timeout(LOOKUP_MS)
  return { signal: signal === undefined ? late : AbortSignal.any([signal, late]) }
}
