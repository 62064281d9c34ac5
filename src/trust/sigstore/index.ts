export {
  parseSigstoreRoot,
  type RootOptions,
  type RootSettings,
  type SigstoreRoot,
} from './root.ts'
export { publicGoodRoot, stagingRoot } from './shipped-roots.ts'
export {
  type KeylessClaim,
  type KeylessSignature,
  verdictKey,
  verifyKeylessBundle,
} from './verify-keyless.ts'
