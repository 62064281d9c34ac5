// The port of whoever can get an identity token: a CI system, a file, a person at a browser.

export interface TokenOptions {
  readonly signal?: AbortSignal | undefined
}

/**
 * Implementations MUST answer a token for the audience `sigstore`, reject with a RegistryError (IDENTITY_MISSING, IDENTITY_REFUSED,
 * SIGNING_UNAVAILABLE) that shows nothing of a secret, and keep nothing. Callers check the token (token.ts) before they send it on, and MUST
 * NOT assume that two calls answer the same one: a person may have to log in for each.
 */
export interface IdentitySource {
  /** Where its tokens come from, for errors: "GitHub Actions". */
  readonly from: string
  getToken(options?: TokenOptions): Promise<string>
}
