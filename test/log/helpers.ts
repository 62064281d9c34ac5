// Real keys and real logs for the tests of log/: a publisher with one P-256 key for all roles and an Ed25519 log key.

import { generateKeyPairSync, type KeyObject, sign } from 'node:crypto'
import { expect } from 'vitest'
import type { Cid } from '../../src/cid/index.ts'
import { isRegistryError, RegistryError } from '../../src/lib/index.ts'
import {
  type LogDraft,
  makeGenesis,
  makeStatement,
  type Position,
  type Roles,
} from '../../src/log/index.ts'
import type { KeyType, PublicKey, Signer } from '../../src/trust/index.ts'

export function createSigner(type: KeyType): Signer {
  const { privateKey, publicKey } =
    type === 'ed25519'
      ? generateKeyPairSync('ed25519')
      : generateKeyPairSync('ec', { namedCurve: 'prime256v1' })
  const key: PublicKey = { type, spki: spkiOf(publicKey) }
  const algorithm = type === 'ed25519' ? null : 'sha256'
  return { key, sign: async (data) => sign(algorithm, data, privateKey) }
}

function spkiOf(key: KeyObject): string {
  return key.export({ format: 'der', type: 'spki' }).toString('base64')
}

export interface TestPublisher {
  readonly root: Signer
  readonly log: Signer
  readonly roles: Roles
}

export function createPublisher(): TestPublisher {
  const root = createSigner('ecdsa-p256')
  const log = createSigner('ed25519')
  const one = { threshold: 1, keys: [root.key] }
  return { root, log, roles: { root: one, release: one, brake: one, log: { keys: [log.key] } } }
}

/** The error's code, and all that a person reads of it, as one text. */
export function refusalOf(act: () => unknown): string {
  try {
    act()
  } catch (error) {
    return textOf(error)
  }
  throw new Error('expected a refusal, and nothing was thrown')
}

export async function rejectionOf(act: () => Promise<unknown>): Promise<string> {
  const error = await act().then(
    () => undefined,
    (cause: unknown) => cause,
  )
  return textOf(error)
}

function textOf(error: unknown): string {
  if (!isRegistryError(error))
    throw error ?? new Error('expected a refusal, and nothing was thrown')
  expect(error).toBeInstanceOf(RegistryError)
  const { expected, got, next, path } = error.details
  const at = path === undefined ? '' : ` at ${path}`
  expect(next ?? '', `${error.message} says what to do`).not.toBe('')
  return `${error.code}${at}: ${error.message} expected ${expected}; got ${got}`
}

export function genesisStatement({
  roles,
  created,
}: {
  readonly roles: Roles
  readonly created?: string | undefined
}): Uint8Array {
  return makeGenesis({ roles, created, nextKeyHashes: undefined }).bytes
}

interface NewRelease {
  readonly name: string
  readonly version: string
  readonly release: Cid
}

export function releaseStatement({
  name,
  version,
  release,
  ...position
}: NewRelease & Position): Uint8Array {
  return makeStatement({ kind: 'release', name, version, subject: release }, position).bytes
}

export function addRelease(
  draft: LogDraft,
  { name, version, release }: NewRelease,
  ...signers: readonly Signer[]
): ReturnType<LogDraft['add']> {
  return draft.add({ kind: 'release', name, version, subject: release }, ...signers)
}
