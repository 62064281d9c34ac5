export {
  type ArtifactSignature,
  type ExpectedSigner,
  verifyArtifact,
} from './artifact/verify-artifact.ts'
export {
  openSigstoreRoot,
  parseSigstoreRoot,
  type RootOptions,
  type RootSettings,
  type SigstoreRoot,
} from './root/root.ts'
export { publicGoodRoot, stagingRoot } from './root/shipped-roots.ts'
export {
  type KeylessClaim,
  type KeylessSignature,
  verdictKey,
  verifyKeyless,
} from './verify-keyless.ts'
