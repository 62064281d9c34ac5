// Attesting: a statement about a block, signed with a key of this node, or one that somebody else has signed. It stays outside every log, and counts
// only where a policy asks for it.

import type { Cid } from '../../cid/index.ts'
import { type Json, RegistryError } from '../../lib/index.ts'
import type { Store } from '../../store/index.ts'
import {
  type AnySigner,
  loadVerifier,
  makeAttestation,
  type PublicKey,
  signStatement,
  type VerifiedAttestation,
  verifyAttestation,
} from '../../trust/index.ts'
import { openKeyring } from '../publisher/keyring.ts'
import { SIGNING_KEY, type Workspace } from '../workspace.ts'
import { keepOwn } from './kept.ts'
import type { Subject } from './subject.ts'

export interface Attested {
  /** `unchanged` where this signer has said exactly this of the block before. */
  readonly kind: 'attested' | 'unchanged'
  readonly subject: Cid
  readonly attestation: VerifiedAttestation
}

export interface AttestRequest {
  readonly subject: Subject
  readonly predicateType: string
  readonly predicate: Json
  /** Key file that signs; without it the keyless signer of the workspace, else the signing key. */
  readonly keyFile?: string | undefined
}

/** Throws STATEMENT_INVALID for what is no attestation, KEY_*, and what the store throws. */
export async function attest(workspace: Workspace, request: AttestRequest): Promise<Attested> {
  const { subject, predicateType, predicate } = request
  const { bytes } = makeAttestation({ ...subject, predicateType, predicate })
  const signer = await openAttester(workspace, request.keyFile)
  const bundle = await signStatement(bytes, signer, 'attestationBytes')
  return await keep(workspace, subject.cid, { bundle, keys: 'key' in signer ? [signer.key] : [] })
}

/** The key file that is named, else the keyless signer if there is one, else the signing key. */
async function openAttester(workspace: Workspace, keyFile: string | undefined): Promise<AnySigner> {
  if (keyFile === undefined && workspace.keyless !== undefined) return workspace.keyless
  const keyring = await openKeyring(workspace)
  const [signer] = await keyring.signersFor([], [keyFile ?? SIGNING_KEY])
  if (signer !== undefined) return signer
  throw new RegistryError('UNEXPECTED', 'A key file has no signer.')
}

export interface AttachRequest {
  readonly subject: Subject
  /** A Sigstore bundle with a DSSE envelope over an in-toto statement, as CI writes them. */
  readonly bundle: Uint8Array
  /** Of the signer, if a plain key signed: a bundle has only its fingerprint. */
  readonly keys: readonly PublicKey[]
}

/** Throws what `verifyAttestation` throws: what does not verify is not kept. */
export function attachBundle(
  workspace: Workspace,
  { subject, ...signed }: AttachRequest,
): Promise<Attested> {
  return keep(workspace, subject.cid, signed)
}

async function keep(
  { store, now }: { readonly store: Store; readonly now: () => Date },
  subject: Cid,
  { bundle, keys }: { readonly bundle: Uint8Array; readonly keys: readonly PublicKey[] },
): Promise<Attested> {
  const { identify } = await loadVerifier(store)
  const attestation = verifyAttestation({ bundle }, { subject, keys, identify })
  const isNew = await keepOwn(store, subject, { attestation, since: now().toISOString() })
  return { kind: isNew ? 'attested' : 'unchanged', subject, attestation }
}
