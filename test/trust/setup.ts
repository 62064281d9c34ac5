// Keys in memory, temporary folders, and a way to look at the error a call ends with.

import { generateKeyPairSync, sign } from 'node:crypto'
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { expect, onTestFinished } from 'vitest'
import { type ErrorCode, isRegistryError, type RegistryError } from '../../src/lib/index.ts'
import { type KeyType, parsePublicKey, type Signer } from '../../src/trust/index.ts'

export function makeSigner(type: KeyType = 'ecdsa-p256'): Signer {
  const { privateKey, publicKey } =
    type === 'ed25519'
      ? generateKeyPairSync('ed25519')
      : generateKeyPairSync('ec', { namedCurve: 'P-256' })
  const spki = publicKey.export({ format: 'der', type: 'spki' }).toString('base64')
  const algorithm = type === 'ed25519' ? null : 'sha256'
  return {
    key: parsePublicKey({ type, spki }),
    sign: async (data) => sign(algorithm, data, privateKey),
  }
}

export function makeFolder(): string {
  const folder = mkdtempSync(join(tmpdir(), 'trust-'))
  onTestFinished(() => rmSync(folder, { recursive: true, force: true }))
  return folder
}

/** Every failure must be coded and speak: a sentence, what was expected, what to do. */
export function expectError(code: ErrorCode, error: unknown): RegistryError {
  if (!isRegistryError(error)) throw new Error(`expected ${code}`, { cause: error })
  expect(error.code, error.message).toBe(code)
  expect(error.message).toMatch(/^[A-Z/].*\.$/s)
  if (code !== 'LIMIT_EXCEEDED') expect(error.details.next, error.message).toMatch(/\S/)
  return error
}

export function failure(run: () => unknown): unknown {
  try {
    run()
  } catch (error) {
    return error
  }
  throw new Error('It was accepted.')
}

export async function rejection(promise: Promise<unknown>): Promise<unknown> {
  return promise.then(
    () => {
      throw new Error('It was accepted.')
    },
    (error: unknown) => error,
  )
}
