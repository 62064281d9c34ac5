// The Signer ports: something that holds a secret key and signs with it. Key files implement it (key-files.ts); a hardware
// token, an agent or a keyless identity can. It says nothing about what may be signed: that is decided by its callers.

import type { PublicKey } from './public-key.ts'

/**
 * Implementations MUST
 * - sign exactly `data`, and hash it only as the key's algorithm says: for `ecdsa-p256` the answer is a DER signature over
 *   its SHA-256, for `ed25519` the 64 raw bytes of RFC 8032;
 * - answer for the secret half of `key`, which never changes during the signer's life;
 * - reject with a RegistryError when they cannot sign (KEY_LOCKED, KEY_MISSING, …), never answer an empty signature;
 * - allow calls that overlap.
 * Callers MUST give bytes whose meaning is fixed by a prefix (DSSE's PAE, a signed note), so that a signature made for
 * one purpose never fits another, and MUST NOT assume that two signatures over the same bytes are equal.
 */
export interface Signer {
  readonly key: PublicKey
  sign(data: Uint8Array): Promise<Uint8Array>
}

/** Somebody who signs without a key of their own: an identity provider vouches for them, a log for the time. */
export interface KeylessSigner {
  readonly kind: 'keyless'
  /** A Sigstore bundle v0.3 over the statement. Rejects with a RegistryError, and then nothing is to be undone. Calls may overlap. */
  sign(statement: Uint8Array): Promise<Uint8Array>
}

export type AnySigner = Signer | KeylessSigner
