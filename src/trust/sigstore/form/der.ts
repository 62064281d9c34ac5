// The little of DER (X.690) that certificate extensions need: one element after another, definite lengths in their shortest form.
// Anything else is undefined here, which callers refuse: two spellings of one name would be two names to somebody else.

export interface Element {
  readonly tag: number
  readonly value: Uint8Array
}

export const OBJECT_ID = 0x06
export const UTF8_STRING = 0x0c
export const SEQUENCE = 0x30
export const SET = 0x31

/** All of `bytes` as elements in a row, or undefined. */
export function readElements(bytes: Uint8Array): readonly Element[] | undefined {
  const elements: Element[] = []
  let start = 0
  while (start < bytes.length) {
    const header = readHeader(bytes, start)
    if (header === undefined || header.end > bytes.length) return undefined
    elements.push({ tag: header.tag, value: bytes.subarray(header.start, header.end) })
    start = header.end
  }
  return elements
}

/** All of `bytes` as one element of this tag, or undefined. */
export function readElement(bytes: Uint8Array, tag: number): Uint8Array | undefined {
  const [only, ...more] = readElements(bytes) ?? []
  return only?.tag === tag && more.length === 0 ? only.value : undefined
}

interface Header {
  readonly tag: number
  readonly start: number
  readonly end: number
}

function readHeader(bytes: Uint8Array, start: number): Header | undefined {
  const tag = bytes[start]
  const first = bytes[start + 1]
  // Tags above 30 take more bytes; no extension read here has one.
  if (tag === undefined || first === undefined || (tag & 0x1f) === 0x1f) return undefined
  if (first < 0x80) return { tag, start: start + 2, end: start + 2 + first }
  const size = first & 0x7f
  if (size < 1 || size > 3 || start + 2 + size > bytes.length) return undefined
  let length = 0
  for (const byte of bytes.subarray(start + 2, start + 2 + size)) length = length * 256 + byte
  if (length < 0x80 || length < 256 ** (size - 1)) return undefined
  return { tag, start: start + 2 + size, end: start + 2 + size + length }
}
