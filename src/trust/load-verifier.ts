// The verifier of a store: keys need nothing but themselves, keyless signers the trusted roots that this store was told of.

import type { Store } from '../store/index.ts'
import { openRoots } from './roots.ts'
import { listRoots, openStored, PUBLIC_GOOD } from './stored-roots.ts'
import { openVerdicts } from './stored-verdicts.ts'
import { createVerifier, type Verifier } from './verify-statement.ts'

/** One and the same for all who have no store, so that what it has proven is remembered. */
const ROOTLESS = createVerifier(openRoots())

const verifiers = new WeakMap<Store, Promise<Verifier>>()

/** Roots are read once a store; whoever changes them opens the store anew. Without a store only the shipped public-good root is known. */
export function loadVerifier(store?: Store): Promise<Verifier> {
  if (store === undefined) return Promise.resolve(ROOTLESS)
  const known = verifiers.get(store)
  if (known !== undefined) return known
  const verifier = openVerifier(store)
  verifiers.set(store, verifier)
  // A failure is told to who asked, and asked again.
  verifier.catch(() => verifiers.delete(store))
  return verifier
}

async function openVerifier(store: Store): Promise<Verifier> {
  const stored = await listRoots(store)
  const publicGood = stored.find(({ name }) => name === PUBLIC_GOOD)
  const own = stored.filter(({ name }) => name !== PUBLIC_GOOD).map(openStored)
  const verdicts = openVerdicts(store)
  const roots = openRoots({ own, publicGood: publicGood && openStored(publicGood), verdicts })
  return createVerifier(roots, verdicts)
}
