// Key files: `<folder>/<name>.json` holds a public key and its secret half, locked with a passphrase or not, readable by
// its owner only. They are made, listed, opened as signers, exported and imported; nothing here replaces or deletes one.

import { generateKeyPairSync, type KeyObject, sign } from 'node:crypto'
import { readdir } from 'node:fs/promises'
import { join } from 'node:path'
import { promisify } from 'node:util'
import { RegistryError, utf8 } from '../lib/index.ts'
import { formatKeyFile, type KeyFile, parseKeyFile } from './key-file.ts'
import { createOwnerFile, findOwnerFile } from './owner-files.ts'
import { formatSecretKey, isEncryptedPem, parseSecretKey } from './pkcs8.ts'
import {
  equalKeys,
  type KeyType,
  keyFingerprint,
  type PublicKey,
  publicKeyOf,
  toKeyObject,
  verifySignature,
} from './public-key.ts'
import type { Signer } from './signer.ts'

export interface KeyInfo {
  readonly name: string
  readonly type: KeyType
  /** As the file says; only `openSigner` proves that the secret half fits. */
  readonly key: PublicKey
  readonly fingerprint: string
  readonly encrypted: boolean
  readonly path: string
}

export interface Unlock {
  readonly passphrase?: string
}

/** With a callback Node signs on another thread: many releases at once keep more than one core busy. */
const signOnThread = promisify<string | null, Uint8Array, KeyObject, Uint8Array>(sign)

const NAME = /^[a-z0-9-]{1,40}$/
const SUFFIX = '.json'

/** Throws FILE_EXISTS rather than replace a key. */
export async function createKey(
  folder: string,
  options: Unlock & { readonly name: string; readonly type: KeyType },
): Promise<KeyInfo> {
  const { privateKey } =
    options.type === 'ed25519'
      ? generateKeyPairSync('ed25519')
      : generateKeyPairSync('ec', { namedCurve: 'P-256' })
  return saveKey(folder, options, privateKey)
}

/** By name; none if there is no folder. Throws for a file that is not in order: the owner should know. */
export async function listKeys(folder: string): Promise<readonly KeyInfo[]> {
  return (await openKeyFiles(folder)).map(({ info }) => info)
}

/** What a key file says, and the way to its signer, without reading it again. */
export interface OpenKeyFile {
  readonly info: KeyInfo
  /** Throws KEY_LOCKED, KEY_INVALID. A passphrase for an unlocked file is ignored. */
  open(options?: Unlock): Signer
}

/** By name, as `listKeys`. */
export async function openKeyFiles(folder: string): Promise<readonly OpenKeyFile[]> {
  const names = (await listNames(folder)).sort()
  const files = await Promise.all(names.map((name) => readKeyFile(folder, name)))
  return files.map((file) => ({
    info: describeKey(folder, file),
    open: (options = {}) => signerOf(file, options),
  }))
}

/** Throws KEY_MISSING, KEY_LOCKED, KEY_PERMISSIONS, KEY_INVALID. A passphrase for an unlocked file is ignored. */
export async function openSigner(
  folder: string,
  name: string,
  options: Unlock = {},
): Promise<Signer> {
  return signerOf(await readKeyFile(folder, name), options)
}

function signerOf({ key, secret }: KeyFile, options: Unlock): Signer {
  const secretKey = parseSecretKey(secret, options.passphrase)
  assertPair(key, secretKey)
  const algorithm = key.type === 'ed25519' ? null : 'sha256'
  return { key, sign: (data) => signOnThread(algorithm, data, secretKey) }
}

/** The public key as PEM, or with `secret` the whole key file, still locked if it was. */
export async function exportKey(
  folder: string,
  name: string,
  options: { readonly secret?: boolean } = {},
): Promise<string> {
  const file = await readKeyFile(folder, name)
  if (options.secret === true) return formatKeyFile(file)
  return toKeyObject(file.key).export({ format: 'pem', type: 'spki' }).toString()
}

/**
 * `text` is a key file or the PEM of a secret key, as openssl writes it. A passphrase both unlocks it and locks the new
 * file. A locked key file is kept as it is when no passphrase is given. Throws FILE_EXISTS rather than replace a key.
 */
export async function importKey(
  folder: string,
  options: Unlock & { readonly name: string; readonly text: string },
): Promise<KeyInfo> {
  const { name, text, passphrase } = options
  if (!text.trimStart().startsWith('{')) {
    return saveKey(folder, options, parseSecretKey(text, passphrase))
  }
  const file = parseKeyFile(text, 'the text to import')
  if (passphrase === undefined && isEncryptedPem(file.secret)) {
    return saveFile(folder, { ...file, name })
  }
  const secretKey = parseSecretKey(file.secret, passphrase)
  assertPair(file.key, secretKey)
  return saveKey(folder, options, secretKey)
}

async function saveKey(
  folder: string,
  { name, passphrase }: Unlock & { readonly name: string },
  secretKey: KeyObject,
): Promise<KeyInfo> {
  const key = publicKeyOf(secretKey)
  assertPair(key, secretKey)
  return saveFile(folder, { name, key, secret: formatSecretKey(secretKey, passphrase) })
}

async function saveFile(folder: string, file: KeyFile): Promise<KeyInfo> {
  await createOwnerFile(folder, fileName(file.name), formatKeyFile(file))
  return describeKey(folder, file)
}

async function readKeyFile(folder: string, name: string): Promise<KeyFile> {
  const path = join(folder, fileName(name))
  const text = await findOwnerFile(folder, fileName(name))
  if (text === undefined) {
    throw new RegistryError('KEY_MISSING', `There is no key named ${name}.`, {
      expected: `a key file at ${path}`,
      got: 'no file',
      next: 'Run `registry init` to make keys, or `registry key import` to bring one back from a backup.',
    })
  }
  const file = parseKeyFile(text, path)
  if (file.name === name) return file
  throw new RegistryError('KEY_INVALID', `The key file ${path} belongs to another name.`, {
    expected: name,
    got: file.name,
    next: 'Give the file the name of its key again.',
  })
}

/**
 * The secret half must make signatures that the public half accepts. Comparing with the public key derived from the file
 * is not enough: PKCS#8 may carry a public key of its own, which OpenSSL believes.
 */
function assertPair(key: PublicKey, secretKey: KeyObject): void {
  const derived = publicKeyOf(secretKey)
  const probe = utf8('toolmark key file: do these halves fit?')
  const signature = sign(key.type === 'ed25519' ? null : 'sha256', probe, secretKey)
  if (equalKeys(key, derived) && verifySignature(key, probe, signature)) return
  throw new RegistryError(
    'KEY_INVALID',
    'The public half of this key is not that of its secret half.',
    {
      expected: keyFingerprint(derived),
      got: keyFingerprint(key),
      next: 'Restore the key file from a backup: this one was changed.',
    },
  )
}

function describeKey(folder: string, { name, key, secret }: KeyFile): KeyInfo {
  return {
    name,
    type: key.type,
    key,
    fingerprint: keyFingerprint(key),
    encrypted: isEncryptedPem(secret),
    path: join(folder, fileName(name)),
  }
}

/** The grammar keeps names from leaving the folder (T34). */
function fileName(name: string): string {
  if (NAME.test(name)) return `${name}${SUFFIX}`
  throw new RegistryError('NAME_INVALID', 'This is not the name of a key.', {
    expected: '1 to 40 of a-z, 0-9 and -',
    got: JSON.stringify(name.slice(0, 60)),
    next: 'Choose a name such as signing.',
  })
}

async function listNames(folder: string): Promise<string[]> {
  try {
    const files = await readdir(folder)
    const names = files
      .filter((file) => file.endsWith(SUFFIX))
      .map((file) => file.slice(0, -SUFFIX.length))
    return names.filter((name) => NAME.test(name))
  } catch (cause) {
    if (cause instanceof Error && 'code' in cause && cause.code === 'ENOENT') return []
    throw new RegistryError('FILE_UNAVAILABLE', `The key folder ${folder} cannot be listed.`, {
      next: 'Check that it is a folder of yours.',
      cause,
    })
  }
}
