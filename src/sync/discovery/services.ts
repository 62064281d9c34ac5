// The libp2p services that were asked for, each loaded only then; what finding needs beside them: transports and a protector.

import type { Libp2pOptions } from 'libp2p'
import { parseNetworkKey } from './network-key.ts'
import type { FindingOptions } from './options.ts'

const DHT_PROTOCOL = '/toolmark/kad/1'
/** What a relay gives one pair of nodes: enough to agree on a direct connection, or for a small log. */
const RELAYED_BYTES = BigInt(8 * 1024 * 1024)
const RELAYED_MS = 10 * 60_000
const RESERVATIONS = 64

export interface WhatIsWanted extends FindingOptions {
  readonly gossip?: boolean
}

type Parts = Required<Pick<Libp2pOptions, 'transports' | 'peerDiscovery'>> &
  Pick<Libp2pOptions, 'connectionProtector'> & {
    readonly services: Readonly<Record<string, (components: never) => unknown>>
  }

export async function loadParts(wanted: WhatIsWanted): Promise<Parts> {
  const { relay = {}, networkKey } = wanted
  const services: Record<string, (components: never) => unknown> = {}
  if (wanted.gossip === true) {
    services.gossip = await (await import('../announce/gossip.ts')).loadGossip()
  }
  if (wanted.dht !== undefined) services.dht = await loadDht(wanted.dht)
  const transports: Parts['transports'] = []
  if (relay.serve === true || relay.use === true) {
    const { circuitRelayServer, circuitRelayTransport } = await import('@libp2p/circuit-relay-v2')
    if (relay.use === true) transports.push(circuitRelayTransport())
    if (relay.serve === true) {
      services.relay = circuitRelayServer({
        reservations: {
          maxReservations: RESERVATIONS,
          defaultDataLimit: RELAYED_BYTES,
          defaultDurationLimit: RELAYED_MS,
        },
      })
    }
  }
  if (relay.holePunch === true) services.dcutr = (await import('@libp2p/dcutr')).dcutr()
  const peerDiscovery: Parts['peerDiscovery'] = []
  if (wanted.mdns !== undefined && wanted.mdns !== false) {
    const { mdns } = await import('@libp2p/mdns')
    const { intervalMs = 10_000 } = wanted.mdns === true ? {} : wanted.mdns
    peerDiscovery.push(mdns({ interval: intervalMs, serviceTag: '_toolmark._udp.local' }))
  }
  if (networkKey === undefined) return { transports, services, peerDiscovery }
  const psk = parseNetworkKey(networkKey)
  const { preSharedKey } = await import('@libp2p/pnet')
  return {
    transports,
    services,
    peerDiscovery,
    connectionProtector: preSharedKey({ psk }),
  }
}

async function loadDht(
  wanted: NonNullable<FindingOptions['dht']>,
): Promise<(components: never) => unknown> {
  const { kadDHT, passthroughMapper, removePrivateAddressesMapper } = await import(
    '@libp2p/kad-dht'
  )
  return kadDHT({
    protocol: DHT_PROTOCOL,
    clientMode: wanted.mode === 'client',
    // Records are refused: who holds what is said by provider entries alone, which expire.
    validators: {},
    selectors: {},
    // An address of somebody's own network in a public table makes peers dial their own neighbours.
    peerInfoMapper: wanted.lan === true ? passthroughMapper : removePrivateAddressesMapper,
    maxInboundStreams: 8,
    allowQueryWithZeroPeers: true,
    reprovide: { concurrency: 2, maxQueueSize: 1_024 },
  })
}
