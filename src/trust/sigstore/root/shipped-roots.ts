// The trusted roots that come with the package. Their digests are pinned here and checked when they are read: whoever changes the one
// must change the other, in front of a reviewer.

import { RegistryError, sha256Hex, utf8 } from '../../../lib/index.ts'
import { PUBLIC_GOOD_ROOT } from './public-good-root.ts'
import { openSigstoreRoot, type SigstoreRoot } from './root.ts'
import { STAGING_ROOT } from './staging-root.ts'

const PUBLIC_GOOD_DIGEST = '6494e21ea73fa7ee769f85f57d5a3e6a08725eae1e38c755fc3517c9e6bc0b66'
const STAGING_DIGEST = '44deb991d4bbf2150751ccee235d9810bce4434383c26d8898c1bcadbace6ed8'

let publicGood: SigstoreRoot | undefined
let staging: SigstoreRoot | undefined

/** https://sigstore.dev, as of the release of this package. Throws STORE_CORRUPT when the package was changed. */
export function publicGoodRoot(): SigstoreRoot {
  publicGood ??= readShipped(PUBLIC_GOOD_ROOT, PUBLIC_GOOD_DIGEST)
  return publicGood
}

/** https://sigstage.dev: for trying things out. Throws STORE_CORRUPT when the package was changed. */
export function stagingRoot(): SigstoreRoot {
  staging ??= readShipped(STAGING_ROOT, STAGING_DIGEST)
  return staging
}

function readShipped(text: string, digest: string): SigstoreRoot {
  const bytes = utf8(text)
  const got = sha256Hex(bytes)
  if (got === digest) return openSigstoreRoot(bytes)
  throw new RegistryError(
    'STORE_CORRUPT',
    'A trusted root of this installation has been changed.',
    {
      expected: `sha256:${digest}`,
      got: `sha256:${got}`,
      next: 'Install the package again.',
    },
  )
}
