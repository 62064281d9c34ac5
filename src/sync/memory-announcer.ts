// Announcements in the in-process network: every node sends what it accepts on to all its neighbours, once. What libp2p's
// gossip saves in copies it does not; what is lost, repeated and refused is the same.

import { hash } from 'node:crypto'
import { dropOldest } from '../lib/index.ts'
import { ANNOUNCEMENT_BYTES, type Announcer, type OnAnnouncement } from './announce/announcer.ts'
import { announcementTooLarge } from './peer-errors.ts'

/** As many as pass in some minutes; older ones would be taken again, which is allowed. */
const REMEMBERED = 4_096

export class MemoryAnnouncer implements Announcer {
  readonly #send: (message: Uint8Array, from: string | undefined) => void
  readonly #seen = new Set<string>()
  #onMessage: OnAnnouncement | undefined

  constructor(send: (message: Uint8Array, from: string | undefined) => void) {
    this.#send = send
  }

  async publish(message: Uint8Array): Promise<void> {
    if (message.length > ANNOUNCEMENT_BYTES) throw announcementTooLarge(message.length)
    this.#remember(message)
    this.#send(message, undefined)
  }

  subscribe(onMessage: OnAnnouncement): void {
    this.#onMessage = onMessage
  }

  async take(message: Uint8Array, from: string): Promise<void> {
    if (message.length > ANNOUNCEMENT_BYTES || !this.#remember(message)) return
    const verdict = await this.#onMessage?.(message, from).catch(() => 'ignore')
    if (verdict === 'accept') this.#send(message, from)
  }

  /** False when it was here before. */
  #remember(message: Uint8Array): boolean {
    const id = hash('sha256', message)
    if (this.#seen.has(id)) return false
    this.#seen.add(id)
    dropOldest(this.#seen, REMEMBERED)
    return true
  }
}
