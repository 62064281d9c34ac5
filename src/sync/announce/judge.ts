// Whether an announcement is believed, and so forwarded: the note is signed by the log key in force of a log held here, and says
// more than is known. The cheapest questions come first; nothing costs a signature check that is old, unknown or over its rate.

import { type Cid, cidOf } from '../../cid/index.ts'
import { dropOldest, equalBytes, isRegistryError } from '../../lib/index.ts'
import {
  bareNote,
  type Checkpoint,
  type LogHead,
  noteLinesOf,
  originOf,
  parseCheckpointUnverified,
  verifyCheckpoint,
  verifyForkProof,
} from '../../log/index.ts'
import { assertWords, type Interest, importFork } from '../../registry/index.ts'
import { findKnownFork } from '../../resolve/index.ts'
import type { PublisherId } from '../../spec/index.ts'
import type { Block, Store } from '../../store/index.ts'
import { loadVerifier } from '../../trust/index.ts'
import { type Announcement, readAnnouncement } from './announcement.ts'
import type { Verdict } from './announcer.ts'
import type { HeldLogs } from './held-log.ts'
import type { BoundedNews } from './news.ts'
import type { Rates } from './rates.ts'

export interface JudgeParts {
  readonly store: Store
  readonly held: HeldLogs
  readonly interest: Pick<Interest, 'wants'>
  readonly news: BoundedNews
  readonly rates: Rates
  /** A fork that was proven by what was announced: others have to hear of it. */
  readonly onFork: (publisher: PublisherId, proof: Uint8Array) => void
}

/** A note without cosignatures is some 300 bytes. */
const REMEMBERED = 10_000

interface ShownHead {
  /** With the log key’s signature alone. */
  readonly note: Uint8Array
  readonly checkpoint: Checkpoint
}

type OfKind<K extends Announcement['kind']> = Extract<Announcement, { readonly kind: K }>

export class Judge {
  readonly #parts: JudgeParts
  /** The largest state of a log announced so far: the same told by many peers is looked at once (T8). */
  readonly #announced = new Map<PublisherId, ShownHead>()

  /** Whose proof was passed on. */
  readonly #passed = new Set<PublisherId>()

  constructor(parts: JudgeParts) {
    this.#parts = parts
  }

  async judge(message: Uint8Array, from: string): Promise<Verdict> {
    const { rates } = this.#parts
    if (!rates.admitsPeer(from, message.length)) return rates.floods(from) ? 'reject' : 'ignore'
    const announcement = readAnnouncement(message)
    const verdict = await this.#verdictOn(announcement, from)
    if (verdict === 'reject') rates.forged(from)
    return verdict
  }

  async #verdictOn(announcement: Announcement | undefined, from: string): Promise<Verdict> {
    if (announcement === undefined) return 'reject'
    if (announcement.kind === 'unknown') return 'ignore'
    const { store } = this.#parts
    // One proof is enough, and a publisher that has forked has no news.
    const known = await findKnownFork(store, announcement.publisher)
    if (known !== undefined) return this.#passOnce(announcement, known.fork)
    const head = await this.#parts.held.find(announcement.publisher)
    if (announcement.kind === 'fork') return await this.#judgeFork(announcement, head, from)
    if (head === undefined) return this.#hear(announcement, from)
    return await this.#judgeHead(announcement, head, from)
  }

  async #judgeFork(
    { publisher, proof }: OfKind<'fork'>,
    head: LogHead | undefined,
    from: string,
  ): Promise<Verdict> {
    const { store, interest, news } = this.#parts
    if (head === undefined && !interest.wants(publisher)) return 'ignore'
    try {
      if (verifyForkProof(proof, await loadVerifier(store)).publisher !== publisher) return 'reject'
    } catch (error) {
      if (isRegistryError(error)) return 'reject'
      throw error
    }
    const { isNew } = await importFork(store, proof)
    if (isNew) news.addFork(publisher, from)
    return this.#passOnce({ kind: 'fork', publisher, proof }, cidOf(proof))
  }

  /**
   * The proof that is held here, the first time that it is heard, also where this node has found it by itself: gossip knows the message from now on,
   * and what the node says itself would be taken for a repetition and go nowhere.
   */
  #passOnce(announcement: OfKind<'head' | 'fork'>, held: Cid): Verdict {
    const { kind, publisher } = announcement
    if (kind === 'head' || this.#passed.has(publisher)) return 'ignore'
    if (cidOf(announcement.proof) !== held) return 'ignore'
    this.#passed.add(publisher)
    dropOldest(this.#passed, REMEMBERED)
    return 'accept'
  }

  /** Nothing here can prove it: it is reason enough to ask that peer, none to tell others. */
  #hear({ publisher }: OfKind<'head'>, from: string): Verdict {
    const { interest, news } = this.#parts
    if (interest.wants(publisher)) news.addHead(publisher, from, false)
    return 'ignore'
  }

  async #judgeHead(
    { publisher, note }: OfKind<'head'>,
    head: LogHead,
    from: string,
  ): Promise<Verdict> {
    const { held, interest, news, rates } = this.#parts
    const claimed = readClaim(note, publisher)
    if (claimed === undefined) return 'reject'
    if (claimed.size <= head.size && (await held.was(head, claimed))) return 'ignore'
    const known = this.#announced.get(publisher)
    if (known !== undefined && isKnown(known.checkpoint, claimed)) return 'ignore'
    const logKey = await held.logKey(head)
    if (logKey === undefined) return 'ignore'
    const name = originOf(publisher)
    // A key that this log may name later on: only its entries can tell, and they are fetched, not believed.
    if (noteLinesOf(note, [{ name, key: logKey }]).length === 0) {
      return this.#hear({ kind: 'head', publisher, note }, from)
    }
    const checkpoint = readVerified(() => verifyCheckpoint(note, { publisher, logKey }))
    if (checkpoint === undefined) return 'reject'
    const shown = { note: bareNote(note, name), checkpoint }
    if (checkpoint.size <= head.size) {
      return await this.#keep(await held.proveFork(head, shown), publisher, from)
    }
    if (known?.checkpoint.size === checkpoint.size) {
      return await this.#keep(await held.proveTwo(head, [known.note, shown.note]), publisher, from)
    }
    // Whoever passes it on need not know that witness, and is not to blame; but here it ends.
    const isPassedOn = !(await this.#isMadeUp(note)) && rates.admitsPublisher(publisher)
    if (interest.wants(publisher)) news.addHead(publisher, from, isPassedOn)
    if (!isPassedOn) return 'ignore'
    this.#remember(publisher, shown)
    return 'accept'
  }

  /** The publisher has signed two histories (T5). The proof goes out instead of a head: it says the same to everyone, and more. */
  async #keep(proof: Block | undefined, publisher: PublisherId, from: string): Promise<Verdict> {
    if (proof === undefined) return 'ignore'
    await importFork(this.#parts.store, proof.bytes)
    this.#parts.news.addFork(publisher, from)
    this.#parts.onFork(publisher, proof.bytes)
    return 'ignore'
  }

  /** It has words in the name of a witness known here that are not the witness’s. */
  async #isMadeUp(note: Uint8Array): Promise<boolean> {
    try {
      await assertWords(this.#parts.store, note, 'A peer')
      return false
    } catch (error) {
      if (isRegistryError(error, 'SIGNATURE_INVALID')) return true
      throw error
    }
  }

  #remember(publisher: PublisherId, shown: ShownHead): void {
    this.#announced.delete(publisher)
    this.#announced.set(publisher, shown)
    dropOldest(this.#announced, REMEMBERED)
  }
}

/** Older, or the same. Of one size with another root it is a second history. */
function isKnown(known: Checkpoint, claimed: Checkpoint): boolean {
  if (claimed.size !== known.size) return claimed.size < known.size
  return equalBytes(claimed.root, known.root)
}

function readClaim(note: Uint8Array, publisher: PublisherId): Checkpoint | undefined {
  return readVerified(() => parseCheckpointUnverified(note, publisher))
}

/** Undefined for what is wrong with the bytes; anything else is this node’s own trouble. */
function readVerified(read: () => Checkpoint): Checkpoint | undefined {
  try {
    return read()
  } catch (error) {
    if (isRegistryError(error)) return undefined
    throw error
  }
}
