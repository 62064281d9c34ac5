// Secret keys as PKCS#8 PEM (RFC 5958), with a passphrase as PBES2 (RFC 8018): scrypt (RFC 7914) and AES-256-CBC.
// Node itself exports PBKDF2 with 2,048 rounds only, which a stolen file's finder tries by the million; so the small
// DER frame is written here. Reading is left to node:crypto, and `openssl pkey` reads these files as well.

import {
  createCipheriv,
  createPrivateKey,
  type KeyObject,
  randomBytes,
  scryptSync,
} from 'node:crypto'
import { concatBytes, fromHex, RegistryError, toBase64 } from '../lib/index.ts'

/** 16 MiB and five passes, about 0.2 s; OpenSSL refuses to read parameters that need more than 32 MiB. */
const COST = { N: 2 ** 14, r: 8, p: 5 } as const
const ENCRYPTED = 'ENCRYPTED PRIVATE KEY'

const OID = {
  pbes2: fromHex('06092a864886f70d01050d'),
  scrypt: fromHex('06092b06010401da47040b'),
  aes256cbc: fromHex('060960864801650304012a'),
} as const

export function isEncryptedPem(pem: string): boolean {
  return pem.includes(`-----BEGIN ${ENCRYPTED}-----`) || /^Proc-Type: 4,ENCRYPTED\r?$/m.test(pem)
}

export function formatSecretKey(key: KeyObject, passphrase?: string): string {
  if (passphrase === undefined) return key.export({ format: 'pem', type: 'pkcs8' }).toString()
  return formatPem(encrypt(key.export({ format: 'der', type: 'pkcs8' }), passphrase))
}

/** Reads what `openssl` writes too. Throws KEY_LOCKED without the right passphrase, KEY_INVALID for other text. */
export function parseSecretKey(pem: string, passphrase?: string): KeyObject {
  const isLocked = isEncryptedPem(pem)
  if (isLocked && passphrase === undefined) throw locked('none')
  try {
    return createPrivateKey({ key: pem, format: 'pem', ...(isLocked ? { passphrase } : {}) })
  } catch (cause) {
    // A wrong passphrase and a damaged file look alike: CBC has no checksum but its padding.
    if (isLocked) throw locked('another one, or the file is damaged', cause)
    throw new RegistryError('KEY_INVALID', 'This is not the PEM text of a secret key.', {
      expected: 'PKCS#8 or SEC 1 in PEM, of a P-256 or Ed25519 key',
      next: 'Restore the key from a backup, or give the file that holds the secret key.',
      cause,
    })
  }
}

function locked(got: string, cause?: unknown): RegistryError {
  return new RegistryError('KEY_LOCKED', 'This secret key needs its passphrase.', {
    expected: 'the passphrase it was locked with',
    got,
    next: 'Set TOOLMARK_PASSPHRASE, or run the command on a terminal and answer the question.',
    ...(cause === undefined ? {} : { cause }),
  })
}

function encrypt(secret: Uint8Array, passphrase: string): Uint8Array {
  const salt = randomBytes(16)
  const iv = randomBytes(16)
  const derived = scryptSync(passphrase, salt, 32, { ...COST, maxmem: 32 * 1024 * 1024 })
  const cipher = createCipheriv('aes-256-cbc', derived, iv)
  const sealed = concatBytes(cipher.update(secret), cipher.final())
  const costs = [COST.N, COST.r, COST.p].map(integer)
  const derivation = sequence(OID.scrypt, sequence(octets(salt), ...costs))
  const encryption = sequence(OID.aes256cbc, octets(iv))
  return sequence(sequence(OID.pbes2, sequence(derivation, encryption)), octets(sealed))
}

function sequence(...parts: readonly Uint8Array[]): Uint8Array {
  return tagged(0x30, concatBytes(...parts))
}

function octets(bytes: Uint8Array): Uint8Array {
  return tagged(0x04, bytes)
}

function integer(value: number): Uint8Array {
  const hex = value.toString(16)
  const bytes = fromHex(hex.length % 2 === 0 ? hex : `0${hex}`)
  const isNegative = (bytes[0] ?? 0) >= 0x80 // In DER a set top bit is a sign.
  return tagged(0x02, isNegative ? concatBytes(Uint8Array.of(0), bytes) : bytes)
}

/** Contents here are far below 64 KiB. */
function tagged(tag: number, content: Uint8Array): Uint8Array {
  const { length } = content
  if (length < 0x80) return concatBytes(Uint8Array.of(tag, length), content)
  if (length < 0x100) return concatBytes(Uint8Array.of(tag, 0x81, length), content)
  return concatBytes(Uint8Array.of(tag, 0x82, length >> 8, length & 0xff), content)
}

function formatPem(der: Uint8Array): string {
  const lines = toBase64(der).match(/.{1,64}/g) ?? []
  return `-----BEGIN ${ENCRYPTED}-----\n${lines.join('\n')}\n-----END ${ENCRYPTED}-----\n`
}
