// The Announcer over libp2p's gossipsub: one topic, messages named by their hash. A message is not signed by the peer that
// brings it: the note or proof inside is signed by whose log it is about, and nobody learns who said it first.

import { hash } from 'node:crypto'
import type { PeerId } from '@libp2p/interface'
import { announcementTooLarge } from '../peer-errors.ts'
import {
  ANNOUNCEMENT_BYTES,
  type Announcer,
  type OnAnnouncement,
  type Verdict,
} from './announcer.ts'

const TOPIC = '/toolmark/announce/1'
/** Judged at a time; the rest waits in the streams, and what does not fit there is dropped by the sender. */
const JUDGED_AT_ONCE = 16
/** Several messages go in one envelope when they were asked for. */
const ENVELOPE_BYTES = 512 * 1024

interface Message {
  readonly topic: string
  readonly data: Uint8Array
}

/** What is used of gossipsub. */
export interface Gossip {
  readonly topicValidators: Map<string, (peer: PeerId, message: Message) => Promise<Verdict>>
  subscribe(topic: string): void
  publish(topic: string, data: Uint8Array): Promise<unknown>
}

/** The service for `createLibp2p`; loads gossipsub. */
export async function loadGossip(): Promise<(components: never) => Gossip> {
  const { gossipsub, StrictNoSign } = await import('@libp2p/gossipsub')
  const { createTopicScoreParams } = await import('@libp2p/gossipsub/score')
  // Only what is provably wrong counts against a peer: silence is no fault where news is rare.
  const topic = createTopicScoreParams({
    invalidMessageDeliveriesWeight: -10,
    invalidMessageDeliveriesDecay: 0.97,
    meshMessageDeliveriesWeight: 0,
    meshFailurePenaltyWeight: 0,
  })
  const create = gossipsub({
    globalSignaturePolicy: StrictNoSign,
    msgIdFn: ({ data }) => Buffer.from(hash('sha256', data, 'hex'), 'hex'),
    allowedTopics: [TOPIC],
    emitSelf: false,
    fallbackToFloodsub: false,
    allowPublishToZeroTopicPeers: true,
    ignoreDuplicatePublishError: true,
    awaitRpcHandler: true,
    awaitRpcMessageHandler: true,
    messageProcessingConcurrency: JUDGED_AT_ONCE,
    maxInboundDataLength: ENVELOPE_BYTES,
    maxOutboundBufferSize: 64 * ANNOUNCEMENT_BYTES,
    maxTopicBytesPerPeer: 8 * 1024,
    decodeRpcLimits: {
      maxSubscriptions: 8,
      maxMessages: 64,
      maxIhaveMessageIDs: 1_000,
      maxIwantMessageIDs: 1_000,
      maxIdontwantMessageIDs: 1_000,
      maxControlMessages: 64,
      maxPeerInfos: 0,
    },
    // No addresses are taken from pruned peers: they could be anybody's (GHSA-gcq9).
    doPX: false,
    // Peers of one LAN share a network: subnets are counted where connections are let in.
    scoreParams: { topics: { [TOPIC]: topic }, IPColocationFactorWeight: 0 },
  })
  return create as unknown as (components: never) => Gossip
}

export class GossipAnnouncer implements Announcer {
  readonly #gossip: Gossip
  #onMessage: OnAnnouncement | undefined

  constructor(gossip: Gossip) {
    this.#gossip = gossip
    gossip.topicValidators.set(TOPIC, (peer, { data }) => this.#judge(data, peer.toString()))
  }

  /** After the node has started. */
  start(): void {
    this.#gossip.subscribe(TOPIC)
  }

  async publish(message: Uint8Array): Promise<void> {
    if (message.length > ANNOUNCEMENT_BYTES) throw announcementTooLarge(message.length)
    try {
      await this.#gossip.publish(TOPIC, message)
    } catch {
      // Nobody there, or none with room: what peers missed they learn when they reconcile.
    }
  }

  subscribe(onMessage: OnAnnouncement): void {
    this.#onMessage = onMessage
  }

  async #judge(data: Uint8Array, from: string): Promise<Verdict> {
    if (data.length > ANNOUNCEMENT_BYTES) return 'reject'
    try {
      return (await this.#onMessage?.(data, from)) ?? 'ignore'
    } catch {
      return 'ignore'
    }
  }
}
