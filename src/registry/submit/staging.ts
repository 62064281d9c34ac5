// Blocks that were sent ahead of the submission that needs them: in memory, for one connection, and only what was asked for. Nobody
// who may not write to the log can make this node hold a byte.

import { type Cid, cidOf } from '../../cid/index.ts'
import { copyBytes, RegistryError } from '../../lib/index.ts'

/** What a node holds for all submitters together. */
export interface Room {
  bytes: number
}

export interface Staging {
  find(cid: Cid): Uint8Array | undefined
  /** Only these are taken from now on, beside those that are here. */
  want(cids: readonly Cid[]): void
  /** Throws HASH_MISMATCH for a block that nobody asked for, LIMIT_EXCEEDED, PEER_LIMIT; then nothing of it is kept. */
  add(blocks: readonly Uint8Array[]): void
  clear(): void
}

/** A toolkit document of 8 MiB, the largest there is, twice. */
const STAGED_BYTES = 16 * 1024 * 1024
/** 10,000 keys of a toolkit document make at most 3,333 tools. */
const STAGED_BLOCKS = 4_096
const ROOM_BYTES = 4 * STAGED_BYTES

export function createStaging(room: Room): Staging {
  const held = new Map<Cid, Uint8Array>()
  let wanted: ReadonlySet<Cid> = new Set()
  let size = 0
  return {
    find: (cid) => held.get(cid),
    want(cids) {
      wanted = new Set(cids)
    },
    add(blocks) {
      const fresh = new Map(blocks.map((bytes) => [cidOf(bytes), bytes]))
      for (const cid of fresh.keys()) assertWanted(cid, wanted)
      for (const cid of held.keys()) fresh.delete(cid)
      const added = sizeOf(fresh)
      assertFits('bytes', size + added, STAGED_BYTES)
      assertFits('blocks', held.size + fresh.size, STAGED_BLOCKS)
      if (room.bytes + added > ROOM_BYTES) throw noRoom()
      room.bytes += added
      size += added
      // Copies: these are views of whole messages, of which a submitter could fill the rest with anything.
      for (const [cid, bytes] of fresh) held.set(cid, copyBytes(bytes))
    },
    clear() {
      room.bytes -= size
      size = 0
      held.clear()
      wanted = new Set()
    },
  }
}

function sizeOf(blocks: ReadonlyMap<Cid, Uint8Array>): number {
  return [...blocks.values()].reduce((sum, { length }) => sum + length, 0)
}

function assertWanted(cid: Cid, wanted: ReadonlySet<Cid>): void {
  if (wanted.has(cid)) return
  throw new RegistryError('HASH_MISMATCH', 'This block is none that a submission is missing.', {
    expected: 'blocks of a release that was submitted just now',
    got: cid,
  })
}

function assertFits(what: string, got: number, most: number): void {
  if (got <= most) return
  throw new RegistryError('LIMIT_EXCEEDED', 'This submission brings more than a home node holds.', {
    expected: `at most ${most} ${what}`,
    got: `${got} ${what}`,
    next: 'Submit fewer releases at a time.',
  })
}

function noRoom(): RegistryError {
  return new RegistryError('PEER_LIMIT', 'Too many others are submitting to this node.', {
    next: 'Try again in a minute.',
  })
}
