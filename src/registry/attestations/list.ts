// What is held about a block, each attestation verified again, and whether anybody here knows its signer. It decides nothing: what counts is a
// policy’s to say.

import type { Cid } from '../../cid/index.ts'
import { isRegistryError, RegistryError } from '../../lib/index.ts'
import { keyFingerprint, loadVerifier, type VerifiedAttestation } from '../../trust/index.ts'
import type { Workspace } from '../workspace.ts'
import { readAttestations } from './kept.ts'
import { type KeyOwner, knownKeys } from './known-keys.ts'

export interface ListedAttestation {
  readonly attestation: VerifiedAttestation
  /** The peer that it came from; absent for what was made or attached here. */
  readonly from?: string
  readonly since: string
  /** Who is known to hold the key; empty for a keyless signer, who needs no introduction. */
  readonly owners: readonly KeyOwner[]
  /** Why the signer is nobody to this node, although the signature is good. */
  readonly unknown?: RegistryError
}

export interface AttestationList {
  readonly attestations: readonly ListedAttestation[]
  /** Records that do not verify any more. */
  readonly refused: readonly { readonly key: string; readonly error: RegistryError }[]
}

export async function listAttestations(
  workspace: Workspace,
  {
    subject,
    predicateType,
  }: { readonly subject: Cid; readonly predicateType?: string | undefined },
): Promise<AttestationList> {
  const { store } = workspace
  const read = await readAttestations(store, subject, (await loadVerifier(store)).identify)
  const ownersOf = await knownKeys(workspace, subject)
  const attestations: ListedAttestation[] = []
  const refused: { readonly key: string; readonly error: RegistryError }[] = []
  for (const one of read) {
    if (one.kind === 'refused') {
      if (!isRegistryError(one.error)) throw one.error
      refused.push({ key: one.key, error: one.error })
    } else if (predicateType === undefined || one.attestation.predicateType === predicateType) {
      const { from, since } = one.kept
      const about = { attestation: one.attestation, since, ...(from === undefined ? {} : { from }) }
      attestations.push({ ...about, ...introduce(one.attestation, ownersOf) })
    }
  }
  return { attestations, refused }
}

function introduce(
  { signer }: VerifiedAttestation,
  ownersOf: Awaited<ReturnType<typeof knownKeys>>,
): Pick<ListedAttestation, 'owners' | 'unknown'> {
  const owners = signer.kind === 'key' ? ownersOf(signer.key) : []
  if (signer.kind === 'keyless' || owners.length > 0) return { owners }
  const unknown = new RegistryError(
    'SIGNER_UNAUTHORIZED',
    'The signature fits a key that came with it, and nobody here knows whose key that is.',
    {
      expected: 'a key of this node, or of the publisher',
      got: keyFingerprint(signer.key),
      next: 'Ask the one who is said to have signed for their fingerprint, and name it in `trust.toml`.',
    },
  )
  return { owners, unknown }
}
