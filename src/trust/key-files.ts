// Key files: one JSON file a key, its owner’s alone, the secret as PKCS#8 (encrypted when there is a passphrase). A file that others can
// read, a link, or a public half that does not belong to the secret is refused.

import {
  createPrivateKey,
  createPublicKey,
  generateKeyPairSync,
  type KeyObject,
  sign,
} from 'node:crypto'
import { isJsonObject, parseJson, RegistryError } from '../lib/index.ts'
import { listKeyFiles, readKeyFile, writeKeyFile } from './key-folder.ts'
import {
  equalKeys,
  type KeyType,
  keyFingerprint,
  type PublicKey,
  parsePublicKey,
  publicKeyOf,
} from './public-key.ts'
import type { Signer } from './signer.ts'

export interface KeyInfo {
  readonly name: string
  readonly type: KeyType
  readonly key: PublicKey
  readonly fingerprint: string
  readonly encrypted: boolean
  readonly path: string
}

interface Unlock {
  readonly passphrase?: string
}

interface KeyFile {
  readonly name: string
  readonly key: PublicKey
  readonly secret: string
}

/** OpenSSL’s strongest PBES2 choice that every client reads. */
const CIPHER = 'aes-256-cbc'

/** Makes a new key; KEY_INVALID when one of that name is there already. */
export async function createKey(
  folder: string,
  { name, type, passphrase }: { readonly name: string; readonly type: KeyType } & Unlock,
): Promise<KeyInfo> {
  assertKeyName(name)
  const { privateKey } =
    type === 'ed25519'
      ? generateKeyPairSync('ed25519')
      : generateKeyPairSync('ec', { namedCurve: 'P-256' })
  return save(folder, name, privateKey, passphrase)
}

/** Every key in the folder, by name. Throws KEY_PERMISSIONS or KEY_INVALID for a file that must not be used. */
export async function listKeys(folder: string): Promise<readonly KeyInfo[]> {
  const infos: KeyInfo[] = []
  for (const name of await listKeyFiles(folder)) {
    if (isKeyName(name)) infos.push(toInfo(folder, await load(folder, name)))
  }
  return infos
}

/** Throws KEY_MISSING, KEY_PERMISSIONS, KEY_LOCKED, KEY_INVALID. */
export async function openSigner(
  folder: string,
  name: string,
  unlock: Unlock = {},
): Promise<Signer> {
  assertKeyName(name)
  const file = await load(folder, name)
  const secret = unseal(file, unlock.passphrase)
  assertHalves(file, secret)
  const algorithm = file.key.type === 'ed25519' ? null : 'sha256'
  return { key: file.key, sign: async (data) => sign(algorithm, data, secret) }
}

/** The public key as PEM; with `secret` the key file as it is, still encrypted if it was. */
export async function exportKey(
  folder: string,
  name: string,
  options: { readonly secret?: boolean } = {},
): Promise<string> {
  assertKeyName(name)
  const file = await load(folder, name)
  if (options.secret === true) return formatKeyFile(file)
  const der = Buffer.from(file.key.spki, 'base64')
  return createPublicKey({ key: der, format: 'der', type: 'spki' })
    .export({ format: 'pem', type: 'spki' })
    .toString()
}

/** Takes in a key file, or a PKCS#8 or SEC1 private key as PEM. */
export async function importKey(
  folder: string,
  { name, text, passphrase }: { readonly name: string; readonly text: string } & Unlock,
): Promise<KeyInfo> {
  assertKeyName(name)
  if (!text.trimStart().startsWith('{')) {
    return save(folder, name, readPem(text, passphrase), passphrase)
  }
  const file = { ...parseKeyFile(Buffer.from(text), name), name }
  if (!isEncrypted(file) || passphrase !== undefined) assertHalves(file, unseal(file, passphrase))
  const path = await writeKeyFile(folder, name, Buffer.from(formatKeyFile(file)))
  return { ...toInfo(folder, file), path }
}

async function save(
  folder: string,
  name: string,
  secret: KeyObject,
  passphrase: string | undefined,
): Promise<KeyInfo> {
  const lock = passphrase === undefined ? {} : { cipher: CIPHER, passphrase }
  const pem = secret.export({ format: 'pem', type: 'pkcs8', ...lock }).toString()
  const file: KeyFile = { name, key: publicKeyOf(secret), secret: pem }
  await writeKeyFile(folder, name, Buffer.from(formatKeyFile(file)))
  return toInfo(folder, file)
}

async function load(folder: string, name: string): Promise<KeyFile> {
  return parseKeyFile(await readKeyFile(folder, name), name)
}

function formatKeyFile({ name, key, secret }: KeyFile): string {
  return `${JSON.stringify({ kind: 'key/v1', name, type: key.type, public: key.spki, secret }, undefined, 2)}\n`
}

function parseKeyFile(bytes: Uint8Array, name: string): KeyFile {
  const value = parseJson(bytes)
  if (!isJsonObject(value) || value.kind !== 'key/v1' || typeof value.secret !== 'string') {
    throw damaged(name, 'kind key/v1 with name, type, public and secret')
  }
  const key = parsePublicKey({ type: value.type, spki: value.public })
  return { name, key, secret: value.secret }
}

function isEncrypted(file: KeyFile): boolean {
  return file.secret.includes('ENCRYPTED')
}

function unseal(file: KeyFile, passphrase: string | undefined): KeyObject {
  if (isEncrypted(file) && passphrase === undefined) throw locked(file.name, 'none')
  try {
    const lock = isEncrypted(file) && passphrase !== undefined ? { passphrase } : {}
    return createPrivateKey({ key: file.secret, format: 'pem', ...lock })
  } catch (cause) {
    if (isEncrypted(file)) throw locked(file.name, 'another one', cause)
    throw damaged(file.name, 'a PKCS#8 private key', cause)
  }
}

/** A swapped public half would have us sign under a name that is not ours. */
function assertHalves(file: KeyFile, secret: KeyObject): void {
  if (equalKeys(publicKeyOf(secret), file.key)) return
  throw damaged(file.name, 'a public half that belongs to the secret')
}

function readPem(text: string, passphrase: string | undefined): KeyObject {
  try {
    return createPrivateKey({
      key: text,
      format: 'pem',
      ...(passphrase === undefined ? {} : { passphrase }),
    })
  } catch (cause) {
    throw new RegistryError('KEY_INVALID', 'This is not a private key that can be read.', {
      expected: 'a key file of `registry key export --secret`, or a private key as PEM',
      got: 'other text, or a wrong passphrase',
      next: 'Check the file; for an encrypted one set TOOLMARK_PASSPHRASE.',
      cause,
    })
  }
}

function toInfo(folder: string, file: KeyFile): KeyInfo {
  return {
    name: file.name,
    type: file.key.type,
    key: file.key,
    fingerprint: keyFingerprint(file.key),
    encrypted: isEncrypted(file),
    path: `${folder}/${file.name}.json`,
  }
}

function isKeyName(name: string): boolean {
  return /^[a-z0-9-]{1,40}$/.test(name)
}

function assertKeyName(name: string): void {
  if (isKeyName(name)) return
  throw new RegistryError('NAME_INVALID', 'This is not a name for a key.', {
    expected: '1 to 40 of a-z, 0-9 and -',
    got: JSON.stringify(name.slice(0, 60)),
    next: 'For example `signing` or `ci-2026`.',
  })
}

function locked(name: string, got: string, cause?: unknown): RegistryError {
  return new RegistryError('KEY_LOCKED', `The key ${name} is protected by a passphrase.`, {
    expected: 'its passphrase',
    got,
    next: 'Set TOOLMARK_PASSPHRASE, or run the command on a terminal and answer the question.',
    ...(cause === undefined ? {} : { cause }),
  })
}

function damaged(name: string, expected: string, cause?: unknown): RegistryError {
  return new RegistryError('KEY_INVALID', `The key file ${name} is damaged or has been changed.`, {
    expected,
    got: 'something else',
    next: 'Restore it from your backup with `registry key import`.',
    ...(cause === undefined ? {} : { cause }),
  })
}
