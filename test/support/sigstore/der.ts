// As much DER (X.690) as a certificate needs: what is written, never what is read.

export function der(tag: number, ...parts: readonly Uint8Array[]): Buffer {
  const body = Buffer.concat(parts)
  return Buffer.concat([Buffer.from([tag, ...lengthOf(body.length)]), body])
}

function lengthOf(length: number): number[] {
  if (length < 0x80) return [length]
  const bytes: number[] = []
  for (let rest = length; rest > 0; rest >>= 8) bytes.unshift(rest & 0xff)
  return [0x80 | bytes.length, ...bytes]
}

export const sequence = (...parts: readonly Uint8Array[]): Buffer => der(0x30, ...parts)
export const set = (...parts: readonly Uint8Array[]): Buffer => der(0x31, ...parts)
export const octets = (bytes: Uint8Array): Buffer => der(0x04, bytes)
export const bits = (bytes: Uint8Array, unused = 0): Buffer =>
  der(0x03, Buffer.from([unused]), bytes)
export const text = (value: string): Buffer => der(0x0c, Buffer.from(value, 'utf8'))
export const truth = (): Buffer => der(0x01, Buffer.from([0xff]))

/** A positive number, whatever its first bit. */
/** Of a number that is not negative, in the one form DER has for it: readers refuse a zero too many. */
export function integer(bytes: Uint8Array): Buffer {
  const first = bytes.findIndex((byte) => byte !== 0)
  const short = first < 0 ? Buffer.from([0]) : Buffer.from(bytes.subarray(first))
  return der(0x02, (short[0] ?? 0) >= 0x80 ? Buffer.concat([Buffer.from([0]), short]) : short)
}

export function oid(dotted: string): Buffer {
  const [first = 0, second = 0, ...rest] = dotted.split('.').map(Number)
  const arcs = rest.flatMap((arc) => {
    const bytes = [arc & 0x7f]
    for (let left = arc >>> 7; left > 0; left >>>= 7) bytes.unshift(0x80 | (left & 0x7f))
    return bytes
  })
  return der(0x06, Buffer.from([first * 40 + second, ...arcs]))
}

/** GeneralizedTime, in whole seconds. */
export function time(at: Date): Buffer {
  const digits = at.toISOString().replace(/[-:T]|\.\d+/g, '')
  return der(0x18, Buffer.from(digits, 'ascii'))
}
