// A signer at the loopback Sigstore, and what verifies what it made.

import { isRegistryError } from '../../../src/lib/index.ts'
import { findMismatch, type IdentityRule } from '../../../src/trust/identity/index.ts'
import { parseSigningConfig } from '../../../src/trust/keyless/config/signing-config.ts'
import type { Patience } from '../../../src/trust/keyless/http.ts'
import { openKeylessSigner } from '../../../src/trust/keyless/index.ts'
import type { KeylessSigner } from '../../../src/trust/signer.ts'
import {
  type KeylessSignature,
  parseSigstoreRoot,
  verifyKeyless,
} from '../../../src/trust/sigstore/index.ts'
import type { Sigstore, Use } from '../../support/sigstore/sigstore.ts'
import { GITHUB_ISSUER, GITHUB_SAN, type TokenOptions } from '../../support/sigstore/token.ts'

export const STATEMENT: Uint8Array = Buffer.from(
  '{"_type":"https://in-toto.io/Statement/v1","predicate":{},"predicateType":"https://example.com/x","subject":[]}',
)

/** Short enough for a test, long enough for two busy cores. */
export const QUICK: Patience = { attemptMs: 3_000, retries: 1, pauseMs: 10 }

export const RULE: IdentityRule = {
  issuer: GITHUB_ISSUER,
  san: GITHUB_SAN,
  repository_id: '123456789',
  trigger: 'push',
}

export interface At extends Use {
  readonly token?: TokenOptions
  readonly patience?: Patience
  readonly signal?: AbortSignal
}

export function signerAt(sigstore: Sigstore, at: At = {}): KeylessSigner {
  return openKeylessSigner({
    identity: { from: 'a test', getToken: async () => sigstore.token(at.token) },
    config: parseSigningConfig(sigstore.signingConfig(at)),
    patience: at.patience ?? QUICK,
    signal: at.signal,
  })
}

export function verifyAt(
  { trustedRoot }: { readonly trustedRoot: Uint8Array },
  bundle: Uint8Array,
  statement: Uint8Array = STATEMENT,
): KeylessSignature {
  return verifyKeyless({ bundle, statement, root: parseSigstoreRoot(trustedRoot) })
}

/** The code of the refusal, or the field in which the identity differs, or undefined for an acceptance. */
export function verdictOf(
  sigstore: Sigstore,
  bundle: Uint8Array,
  rule: IdentityRule,
): string | undefined {
  try {
    return findMismatch(rule, verifyAt(sigstore, bundle).identity)?.field
  } catch (error) {
    if (isRegistryError(error)) return error.code
    throw error
  }
}
