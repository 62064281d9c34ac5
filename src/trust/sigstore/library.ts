// The Sigstore libraries, loaded when a keyless signature is first looked at and not before: that takes longer than verifying three.
// They are CommonJS, so loading them needs no promise, and whoever verifies stays synchronous.

import { createRequire } from 'node:module'

export type TrustMaterial = import('@sigstore/verify').TrustMaterial
export type CertAuthority = TrustMaterial['certificateAuthorities'][number]
export type SignatureContent = import('@sigstore/verify').SignedEntity['signature']

export interface Sigstore {
  readonly verify: typeof import('@sigstore/verify')
  readonly core: typeof import('@sigstore/core')
  readonly specs: typeof import('@sigstore/protobuf-specs')
}

let loaded: Sigstore | undefined

export function loadSigstore(): Sigstore {
  if (loaded === undefined) {
    const require = createRequire(import.meta.url)
    loaded = {
      verify: require('@sigstore/verify') as Sigstore['verify'],
      core: require('@sigstore/core') as Sigstore['core'],
      specs: require('@sigstore/protobuf-specs') as Sigstore['specs'],
    }
  }
  return loaded
}
