// What verifies keyless signatures, loaded by whoever meets one: nothing of it, roots and parsers included, is needed for keyed work.

/** What signs without a key: loaded by whoever asks for it. */
export function loadKeylessSigning(): Promise<typeof import('./keyless/index.ts')> {
  return import('./keyless/index.ts')
}

export function loadKeyless(): Promise<typeof import('./sigstore/index.ts')> {
  return import('./sigstore/index.ts')
}
