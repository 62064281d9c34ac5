// The trusted roots of one consumer: the public-good one, and those of private Sigstore instances that they added. Each private root
// speaks for the issuers it names and for no other; what it names, the public-good root no longer speaks for.

import { createMemo, isRegistryError, RegistryError } from '../lib/index.ts'
import { LIMITS } from '../spec/index.ts'
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
    identifyAny: (signed) => {
      let refused: unknown
      for (const root of new Set([rootFor(''), ...byIssuer.values()])) {
        try {
          const maxBytes = LIMITS.attestationBundleBytes
          const claim = { ...signed, root, maxBytes }
          const found = memo.get(`any ${verdictKey(claim)}`, () => verifyKeyless(claim))
          const { issuer } = found.identity
          // A root is believed about its own issuers only, whatever its certificates say.
          if (rootFor(issuer) === root) return found
          refused = notOwnIssuer(issuer)
        } catch (error) {
          // Another root may know better than one that has never heard of this authority.
          if (refused === undefined || isRegistryError(refused, 'ROOT_UNKNOWN')) refused = error
        }
      }
      throw refused
    },
    keysOf: (signed) =>
      [...new Set([rootFor(''), ...byIssuer.values()])].map((root) =>
        verdictKey({ ...signed, root }),
      ),
    isShared: (issuer, other) => byIssuer.get(issuer) === byIssuer.get(other),
  }
}

function notOwnIssuer(issuer: string): RegistryError {
  return new RegistryError(
    'SIGNER_UNAUTHORIZED',
    'The certificate is by a root that does not speak for its issuer.',
    {
      expected: 'a certificate by the root that speaks for that issuer',
      got: issuer,
      next: 'Do not use it: `registry trust roots` lists which root speaks for whom.',
    },
  )
}

function ambiguous(issuer: string): RegistryError {
  return new RegistryError('DOCUMENT_INVALID', 'Two trusted roots speak for one issuer.', {
    expected: 'each issuer named by one root',
    got: issuer,
    next: 'Remove one of them: `registry trust roots` lists them.',
  })
}
