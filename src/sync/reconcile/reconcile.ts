// Which items another node has and this one lacks, and the reverse, at a cost that follows the difference (Negentropy v1). Equal sets
// cost one round of some 350 bytes. Pure: whoever calls carries the messages. The fingerprints do not resist someone who mints items
// to make two sets look alike: what is found is a hint what to ask for, and what is not found is no proof of anything.

import { RegistryError } from '../../lib/index.ts'
import { exchange, firstMessage } from './exchange.ts'
import type { Items } from './item-set.ts'
import { merge } from './merge.ts'
import { MESSAGE_BYTES, refuse, VERSION, versionOf } from './message.ts'

export interface ReconcileOptions {
  /** Bytes of a message made here, at least 4,096. */
  readonly limit?: number
}

/** Of the side that asks. It holds the set itself: what changes meanwhile is seen by the next message. */
export interface Reconciling {
  readonly items: Items
  readonly limit: number
  readonly rounds: number
  /** Bytes of all messages that may call for further rounds. */
  readonly weight: number
  /** How many items the other side has named. */
  readonly named: number
}

export interface Continued {
  readonly state: Reconciling
  /** To be sent next; absent when all is found. */
  readonly message: Uint8Array | undefined
  /** Items that only they have. Those of cut messages may come again. */
  readonly need: readonly Uint8Array[]
  /** Items that only this side has. */
  readonly have: readonly Uint8Array[]
}

const LEAST_LIMIT = 4_096
/** More than sets of 2^64 items take when no message is cut. */
const FREE_ROUNDS = 32
/** A cut message has 4 KiB at least and calls for less than this many bytes a round. */
const BYTES_A_ROUND = 128
/** 128 MiB of them. */
const MOST_NAMED = 4_194_304

export function startReconcile(
  items: Items,
  { limit = MESSAGE_BYTES }: ReconcileOptions = {},
): { readonly state: Reconciling; readonly message: Uint8Array } {
  const state = { items, limit: assertLimit(limit), rounds: 0, weight: 0, named: 0 }
  return { state, message: firstMessage(items) }
}

/**
 * The other side’s part; it keeps nothing between messages. A message of another version is answered with the one spoken
 * here. Throws MESSAGE_INVALID.
 */
export function answerReconcile(
  items: Items,
  message: Uint8Array,
  { limit = MESSAGE_BYTES }: ReconcileOptions = {},
): Uint8Array {
  if (versionOf(message) !== VERSION) return Uint8Array.of(VERSION)
  return exchange(items, message, { limit: assertLimit(limit) }).message
}

/** Throws MESSAGE_INVALID, also for a peer that speaks another version, or never comes to an end. */
export function continueReconcile(state: Reconciling, answer: Uint8Array): Continued {
  const version = versionOf(answer)
  if (version !== VERSION) {
    const [expected, got] = [VERSION, version].map((byte) => `version ${byte - 0x60}`)
    refuse('is of another version', String(expected), String(got))
  }
  const need: Uint8Array[] = []
  const have: Uint8Array[] = []
  let named = state.named
  const onList = (listed: readonly Uint8Array[], start: number, end: number): void => {
    named += listed.length
    if (named > MOST_NAMED) refuse('names too many items', `at most ${MOST_NAMED}`, 'more')
    for (const { item, in: side } of merge(listed, state.items.slice(start, end))) {
      if (side === 'theirs') need.push(item)
      if (side === 'mine') have.push(item)
    }
  }
  const { message, isDone, isCut } = exchange(state.items, answer, { limit: state.limit, onList })
  const rounds = state.rounds + 1
  const weight = state.weight + answer.length + (isCut ? message.length : 0)
  // Each round may name one thing more, for ever: who wants many rounds has to fill them.
  if (!isDone && rounds >= FREE_ROUNDS + weight / BYTES_A_ROUND) {
    refuse('comes to no end', `fewer rounds for ${weight} bytes`, `round ${rounds}`)
  }
  return {
    state: { ...state, rounds, weight, named },
    message: isDone ? undefined : message,
    need,
    have,
  }
}

function assertLimit(limit: number): number {
  if (limit >= LEAST_LIMIT && limit <= MESSAGE_BYTES) return limit
  throw new RegistryError('UNEXPECTED', 'Messages of set reconciliation cannot be of this size.', {
    expected: `${LEAST_LIMIT} to ${MESSAGE_BYTES} bytes`,
    got: `${limit} bytes`,
    next: 'This is a fault of the program; report it.',
  })
}
