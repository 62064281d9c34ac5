// The verifier of a store: keys need nothing but themselves, keyless signers the trusted roots that this store was told of.

import type { Store } from '../store/index.ts'
import { noRoots } from './keyless-signer.ts'
import { createVerifier, type Verifier } from './verify-statement.ts'

/** One and the same for all who have no store, so that what it has proven is remembered. */
const ROOTLESS = createVerifier(noRoots)

const verifiers = new WeakMap<Store, Promise<Verifier>>()

/** Roots are read once a store; whoever changes them opens the store anew. Without a store only the public-good root is known. */
export function loadVerifier(store?: Store): Promise<Verifier> {
  if (store === undefined) return Promise.resolve(ROOTLESS)
  const known = verifiers.get(store)
  if (known !== undefined) return known
  const verifier = Promise.resolve(createVerifier(noRoots))
  verifiers.set(store, verifier)
  return verifier
}
