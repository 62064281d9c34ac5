// Does an ECDSA signature fit a digest? FIPS 186-5, 6.4.2, for P-256 and P-384. Node’s crypto hashes what it is given, so where only the
// digest of a file is known it cannot be asked. Public values only: nothing here needs to take the same time for all of them, and
// nothing here signs. Slow (tens of milliseconds); whoever has the bytes uses node:crypto.

import type { KeyObject } from 'node:crypto'
import { readElement, readElements, SEQUENCE } from '../form/der.ts'

interface Curve {
  readonly bits: number
  readonly p: bigint
  readonly n: bigint
  readonly g: Point
}

interface Point {
  readonly x: bigint
  readonly y: bigint
}

/** The point at infinity. */
const NOWHERE = undefined

/** SP 800-186, 3.2.1. Both have a = -3; b is not needed, for OpenSSL has checked that the key is on the curve. */
const CURVES: Readonly<Record<string, Curve>> = {
  prime256v1: {
    bits: 256,
    p: 0xffffffff00000001000000000000000000000000ffffffffffffffffffffffffn,
    n: 0xffffffff00000000ffffffffffffffffbce6faada7179e84f3b9cac2fc632551n,
    g: {
      x: 0x6b17d1f2e12c4247f8bce6e563a440f277037d812deb33a0f4a13945d898c296n,
      y: 0x4fe342e2fe1a7f9b8ee7eb4a7c0f9e162bce33576b315ececbb6406837bf51f5n,
    },
  },
  secp384r1: {
    bits: 384,
    p: 0xfffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffeffffffff0000000000000000ffffffffn,
    n: 0xffffffffffffffffffffffffffffffffffffffffffffffffc7634d81f4372ddf581a0db248b0a77aecec196accc52973n,
    g: {
      x: 0xaa87ca22be8b05378eb1c71ef320ad746e1d3b628ba79b9859f741e082542a385502f25dbf55296c3a545e3872760ab7n,
      y: 0x3617de4a96262c6f5d9e98bf9292dc29f8f41dbd289a147ce9da3113b5f0b8c00a60b1ce1d7e819d7a431d7c90ea0e5fn,
    },
  },
}

/** undefined for a key that is on neither curve; false for whatever is not a good signature. */
export function verifyEcdsaDigest(
  key: KeyObject,
  digest: Uint8Array,
  signature: Uint8Array,
): boolean | undefined {
  const name = key.asymmetricKeyDetails?.namedCurve ?? ''
  const curve = Object.hasOwn(CURVES, name) ? CURVES[name] : undefined
  if (curve === undefined) return undefined
  const pair = readSignature(signature)
  if (pair === undefined) return false
  const [r, s] = pair
  const { n, g } = curve
  if (r < 1n || r >= n || s < 1n || s >= n) return false
  // The leftmost bits of the digest, as many as the order has.
  const e = toInteger(digest.subarray(0, curve.bits / 8))
  const w = invert(s, n)
  const sum = add(times((e * w) % n, g, curve), times((r * w) % n, pointOf(key), curve), curve)
  return sum !== NOWHERE && sum.x % n === r
}

function readSignature(der: Uint8Array): readonly [bigint, bigint] | undefined {
  const numbers = readElements(readElement(der, SEQUENCE) ?? new Uint8Array()) ?? []
  const [r, s] = numbers.map(({ tag, value }) => (tag === 0x02 ? toPositive(value) : undefined))
  return numbers.length === 2 && r !== undefined && s !== undefined ? [r, s] : undefined
}

/** A DER integer above 0 in its shortest form. */
function toPositive(bytes: Uint8Array): bigint | undefined {
  const [first = 0x80, second = 0] = bytes
  if (first >= 0x80 || (first === 0 && second < 0x80)) return undefined
  return toInteger(bytes)
}

function pointOf(key: KeyObject): Point {
  const { x = '', y = '' } = key.export({ format: 'jwk' })
  return { x: toInteger(Buffer.from(x, 'base64url')), y: toInteger(Buffer.from(y, 'base64url')) }
}

function toInteger(bytes: Uint8Array): bigint {
  return BigInt(`0x${Buffer.from(bytes).toString('hex') || '0'}`)
}

function times(factor: bigint, point: Point, curve: Curve): Point | undefined {
  let sum: Point | undefined = NOWHERE
  for (let bit = BigInt(curve.bits) - 1n; bit >= 0n; bit--) {
    sum = add(sum, sum, curve)
    if ((factor >> bit) & 1n) sum = add(sum, point, curve)
  }
  return sum
}

/** SEC 1, 2.2.1. */
function add(a: Point | undefined, b: Point | undefined, { p }: Curve): Point | undefined {
  if (a === NOWHERE) return b
  if (b === NOWHERE) return a
  const isSame = a.x === b.x && a.y === b.y
  if (a.x === b.x && (!isSame || a.y === 0n)) return NOWHERE
  const slope = isSame
    ? (3n * a.x * a.x - 3n) * invert(2n * a.y, p)
    : (b.y - a.y) * invert(modulo(b.x - a.x, p), p)
  const x = modulo(slope * slope - a.x - b.x, p)
  return { x, y: modulo(slope * (a.x - x) - a.y, p) }
}

/** Euclid, extended; `value` and the prime have no common factor. */
function invert(value: bigint, prime: bigint): bigint {
  let [before, now] = [prime, modulo(value, prime)]
  let [first, second] = [0n, 1n]
  while (now !== 0n) {
    const quotient = before / now
    ;[before, now] = [now, before - quotient * now]
    ;[first, second] = [second, first - quotient * second]
  }
  return modulo(first, prime)
}

function modulo(value: bigint, prime: bigint): bigint {
  const rest = value % prime
  return rest < 0n ? rest + prime : rest
}
