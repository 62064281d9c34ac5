// Signing a statement: DSSE (PAE, one signature) in a Sigstore bundle v0.3 that names its key only by a hint.
// Only the envelope builder of @sigstore/sign is loaded, not its network clients (docs/decisions/0002-sigstore-packages.md).

import { utf8 } from '../lib/index.ts'
import { assertLimit, type LimitName } from '../spec/index.ts'
import { PAYLOAD_TYPE } from './bundle.ts'
import { assertStatementKey, keyFingerprint } from './public-key.ts'
import type { AnySigner, Signer } from './signer.ts'

/** The bundle’s JSON bytes. Throws LIMIT_EXCEEDED for a statement over `limit`, KEY_INVALID for a key that is not P-256, and what the signer throws. */
export async function signStatement(
  statement: Uint8Array,
  signer: AnySigner,
  limit: LimitName = 'statementBytes',
): Promise<Uint8Array> {
  assertLimit(limit, statement.length)
  if ('kind' in signer) return await signer.sign(statement)
  assertStatementKey(signer.key)
  const [{ DSSEBundleBuilder }, { bundleToJSON }] = await loadBuilder()
  const builder = new DSSEBundleBuilder({
    signer: { sign: (data) => signFor(signer, data) },
    witnesses: [],
  })
  const bundle = await builder.create({ data: Buffer.from(statement), type: PAYLOAD_TYPE })
  // The builder repeats the hint as DSSE’s keyid: a second place for the same unsigned claim.
  for (const signature of bundle.content.dsseEnvelope.signatures) signature.keyid = ''
  return utf8(JSON.stringify(bundleToJSON(bundle)))
}

type Loaded = [
  typeof import('@sigstore/sign/dist/bundler/dsse.js'),
  typeof import('@sigstore/bundle'),
]

let loaded: Promise<Loaded> | undefined

function loadBuilder(): Promise<Loaded> {
  loaded ??= Promise.all([
    import('@sigstore/sign/dist/bundler/dsse.js'),
    import('@sigstore/bundle'),
  ])
  return loaded
}

/** The signer as @sigstore/sign knows one. */
async function signFor(
  signer: Signer,
  data: Uint8Array,
): Promise<{
  readonly signature: Buffer
  readonly key: { readonly $case: 'publicKey'; readonly publicKey: string; readonly hint: string }
}> {
  return {
    signature: Buffer.from(await signer.sign(data)),
    key: { $case: 'publicKey', publicKey: signer.key.spki, hint: keyFingerprint(signer.key) },
  }
}
