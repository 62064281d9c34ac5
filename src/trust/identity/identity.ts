// Who a Fulcio certificate says signed: issuer, subject, and the claims of the token behind it, by name. An identity here is
// proven by whoever made the value (sigstore/), a rule is what somebody wrote down that they accept.

/**
 * Names of what Fulcio copies from the token into the certificate, and the last arc of its OID under 1.3.6.1.4.1.57264.1
 * (https://github.com/sigstore/fulcio/blob/main/docs/oid-info.md). Numeric ids survive, and defeat, renames and re-creation (T12).
 */
export const CLAIM_ARCS = {
  build_signer: 9,
  runner: 11,
  repository: 12,
  commit: 13,
  ref: 14,
  repository_id: 15,
  owner: 16,
  owner_id: 17,
  build_config: 18,
  trigger: 20,
  run: 21,
  visibility: 22,
} as const

export type ClaimName = keyof typeof CLAIM_ARCS

export const CLAIM_NAMES: readonly ClaimName[] = Object.keys(CLAIM_ARCS) as ClaimName[]

export type Claims = { readonly [name in ClaimName]?: string }

export interface Identity {
  /** The OIDC issuer, exactly as in the certificate. */
  readonly issuer: string
  /** The one subject alternative name: a workflow’s URI, or an e-mail address. */
  readonly san: string
  readonly claims: Claims
}

/** Every field must match: exactly, but for what `*` stands for in `san` (san-pattern.ts). As it is written in policies and logs. */
export interface IdentityRule extends Claims {
  readonly issuer: string
  readonly san: string
}
