// The floor: the same cryptography and the same disk operations as the product, with nothing around them. No checks, no parsing beyond
// JSON.parse, no errors: what no design can go below with these primitives.

import { generateKeyPairSync, hash, type KeyObject, sign, verify } from 'node:crypto'
import { join } from 'node:path'
import { ClassicLevel } from 'classic-level'

export type Raw = ClassicLevel<Uint8Array, Uint8Array>

export async function openRaw(folder: string): Promise<Raw> {
  const db: Raw = new ClassicLevel(join(folder, 'raw'), {
    blockSize: 16 * 1024,
    writeBufferSize: 32 * 1024 * 1024,
    cacheSize: 64 * 1024 * 1024,
    maxFileSize: 8 * 1024 * 1024,
    keyEncoding: 'view',
    valueEncoding: 'view',
  })
  await db.open()
  return db
}

export function digest(bytes: Uint8Array): Uint8Array {
  return Buffer.from(hash('sha256', bytes, 'binary'), 'binary')
}

export interface Keys {
  readonly release: { readonly privateKey: KeyObject; readonly publicKey: KeyObject }
  readonly log: { readonly privateKey: KeyObject; readonly publicKey: KeyObject }
}

export function makeKeys(): Keys {
  return {
    release: generateKeyPairSync('ec', { namedCurve: 'P-256' }),
    log: generateKeyPairSync('ed25519'),
  }
}

export function signRelease(keys: Keys, bytes: Uint8Array): Uint8Array {
  return sign('sha256', bytes, keys.release.privateKey)
}

export function signHead(keys: Keys, bytes: Uint8Array): Uint8Array {
  return sign(null, bytes, keys.log.privateKey)
}

export function checkRelease(keys: Keys, bytes: Uint8Array, signature: Uint8Array): boolean {
  return verify('sha256', bytes, keys.release.publicKey, signature)
}

export function checkHead(keys: Keys, bytes: Uint8Array, signature: Uint8Array): boolean {
  return verify(null, bytes, keys.log.publicKey, signature)
}
