// The floors beside the database, as they are held in memory: one for every log that was ever accepted, and never forgotten. They are packed as
// bytes, in strings of one byte a character: half of what text and objects of a hundred thousand of them would take.

import { decodeBase32, encodeBase32 } from '../../lib/index.ts'
import type { Floor } from '../store.ts'

export interface FloorTable {
  readonly size: number
  get(origin: string): Floor | undefined
  set(floor: Floor): void
  delete(origin: string): void
  values(): Iterable<Floor>
}

const ROOT = 32
/** What the origin of a log begins with, before the 52 characters of its digest. */
const LOG = 'toolmark/p'
const DIGEST_TEXT = /^[a-z2-7]{52}$/
/** Begins the key of any other origin; in no packed one. */
const PLAIN = '\u0100'

export function createFloorTable(floors: Iterable<Floor> = []): FloorTable {
  const packed = new Map<string, string>()
  const read = (key: string, value: string): Floor => ({
    origin: unpackOrigin(key),
    size: Number(value.slice(ROOT)),
    root: Buffer.from(value.slice(0, ROOT), 'latin1').toString('hex'),
  })
  const table: FloorTable = {
    get size() {
      return packed.size
    },
    get(origin) {
      const key = packOrigin(origin)
      const value = packed.get(key)
      return value === undefined ? undefined : read(key, value)
    },
    set({ origin, size, root }) {
      packed.set(packOrigin(origin), bytesAsText(Buffer.from(root, 'hex'), Buffer.from(`${size}`)))
    },
    delete(origin) {
      packed.delete(packOrigin(origin))
    },
    *values() {
      for (const [key, value] of packed) yield read(key, value)
    },
  }
  for (const floor of floors) table.set(floor)
  return table
}

function packOrigin(origin: string): string {
  const text = origin.slice(LOG.length)
  const digest = DIGEST_TEXT.test(text) ? decodeBase32(text) : undefined
  // Text with bits that no digest has is another origin than the one it would be taken for.
  const isLog = origin.startsWith(LOG) && digest !== undefined && encodeBase32(digest) === text
  return isLog ? bytesAsText(digest) : `${PLAIN}${origin}`
}

function unpackOrigin(key: string): string {
  if (key.startsWith(PLAIN)) return key.slice(PLAIN.length)
  return `${LOG}${encodeBase32(Buffer.from(key, 'latin1'))}`
}

/** In one piece: a string made by slicing or joining keeps alive what it was made of. */
function bytesAsText(...parts: readonly Uint8Array[]): string {
  return Buffer.concat(parts).toString('latin1')
}
