// The trusted roots of one consumer: the public-good one, and those of private Sigstore instances that they added. Each private root
// speaks for the issuers it names and for no other; what it names, the public-good root no longer speaks for.

import { createMemo, RegistryError } from '../lib/index.ts'
import type { SigstoreRoots } from './keyless-signer.ts'
import {
  type KeylessSignature,
  publicGoodRoot,
  type SigstoreRoot,
  verdictKey,
  verifyKeyless,
} from './sigstore/index.ts'

/** What was found before, by `verdictKey`: a verdict follows from the bytes and the root alone, so it holds for good. */
export interface Verdicts {
  find(key: string): KeylessSignature | undefined
  keep(key: string, signature: KeylessSignature): void
}

export interface RootsOptions {
  /** Each with issuers. */
  readonly own?: readonly SigstoreRoot[]
  /** A newer copy of the public-good root than the one that ships with this program. */
  readonly publicGood?: SigstoreRoot | undefined
  readonly verdicts?: Verdicts
}

/** Throws DOCUMENT_INVALID for two roots that speak for one issuer. */
export function openRoots({ own = [], publicGood, verdicts }: RootsOptions = {}): SigstoreRoots {
  const byIssuer = new Map<string, SigstoreRoot>()
  for (const root of own) {
    for (const issuer of root.issuers ?? []) {
      if (byIssuer.has(issuer)) throw ambiguous(issuer)
      byIssuer.set(issuer, root)
    }
  }
  const memo = createMemo<KeylessSignature>(1024)
  // Reading the shipped root takes a millisecond and the library; keyed work never gets here.
  const rootFor = (issuer: string): SigstoreRoot =>
    byIssuer.get(issuer) ?? publicGood ?? publicGoodRoot()
  return {
    identify: (signed, issuer) => {
      const claim = { ...signed, root: rootFor(issuer) }
      const key = verdictKey(claim)
      return memo.get(key, () => {
        const known = verdicts?.find(key)
        if (known !== undefined) return known
        const signature = verifyKeyless(claim)
        verdicts?.keep(key, signature)
        return signature
      })
    },
    isShared: (issuer, other) => byIssuer.get(issuer) === byIssuer.get(other),
  }
}

function ambiguous(issuer: string): RegistryError {
  return new RegistryError('DOCUMENT_INVALID', 'Two trusted roots speak for one issuer.', {
    expected: 'each issuer named by one root',
    got: issuer,
    next: 'Remove one of them: `registry trust roots` lists them.',
  })
}
