// Nodes that lie, each in its own way, to everybody who asks them. What they run is the node’s own code, with a store or a network under it
// that is not what it says.

import type { Store } from '../../../src/store/index.ts'
import type { Channel, Network } from '../../../src/sync/index.ts'
import type { Random } from './random.ts'

export const LIES = ['garbles', 'mute', 'hides', 'swaps', 'stale'] as const
/** Breaks frames; takes channels and says nothing; has heads and not the blocks; has other blocks; stays at an old state. */
export type Lie = (typeof LIES)[number]

export function lyingStore(store: Store, lie: Lie | undefined, random: Random): Store {
  if (lie !== 'hides' && lie !== 'swaps') return store
  return {
    ...store,
    async findBlocks(cids) {
      const found = await store.findBlocks(cids)
      return found.map((bytes, i) => {
        if (bytes === undefined || random.chance(0.5)) return bytes
        return lie === 'hides' ? undefined : found[(i + 1) % found.length]
      })
    },
  }
}

export function lyingNetwork(network: Network, lie: Lie | undefined, random: Random): Network {
  if (lie !== 'garbles' && lie !== 'mute') return network
  return {
    ...{ addresses: network.addresses, peerId: network.peerId },
    dial: (address, options) => network.dial(address, options),
    connect: (address, options) => network.connect(address, options),
    disconnect: (peerId) => network.disconnect(peerId),
    peers: () => network.peers(),
    onPeer: (handler) => network.onPeer(handler),
    ...(network.announcer === undefined ? {} : { announcer: network.announcer }),
    handle(onChannel) {
      network.handle(async (channel) => {
        // Whatever is asked is left unread.
        if (lie === 'mute') await new Promise(() => {})
        else await onChannel(garbled(channel, random))
      })
    },
    [Symbol.asyncDispose]: () => network[Symbol.asyncDispose](),
  }
}

function garbled(channel: Channel, random: Random): Channel {
  return {
    remote: channel.remote,
    receive: (options) => channel.receive(options),
    close: () => channel.close(),
    abort: (reason) => channel.abort(reason),
    async send(frame, options) {
      if (random.chance(0.02)) return
      await channel.send(random.chance(0.3) ? broken(frame, random) : frame, options)
    },
  }
}

function broken(frame: Uint8Array, random: Random): Uint8Array {
  const copy = frame.slice()
  if (random.chance(0.1)) return copy.subarray(0, random.below(copy.length + 1))
  for (let flips = random.between(1, 3); flips > 0; flips--) {
    const at = random.below(copy.length)
    copy[at] = (copy[at] ?? 0) ^ (1 << random.below(8))
  }
  return copy
}
