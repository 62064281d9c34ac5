export { forgetEvidence, type KeptEvidence, listEvidence } from './kept.ts'
export { type KnownNamespace, listNamespaces, type NamespaceClaim } from './list.ts'
export type { NamespaceMethod } from './listing.ts'
export {
  type NamespaceVerified,
  type NamespaceWays,
  recheckNamespace,
  verifyNamespace,
} from './verify.ts'
