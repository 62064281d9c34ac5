// Which Ed25519 points may be enrolled (RFC 8032, section 5.1.3): canonical, on the curve, and not of small order.
// Only for public values: BigInt arithmetic is not constant-time.

const P = 2n ** 255n - 19n
const D = 37095705934669439343138083508754565189542113879843219016388785533085940283555n
const SIGN_BIT = 2n ** 255n

/** The y of the eight points whose order divides 8; either sign. A signature under one fits almost any message. */
const SMALL_ORDER_Y: ReadonlySet<bigint> = new Set([
  0n,
  1n,
  P - 1n,
  2707385501144840649318225287225658788936804267575313519463743609750303402022n,
  55188659117513257062467267217118295137698188065244968500265048394206261417927n,
])

/** `bytes` are the 32 bytes of an encoded point. */
export function isStrongEd25519Point(bytes: Uint8Array): boolean {
  const value = BigInt(`0x${Buffer.from(bytes).reverse().toString('hex')}`)
  const y = value % SIGN_BIT
  // y ≥ p is a second spelling of a point; some verifiers reduce it and some refuse it.
  return bytes.length === 32 && y < P && !SMALL_ORDER_Y.has(y) && isOnCurve(y)
}

/** −x² + y² = 1 + d·x²·y²: there is an x when (y² − 1) / (d·y² + 1) is a square; its quotient and product are squares alike. */
function isOnCurve(y: bigint): boolean {
  const square = (y * y) % P
  const product = ((square - 1n + P) * (D * square + 1n)) % P
  return isSquare(product)
}

/** Jacobi's symbol, which for a prime is Legendre's: by the law of reciprocity in steps like Euclid's, a tenth of what a power costs. */
function isSquare(value: bigint): boolean {
  let [a, n, isEven] = [value, P, true]
  while (a > 0n) {
    while ((a & 1n) === 0n) {
      a >>= 1n
      const rest = n & 7n
      if (rest === 3n || rest === 5n) isEven = !isEven
    }
    if ((a & n & 3n) === 3n) isEven = !isEven
    ;[a, n] = [n % a, a]
  }
  return n === 1n && isEven
}
