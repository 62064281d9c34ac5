// Which keys sign, and what they hash with: https://github.com/sigstore/architecture-docs/blob/main/algorithm-registry.md. Nobody declares it in a
// bundle, so the key decides.

import type { KeyObject } from 'node:crypto'
import { RegistryError } from '../../../lib/index.ts'
import type { Hash } from './artifact.ts'

const CURVES: Readonly<Record<string, Hash>> = {
  prime256v1: 'sha256',
  secp384r1: 'sha384',
  secp521r1: 'sha512',
}
const LEAST_RSA_BITS = 2048

/** undefined for Ed25519, which takes the bytes themselves. Throws KEY_INVALID for a key that the registry does not know. */
export function hashOfKey(key: KeyObject): Hash | undefined {
  const { asymmetricKeyType: type = 'none', asymmetricKeyDetails: details = {} } = key
  if (type === 'ed25519') return undefined
  const { namedCurve: curve = '', modulusLength: bits = 0 } = details
  if (type === 'ec' && Object.hasOwn(CURVES, curve)) return CURVES[curve]
  if (type === 'rsa' && bits >= LEAST_RSA_BITS) return 'sha256'
  throw new RegistryError('KEY_INVALID', 'This key is of no kind that Sigstore signs with.', {
    expected: `ECDSA on P-256, P-384 or P-521, RSA of at least ${LEAST_RSA_BITS} bits, or Ed25519`,
    got: type === 'rsa' ? `RSA of ${bits} bits` : `${type} ${curve}`.trim(),
    next: 'Sign with another key.',
  })
}
