// Every namespace that something is known of here: pinned, claimed by a log held here, or asked for before.

import { findPin, listPins, type Pin } from '../../resolve/index.ts'
import { listKeys } from '../../trust/index.ts'
import { SIGNING_KEY, type Workspace } from '../workspace.ts'
import { listClaims, type NamespaceClaim } from './claims.ts'
import { isSignedBy, type KeptEvidence, listEvidence } from './kept.ts'

export interface KnownNamespace {
  readonly namespace: string
  readonly pin: Pin | undefined
  readonly claims: readonly NamespaceClaim[]
  /** `isOwn`: signed by the key that signs here now. */
  readonly evidence: readonly (KeptEvidence & { readonly isOwn: boolean })[]
}

/** In ascending order. */
export async function listNamespaces({
  store,
  keys,
}: Workspace): Promise<readonly KnownNamespace[]> {
  const claims = await listClaims(store)
  const names = new Set(claims.map(({ namespace }) => namespace))
  for await (const { namespace } of listPins(store)) names.add(namespace)
  for await (const { evidence } of listEvidence(store)) names.add(evidence.namespace)
  const own = (await listKeys(keys)).filter(({ name }) => name === SIGNING_KEY)
  const known: KnownNamespace[] = []
  for (const namespace of [...names].sort()) {
    const evidence: (KeptEvidence & { readonly isOwn: boolean })[] = []
    for await (const kept of listEvidence(store, namespace)) {
      const isOwn = await isSignedBy(
        kept.bundle,
        own.map(({ key }) => key),
      )
      evidence.push({ ...kept, isOwn })
    }
    known.push({
      namespace,
      pin: await findPin(store, namespace),
      claims: claims.filter((claim) => claim.namespace === namespace),
      evidence,
    })
  }
  return known
}
