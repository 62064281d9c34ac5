export {
  cosignatureKey,
  cosignatureRecord,
  cosignedNote,
  parseCosignature,
} from './cosignatures.ts'
export {
  evidenceKey,
  formatEvidence,
  formatHeadEvidence,
  type HeadEvidence,
  parseEvidence,
  parseEvidenceKey,
  parseHeadEvidence,
} from './evidence.ts'
export { createEvidenceReader } from './evidence-reader.ts'
export { type AcceptedHead, findFork, type Prover } from './floor.ts'
export {
  assertNotForked,
  findKnownFork,
  forked,
  forkKey,
  forkRecord,
  type KnownFork,
  listKnownForks,
  type ShownHead,
} from './forks.ts'
export {
  assertFresh,
  type Freshness,
  freshnessOf,
  parseWitnessPolicy,
  type WitnessPolicy,
  type WitnessWords,
} from './freshness.ts'
export {
  type AttestationPage,
  type AttestationQuery,
  attestationKey,
  attestationRecord,
  corruptAttestation,
  formatAttestation,
  isAttestationPlace,
  type KeptAttestation,
  listAttestationRecords,
  parseAttestationRecord,
} from './kept-attestations.ts'
export { localSource, readIndexPath } from './local-source.ts'
export { formatLock } from './lock/format-lock.ts'
export {
  type Approval,
  EMPTY_LOCK,
  type Lock,
  type LockedPosition,
  type LockedRelease,
  type LockedTool,
} from './lock/lock.ts'
export {
  compareLocked,
  countRevocations,
  type LockDifference,
  lockRelease,
  withLocked,
  withoutLocked,
} from './lock/locked.ts'
export { LOCK_LIMIT, parseLock } from './lock/parse-lock.ts'
export { assertUsable, pickOffered, type Use } from './pick.ts'
export {
  findPin,
  formatPin,
  listPins,
  type Pin,
  type PinChange,
  type PinHow,
  pinChange,
  pinChanges,
  pinKey,
  publisherFor,
} from './pins.ts'
export { parseQuorum, QUORUM_BYTES, type Quorum, quorumTime, witnessesIn } from './quorum.ts'
export {
  type News,
  type Resolved,
  type ResolveRequest,
  readHead,
  readKeys,
  readPath,
  resolveFrom,
} from './resolve.ts'
export type { SignedStatement, Source, SourceOptions } from './source.ts'
export type {
  VerifiedEntry,
  VerifiedHead,
  VerifiedOffer,
  VerifiedRelease,
  VerifiedTool,
} from './verified.ts'
export { verifyEntryOnThread, verifyEvidence, verifyOffer, withNews } from './verify-entry.ts'
export { verifyHead, verifyLogged } from './verify-head.ts'
export { verifyRelease } from './verify-release.ts'
