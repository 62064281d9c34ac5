export {
  evidenceKey,
  formatEvidence,
  parseEvidence,
  parseEvidenceKey,
} from './evidence.ts'
export { localSource } from './local-source.ts'
export {
  findPin,
  formatPin,
  listPins,
  type Pin,
  type PinChange,
  type PinHow,
  parsePin,
  pinChange,
  pinKey,
  pinRecord,
  publisherFor,
} from './pins.ts'
export { type Resolved, resolveFrom } from './resolve.ts'
export type { SignedStatement, Source, SourceOptions } from './source.ts'
export type { VerifiedEntry, VerifiedRelease, VerifiedTool } from './verified.ts'
export { verifyEvidence } from './verify-log.ts'
export { verifyRelease } from './verify-release.ts'
