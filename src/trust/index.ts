export {
  attesterId,
  type CarriedAttestation,
  findMet,
  type Identify,
  makeAttestation,
  parsePredicateType,
  payloadUnverified,
  provenanceOf,
  type VerifiedAttestation,
  verifyAttestation,
} from './attestation/index.ts'
export { bareBundle } from './bundle.ts'
export {
  type Claim,
  type Decision,
  decide,
  type ReleaseEvidence,
  verificationSummary,
} from './decision/index.ts'
export { signStatement } from './envelope.ts'
export {
  equalRules,
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
export { loadKeyless, loadKeylessSigning } from './load-keyless.ts'
export { loadVerifier } from './load-verifier.ts'
export type { AttestationPolicy, Policy } from './policy/index.ts'
export {
  equalKeys,
  type KeyType,
  keyFingerprint,
  type PublicKey,
  parsePublicKey,
  toKeyObject,
  verifySignature,
} from './public-key.ts'
export { type ReadySignatures, readySignatures } from './ready-signatures.ts'
export type { AnySigner, KeylessSigner, Signer } from './signer.ts'
export type { ArtifactSignature, ExpectedSigner, SigstoreRoot } from './sigstore/index.ts'
export {
  listRoots,
  PUBLIC_GOOD,
  rootKey,
  rootRecord,
  type StoredRoot,
} from './stored-roots.ts'
export type { VerifiedSigner, Verifier } from './verify-statement.ts'
