// The usual case of a signed statement, checked on another thread: every bundle is over these bytes and by the key its hint names. It
// only ever says yes; every refusal, and its words, are verify-statement.ts's.

import { equalBytes } from '../lib/index.ts'
import { parseBundle } from './bundle.ts'
import { verifyOnThread } from './on-thread.ts'
import { preAuthEncoding } from './pae.ts'
import { readPlainBundle } from './plain-bundle.ts'
import { keyFingerprint, type PublicKey } from './public-key.ts'
import type { SignedClaim, VerifiedSignatures } from './verify-statement.ts'

/** Of a claim that may be asked; undefined unless it is the usual case. */
export async function findPlainSigners({
  statement,
  bundles,
  keys: allowed,
  threshold,
}: SignedClaim): Promise<VerifiedSignatures | undefined> {
  const data = preAuthEncoding(statement)
  const [only] = bundles
  if (only !== undefined && bundles.length === 1 && threshold === 1) {
    const key = await findSigner(only, statement, data, allowed)
    return key && { signers: [{ kind: 'key', key }] }
  }
  const signers = await Promise.all(
    bundles.map((bundle) => findSigner(bundle, statement, data, allowed)),
  )
  const distinct = new Map(signers.map((key) => [key?.spki, key]))
  if (distinct.has(undefined) || distinct.size < threshold) return undefined
  const keys = signers.flatMap((key) => key ?? []).filter(isFirst)
  return { signers: keys.map((key) => ({ kind: 'key', key })) }
}

async function findSigner(
  bytes: Uint8Array,
  statement: Uint8Array,
  data: Uint8Array,
  keys: readonly PublicKey[],
): Promise<PublicKey | undefined> {
  try {
    const found = readPlainBundle(bytes, statement, keys) ?? readAnyBundle(bytes, statement, keys)
    if (found?.key.type !== 'ecdsa-p256') return undefined
    const { key, signature } = found
    return (await verifyOnThread(key, data, signature)) ? key : undefined
  } catch {
    return undefined
  }
}

function readAnyBundle(
  bytes: Uint8Array,
  statement: Uint8Array,
  keys: readonly PublicKey[],
): ReturnType<typeof readPlainBundle> {
  const { payload, signature, hint } = parseBundle(bytes)
  const key = keys.find((candidate) => keyFingerprint(candidate) === hint)
  return key === undefined || !equalBytes(payload, statement) ? undefined : { key, signature }
}

function isFirst(key: PublicKey, at: number, all: readonly PublicKey[]): boolean {
  return all.findIndex(({ spki }) => spki === key.spki) === at
}
