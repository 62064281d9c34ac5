// Words for bytes: comparing, joining, hex, base64, text.

export function equalBytes(a: Uint8Array, b: Uint8Array): boolean {
  return a.length === b.length && Buffer.compare(a, b) === 0
}

export function concatBytes(...parts: readonly Uint8Array[]): Uint8Array {
  return Buffer.concat(parts)
}

/**
 * For bytes that are kept long: in memory of their own, that nobody else can change. A small Buffer shares 64 KiB with others, and all
 * of them stay for as long as one does.
 */
export function copyBytes(bytes: Uint8Array): Uint8Array {
  return new Uint8Array(bytes)
}

export function toHex(bytes: Uint8Array): string {
  return Buffer.from(bytes.buffer, bytes.byteOffset, bytes.length).toString('hex')
}

/** `hex` is trusted to be hex of whole bytes; check it first where it came from outside. */
export function fromHex(hex: string): Uint8Array {
  return Buffer.from(hex, 'hex')
}

export function toBase64(bytes: Uint8Array): string {
  return Buffer.from(bytes.buffer, bytes.byteOffset, bytes.length).toString('base64')
}

/** The bytes of standard base64 with padding, or undefined for any other spelling of them. */
export function fromBase64(text: string): Uint8Array | undefined {
  const bytes = Buffer.from(text, 'base64')
  return bytes.toString('base64') === text ? bytes : undefined
}

export function utf8(text: string): Uint8Array {
  return Buffer.from(text, 'utf8')
}
