// A witness that logs at Rekor v2: hashedrekord over SHA-256 of the PAE, the one form in which that log takes a DSSE signature.
// @sigstore/sign asks for an entry of the type dsse, which it refuses. Asking twice adds nothing: the log answers with the entry it has.
// https://github.com/sigstore/rekor-tiles/blob/main/api/proto/rekor/v2/rekor_service.proto

import { createHash } from 'node:crypto'
import type { TransparencyLogEntry } from '@sigstore/bundle'
import { isJsonObject, type Json, type JsonObject } from '../../lib/index.ts'
import { askJson, type Patience } from './http.ts'
import type { Signed } from './own-entry.ts'

export interface LogRequest {
  readonly url: string
  readonly patience: Patience
  readonly signal: AbortSignal | undefined
}

const KIND = { kind: 'hashedrekord', version: '0.0.2' } as const

/** Undefined for an answer that is not such an entry. Throws SIGNING_UNAVAILABLE. */
export async function logAtRekorV2(
  own: Signed,
  { url, patience, signal }: LogRequest,
): Promise<TransparencyLogEntry | undefined> {
  const { body } = await askJson({
    service: 'The log (Rekor v2)',
    url: `${url}/api/v2/log/entries`,
    json: requestFor(own),
    patience,
    signal,
  })
  return readEntry(body)
}

function requestFor({ signature, certificate, signed }: Signed): unknown {
  return {
    hashedRekordRequestV002: {
      digest: createHash('sha256').update(signed).digest('base64'),
      signature: {
        content: Buffer.from(signature).toString('base64'),
        verifier: {
          keyDetails: 'PKIX_ECDSA_P256_SHA_256',
          x509Certificate: { rawBytes: Buffer.from(certificate).toString('base64') },
        },
      },
    },
  }
}

function readEntry(body: JsonObject): TransparencyLogEntry | undefined {
  const { kindVersion, logId, inclusionProof } = body
  if (!isObject(kindVersion) || !isObject(logId) || !isObject(inclusionProof)) return undefined
  if (kindVersion.kind !== KIND.kind || kindVersion.version !== KIND.version) return undefined
  const { checkpoint, hashes = [] } = inclusionProof
  const envelope = isObject(checkpoint) ? checkpoint.envelope : undefined
  const [keyId, rootHash, canonicalizedBody] = [
    logId.keyId,
    inclusionProof.rootHash,
    body.canonicalizedBody,
  ].map(toBytes)
  const proof = Array.isArray(hashes) ? (hashes as readonly Json[]).map(toBytes) : [undefined]
  const known = proof.filter((hash) => hash !== undefined)
  // Protobuf leaves out what is zero.
  const { logIndex = '0' } = body
  const { logIndex: proofIndex = '0', treeSize } = inclusionProof
  const isWhole =
    [logIndex, proofIndex, treeSize].every(
      (count) => typeof count === 'string' && /^\d{1,19}$/.test(count),
    ) &&
    known.length === proof.length &&
    typeof envelope === 'string'
  if (!isWhole || keyId === undefined || rootHash === undefined || canonicalizedBody === undefined)
    return undefined
  return {
    logIndex: String(logIndex),
    logId: { keyId },
    kindVersion: { ...KIND },
    integratedTime: '0',
    inclusionPromise: undefined,
    inclusionProof: {
      logIndex: String(proofIndex),
      rootHash,
      treeSize: String(treeSize),
      hashes: known,
      checkpoint: { envelope },
    },
    canonicalizedBody,
  }
}

function isObject(value: Json | undefined): value is JsonObject {
  return value !== undefined && isJsonObject(value)
}

function toBytes(value: Json | undefined): Buffer | undefined {
  return typeof value === 'string' && value !== '' ? Buffer.from(value, 'base64') : undefined
}
