// Sums of items mod 2^256, items being little-endian numbers, and the fingerprint made of one (Negentropy v1, "Fingerprint
// Algorithm"). Sums can be taken apart again, so that the sum of any range is the difference of two that are kept.

import { sha256 } from '../../lib/index.ts'

/** Bytes of an item. */
export const ITEM = 32
export const FINGERPRINT = 16
/** A sum is eight numbers below 2^32, the lowest first. */
const LANES = 8
const BASE = 2 ** 32

/** Eight numbers that may leave 0…2^32 on either side until they are written: doubles hold two million such steps exactly. */
export type Lanes = Float64Array

export function newLanes(): Lanes {
  return new Float64Array(LANES)
}

/** `bytes` holds items one after another. */
export function addItems(lanes: Lanes, bytes: DataView, start: number, end: number): void {
  for (let i = start; i < end; i++) {
    for (let lane = 0; lane < LANES; lane++) {
      lanes[lane] = at(lanes, lane) + bytes.getUint32(i * ITEM + lane * 4, true)
    }
  }
}

export function addLanes(lanes: Lanes, other: Lanes, sign: 1 | -1): void {
  for (let lane = 0; lane < LANES; lane++) lanes[lane] = at(lanes, lane) + sign * at(other, lane)
}

/** Carries, and drops what is above 2^256. */
export function settle(lanes: Lanes): Lanes {
  let carry = 0
  for (let lane = 0; lane < LANES; lane++) {
    const sum = at(lanes, lane) + carry
    carry = Math.floor(sum / BASE)
    lanes[lane] = sum - carry * BASE
  }
  return lanes
}

/** The first 16 bytes of sha256(sum ‖ Varint(count)). */
export function fingerprintOf(lanes: Lanes, count: number): Uint8Array {
  const digits = varint(count)
  const bytes = new Uint8Array(ITEM + digits.length)
  const view = new DataView(bytes.buffer)
  for (const [lane, value] of settle(lanes).entries()) view.setUint32(lane * 4, value, true)
  bytes.set(digits, ITEM)
  return sha256(bytes).subarray(0, FINGERPRINT)
}

/** Base 128, the highest digit first, all but the last with the high bit (Negentropy v1, "Varint"). */
export function varint(value: number): readonly number[] {
  const digits = [value % 128]
  for (let rest = Math.floor(value / 128); rest > 0; rest = Math.floor(rest / 128)) {
    digits.unshift((rest % 128) + 128)
  }
  return digits
}

function at(lanes: Lanes, lane: number): number {
  return lanes[lane] as number
}
