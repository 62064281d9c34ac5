// The usual case of a signed statement, checked on another thread: every bundle is over these bytes and by the key its hint names. It
// only ever says yes; every refusal, and its words, are verify-statement.ts's.

import { verify } from 'node:crypto'
import { promisify } from 'node:util'
import { equalBytes } from '../lib/index.ts'
import { PAYLOAD_TYPE, parseBundle } from './bundle.ts'
import { keyFingerprint, type PublicKey, toKeyObject } from './public-key.ts'
import type { SignedClaim, VerifiedSignatures } from './verify-statement.ts'

const verifyOnThread = promisify(verify)

/** Of a claim that may be asked; undefined unless it is the usual case. */
export async function findPlainSigners({
  statement,
  bundles,
  keys,
  threshold,
}: SignedClaim): Promise<VerifiedSignatures | undefined> {
  const data = preAuthEncoding(statement)
  const signers = await Promise.all(
    bundles.map((bundle) => findSigner(bundle, statement, data, keys)),
  )
  const distinct = new Map(signers.map((key) => [key?.spki, key]))
  if (distinct.has(undefined) || distinct.size < threshold) return undefined
  return { signers: signers.flatMap((key) => key ?? []).filter(isFirst) }
}

async function findSigner(
  bytes: Uint8Array,
  statement: Uint8Array,
  data: Uint8Array,
  keys: readonly PublicKey[],
): Promise<PublicKey | undefined> {
  try {
    const { payload, signature, hint } = parseBundle(bytes)
    const key = keys.find((candidate) => keyFingerprint(candidate) === hint)
    if (key?.type !== 'ecdsa-p256' || !equalBytes(payload, statement)) return undefined
    return (await verifyOnThread('sha256', data, toKeyObject(key), signature)) ? key : undefined
  } catch {
    return undefined
  }
}

/** DSSE’s pre-authentication encoding: type and body with their lengths, so that neither can pass for part of the other. */
function preAuthEncoding(body: Uint8Array): Uint8Array {
  const head = `DSSEv1 ${PAYLOAD_TYPE.length} ${PAYLOAD_TYPE} ${body.length} `
  return Buffer.concat([Buffer.from(head), body])
}

function isFirst(key: PublicKey, at: number, all: readonly PublicKey[]): boolean {
  return all.findIndex(({ spki }) => spki === key.spki) === at
}
