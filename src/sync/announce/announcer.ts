// The Announcer port: small messages to whoever listens, forwarded from peer to peer. Nothing is promised: a message may be
// lost, come twice or late. What it says is judged by the one subscriber, before it goes on to others.

/** CBOR around a note, or around a fork proof. Larger ones are not sent, and not taken. */
export const ANNOUNCEMENT_BYTES: number = 33 * 1024

/** `accept` forwards; `ignore` does not; `reject` does not, and counts against the peer that sent it. */
export type Verdict = 'accept' | 'ignore' | 'reject'

/** `from` is the peer it came from directly, which need not be the one that said it first. */
export type OnAnnouncement = (message: Uint8Array, from: string) => Promise<Verdict>

/**
 * `publish` resolves when the message was handed to the peers connected now, be there none; it throws PEER_LIMIT for a
 * message of more than ANNOUNCEMENT_BYTES. One subscriber; a second replaces the first. What it throws counts as `ignore`.
 * A message is forwarded only after `accept`, never back to who sent it, and not twice within some minutes.
 */
export interface Announcer {
  publish(message: Uint8Array): Promise<void>
  subscribe(onMessage: OnAnnouncement): void
}
