export {
  parseSigstoreRoot,
  type RootOptions,
  type RootSettings,
  type SigstoreRoot,
} from './root.ts'
export { publicGoodRoot, stagingRoot } from './shipped-roots.ts'
export {
  type ArtifactSignature,
  type ExpectedSigner,
  verifyArtifact,
} from './verify-artifact.ts'
export {
  type KeylessClaim,
  type KeylessSignature,
  verdictKey,
  verifyKeyless,
} from './verify-keyless.ts'
