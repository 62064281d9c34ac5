// The other direction: which namespaces a publisher’s log claims, as far as logs are held here. Own logs are held in full;
// of others there is what was proven with each pull.

import { listHeads, openDraft } from '../../log/index.ts'
import { parseEvidence, parseEvidenceKey, verifyEvidence } from '../../resolve/index.ts'
import type { PublisherId } from '../../spec/index.ts'
import type { Store } from '../../store/index.ts'
import { loadVerifier } from '../../trust/index.ts'

export interface NamespaceClaim {
  readonly namespace: string
  readonly publisher: PublisherId
  /** Position of the entry. */
  readonly seq: number
}

/**
 * False only of a log that is held in full. What was pulled from another is as old as the pull: a claim in it is a claim, but one that
 * is missing may have been made since.
 */
export async function isClaimedHere(
  store: Store,
  namespace: string,
  publisher: PublisherId,
): Promise<boolean | undefined> {
  for await (const claim of claimsOfPulled(store, publisher)) {
    if (claim.namespace === namespace) return true
  }
  for await (const head of listHeads(store)) {
    if (head.publisher !== publisher) continue
    const claims = await claimsOfOwn(store, publisher)
    return claims.some((claim) => claim.namespace === namespace)
  }
  return undefined
}

/** Each once. */
export async function listClaims(store: Store): Promise<readonly NamespaceClaim[]> {
  const claims = new Map<string, NamespaceClaim>()
  const add = (claim: NamespaceClaim): void => {
    claims.set(`${claim.namespace}/${claim.publisher}`, claim)
  }
  for await (const { publisher } of listHeads(store)) {
    for (const claim of await claimsOfOwn(store, publisher)) add(claim)
  }
  for await (const claim of claimsOfPulled(store)) add(claim)
  return [...claims.values()]
}

async function claimsOfOwn(
  store: Store,
  publisher: PublisherId,
): Promise<readonly NamespaceClaim[]> {
  // Index nodes go as the log grows; it stands still while its lock is held.
  await using _lock = await store.lock(`log/${publisher}`)
  const { notices } = (await openDraft(store, publisher)).state
  return toClaims(publisher, notices.claims)
}

/** Proven again, offline, from what each pull kept. */
async function* claimsOfPulled(store: Store, only?: PublisherId): AsyncIterable<NamespaceClaim> {
  const verifier = await loadVerifier(store)
  for await (const { key, value } of store.listRecords('evidence')) {
    const about = parseEvidenceKey(key)
    if (only !== undefined && about.publisher !== only) continue
    const { notices } = verifyEvidence(verifier, parseEvidence(value), about)
    yield* toClaims(about.publisher, notices.claims)
  }
}

function toClaims(
  publisher: PublisherId,
  claims: ReadonlyMap<string, { readonly seq: number }>,
): readonly NamespaceClaim[] {
  return [...claims].map(([namespace, { seq }]) => ({ namespace, publisher, seq }))
}
