// The key of this node: it makes the peer id, and cosigns. What it signs for libp2p and what it signs as a witness begin differently, so
// neither can be passed off as the other.

import { createPrivateKey, createPublicKey, randomBytes, sign } from 'node:crypto'
import { readFile } from 'node:fs/promises'
import { concatBytes, fromHex, RegistryError, toBase64, writeWhole } from '../lib/index.ts'
import type { Cosigner } from '../log/index.ts'
import { parsePublicKey } from '../trust/index.ts'
import type { Home } from './home.ts'

const SEED_LENGTH = 32
/** PKCS#8 of an Ed25519 key (RFC 8410), all in front of the seed. */
const PKCS8_PREFIX = fromHex('302e020100300506032b657004220420')
/** An Ed25519 public key in libp2p’s protobuf form, all in front of the key, within an identity multihash. */
const PEER_PREFIX = fromHex('002408011220')
const BASE58 = '123456789ABCDEFGHJKLMNPQRSTUVWXYZabcdefghijkmnopqrstuvwxyz'

/** Made at the first use and kept, so that addresses and cosignatures stay true. Throws FILE_UNAVAILABLE. */
export async function ensureNodeKey(home: Home): Promise<Uint8Array> {
  const held = await findNodeKey(home)
  if (held !== undefined) return held
  try {
    await writeWhole(home.nodeKey, randomBytes(SEED_LENGTH), { once: true, mode: 0o600 })
  } catch (cause) {
    // Another command was faster: its key is this node’s.
    if ((cause as NodeJS.ErrnoException).code !== 'EEXIST') throw unreadable(home, cause)
  }
  return (await findNodeKey(home)) ?? (await ensureNodeKey(home))
}

/** `name` is what the operator chose; without one it is made of the peer id. Throws FILE_UNAVAILABLE, KEY_INVALID. */
export async function openCosigner(home: Home, name: string | undefined): Promise<Cosigner> {
  const bytes = await ensureNodeKey(home)
  if (bytes.length < SEED_LENGTH) {
    throw new RegistryError('KEY_INVALID', 'The key of this node is damaged.', {
      expected: `${SEED_LENGTH} bytes at ${home.nodeKey}`,
      got: `${bytes.length} bytes`,
      next: 'Restore it from a backup, or remove it to get a new peer id and a new witness key.',
    })
  }
  const seed = seedIn(bytes)
  const der = Buffer.from(concatBytes(PKCS8_PREFIX, seed))
  const secret = createPrivateKey({ key: der, format: 'der', type: 'pkcs8' })
  const spki = createPublicKey(secret).export({ format: 'der', type: 'spki' })
  const key = parsePublicKey({ type: 'ed25519', spki: toBase64(spki) })
  const signer = { key, sign: async (data: Uint8Array) => sign(null, data, secret) }
  return { name: name ?? `toolmark.node/${peerIdOf(spki.subarray(-32))}`, signer }
}

export interface OwnWitness {
  readonly cosigner: Cosigner
  /** Whether `registry serve` cosigns, as the configuration says. */
  readonly enabled: boolean
  /** HOST:PORT of tlog-witness over HTTP. */
  readonly listen: string | undefined
}

/** What this node is as a witness, by its configuration. Throws as `openConfig` and `openCosigner` do. */
export async function openOwnWitness(
  home: Home,
  place: { readonly file?: string | undefined; readonly folder: string },
): Promise<OwnWitness> {
  const { openConfig } = await import('./config/index.ts')
  const { config } = await openConfig({ ...place, home })
  const { name, enabled, listen } = config.witness
  return { cosigner: await openCosigner(home, name), enabled, listen }
}

/** 32 bytes, or libp2p’s protobuf form: four bytes, the seed, the public half. */
function seedIn(bytes: Uint8Array): Uint8Array {
  return bytes.length === SEED_LENGTH ? bytes : bytes.subarray(4, 4 + SEED_LENGTH)
}

function peerIdOf(raw: Uint8Array): string {
  let rest = BigInt(`0x${Buffer.from(concatBytes(PEER_PREFIX, raw)).toString('hex')}`)
  let text = ''
  for (; rest > 0n; rest /= 58n) text = `${BASE58[Number(rest % 58n)]}${text}`
  // The one leading zero byte of the multihash.
  return `1${text}`
}

async function findNodeKey(home: Home): Promise<Uint8Array | undefined> {
  try {
    return await readFile(home.nodeKey)
  } catch (cause) {
    if ((cause as NodeJS.ErrnoException).code === 'ENOENT') return undefined
    throw unreadable(home, cause)
  }
}

function unreadable(home: Home, cause: unknown): RegistryError {
  return new RegistryError('FILE_UNAVAILABLE', 'The key of this node cannot be read.', {
    expected: home.nodeKey,
    got: (cause as NodeJS.ErrnoException).code ?? String(cause),
    next: 'Check its permissions, or remove it to get a new peer id.',
    cause,
  })
}
