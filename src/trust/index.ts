export { bareBundle } from './bundle.ts'
export { signStatement } from './envelope.ts'
export {
  CLAIM_ARCS,
  CLAIM_NAMES,
  type ClaimName,
  type Claims,
  equalRules,
  findMismatch,
  type Identity,
  type IdentityRule,
  matchesRule,
  parseIdentityRule,
} from './identity/index.ts'
export {
  createKey,
  exportKey,
  importKey,
  type KeyInfo,
  listKeys,
  type OpenKeyFile,
  openKeyFiles,
  openSigner,
} from './key-files.ts'
export {
  equalKeys,
  type KeyType,
  keyFingerprint,
  type PublicKey,
  parsePublicKey,
  toKeyObject,
  verifySignature,
} from './public-key.ts'
export type { Signer } from './signer.ts'
export { loadVerifier, type Verifier } from './verify-statement.ts'
