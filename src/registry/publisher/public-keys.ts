// Public keys as people name them: a key file here, a fingerprint that the log or a key file here has, or a PEM from somebody else.

import { createPublicKey } from 'node:crypto'
import { RegistryError } from '../../lib/index.ts'
import type { Authority } from '../../log/index.ts'
import { type KeyInfo, keyFingerprint, type PublicKey, parsePublicKey } from '../../trust/index.ts'

/** The PEM of a P-256 public key, as `registry key export` writes it. Throws KEY_INVALID. */
export function parsePublicPem(text: string): PublicKey {
  if (!/^\s*-----BEGIN PUBLIC KEY-----/.test(text)) {
    throw invalid(text.includes('PRIVATE KEY') ? 'a secret key: keep it to yourself' : 'other text')
  }
  return parsePublicKey({ type: 'ecdsa-p256', spki: readSpki(text) })
}

function readSpki(text: string): string {
  try {
    return createPublicKey(text).export({ format: 'der', type: 'spki' }).toString('base64')
  } catch {
    throw invalid('text that cannot be read as one')
  }
}

function invalid(got: string): RegistryError {
  return new RegistryError('KEY_INVALID', 'This is not the PEM of a public key.', {
    expected: '-----BEGIN PUBLIC KEY-----, a P-256 key',
    got,
    next: 'Ask its owner for the output of `registry key export NAME`.',
  })
}

/** Every key that the log has named, in whatever role. */
export function keysNamed({ keys, delegations }: Authority): readonly PublicKey[] {
  const roles = keys.flatMap(({ roles: { root, release, brake } }) => [root, release, brake])
  return [...roles, ...delegations.flatMap(({ role }) => role ?? [])].flatMap((role) => role.keys)
}

/** `word` is the name of a key file, or a fingerprint. Throws KEY_MISSING. */
export function findNamedKey(
  word: string,
  known: { readonly files: readonly KeyInfo[]; readonly named: readonly PublicKey[] },
): PublicKey {
  const file = known.files.find(({ name, fingerprint }) => name === word || fingerprint === word)
  const found = file?.key ?? known.named.find((key) => keyFingerprint(key) === word)
  if (found !== undefined) return found
  throw new RegistryError('KEY_MISSING', 'No key of that name or fingerprint is known here.', {
    expected: 'a key file, a PEM file, or a fingerprint that `registry publisher show` lists',
    got: word.slice(0, 200),
    next: 'See `registry key list` and `registry publisher show`.',
  })
}
