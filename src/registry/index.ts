export { addAlias, expandAlias, listAliases, removeAlias } from './aliases.ts'
export type { Appended } from './append.ts'
export { type Attested, attachBundle, attest } from './attestations/attest.ts'
export { fetchAttestations } from './attestations/fetch.ts'
export { type ListedAttestation, listAttestations } from './attestations/list.ts'
export { attestationSubject } from './attestations/subject.ts'
export { writeAttestations } from './attestations/write.ts'
export { checkLog } from './check-log.ts'
export { countersign, type RequestedEntry, readRequest } from './countersign/countersign.ts'
export {
  formatRequest,
  parseRequest,
  REQUEST_BYTES,
  type SignRequest,
} from './countersign/request.ts'
export { type Diffed, type DiffTarget, diff } from './diff.ts'
export { doctor } from './doctor.ts'
export { exportStatic } from './export-static.ts'
export { configureFollows } from './follow/configure.ts'
export {
  type Followed,
  follow,
  keepList,
  listFollowed,
  setMirror,
  tellFollows,
  unfollow,
} from './follow/follow.ts'
export type { Interest, KeptInterest } from './follow/interest.ts'
export { makeRoom, type RoomMade } from './follow/make-room.ts'
export type { Rule, ToldList } from './follow/rules.ts'
export { withoutRefused } from './follow/serving.ts'
export { openInterest } from './follow/stored-interest.ts'
export { forget } from './forget.ts'
export { importFork, type KnownFork, listForks, readFork, showFork } from './forks.ts'
export { type InitResult, init } from './init.ts'
export { deprecate } from './lifecycle/deprecate.ts'
export { clockWarnings, type FreshnessAsked, freshnessWarnings } from './lifecycle/freshness.ts'
export { acceptRecovery, type Recovery } from './lifecycle/recovery.ts'
export { revokeBlock, revokeKey } from './lifecycle/revoke.ts'
export { tombstone } from './lifecycle/tombstone.ts'
export { type StatusWarning, warningsOf } from './lifecycle/warnings.ts'
export { yank } from './lifecycle/yank.ts'
export { type Linted, lint } from './lint.ts'
export { type LoadToolsRequest, loadTools } from './load-tools.ts'
export { proposeAdd } from './locked/add.ts'
export { type AuditFinding, audit } from './locked/audit.ts'
export { type Desk, judgeBy } from './locked/desk.ts'
export { holdLocked } from './locked/hold.ts'
export { installLocked } from './locked/install.ts'
export {
  assertFrozen,
  getLockFile,
  type LockFile,
  openLockFile,
  writeLockFile,
} from './locked/lock-file.ts'
export { expandLocked, withoutNames } from './locked/locked-name.ts'
export { listOutdated } from './locked/outdated.ts'
export { acceptProposal, type Proposal, type ToolAsked } from './locked/proposal.ts'
export { refresh } from './locked/refresh.ts'
export { proposeUpdate } from './locked/update.ts'
export { isClaimedHere } from './namespace/claims.ts'
export { forgetEvidence, type KeptEvidence, listEvidence } from './namespace/kept.ts'
export { type KnownNamespace, listNamespaces } from './namespace/list.ts'
export type { NamespaceMethod } from './namespace/listing.ts'
export { attestNamespace, verifyOwner } from './namespace/owner.ts'
export {
  type NamespaceVerified,
  type NamespaceWays,
  recheckNamespace,
  verifyNamespace,
} from './namespace/verify.ts'
export { warnOfName } from './near-names.ts'
export type { Peer } from './peers.ts'
export { acceptPin, getPin, listPins, removePin } from './pins.ts'
export { releaseEvidence } from './policy/evidence.ts'
export { type PutRoot, putRoot, removeRoot, type ShownRoot, showRoots } from './policy/roots.ts'
export { assertTellable, withoutPrivate } from './private-names.ts'
export { type ProvenEntry, proveEntries } from './prove-entries.ts'
export { type Published, publish } from './publish.ts'
export { claim } from './publisher/claim.ts'
export { delegate } from './publisher/delegate.ts'
export { parsePublicPem } from './publisher/public-keys.ts'
export { recover } from './publisher/recover.ts'
export { rotate } from './publisher/rotate.ts'
export { type PublisherShown, showPublisher } from './publisher/show.ts'
export { type Pulled, pull } from './pull.ts'
export { pullBlock } from './pull-block.ts'
export { type Listed, type LogLine, listLog, listReleases } from './read.ts'
export { giveLacking, listLacking, settleLacking } from './replicate/lack.ts'
export { heldEntries, openReplication } from './replicate/open.ts'
export {
  type Opened,
  type Replication,
  STEP_BYTES,
  STEP_ENTRIES,
} from './replicate/port.ts'
export type { Found } from './search/rows.ts'
export { openSearch } from './search/search.ts'
export { type HomeDesk, type HomeSession, openHomeDesk } from './submit/home.ts'
export {
  type HomeNode,
  MISSING_BLOCKS,
  SUBMISSION_ENTRIES,
  type Submission,
  type SubmissionAnswer,
  type Submitted,
} from './submit/port.ts'
export { submit } from './submit/submit.ts'
export { findLogOf } from './submit/whose-log.ts'
export { type Verified, verifyBytes, verifyCid, verifyName } from './verify.ts'
export type { CosignedSize, SubmittedCheckpoint } from './witness/add-checkpoint.ts'
export {
  type Asked,
  askWitnesses,
  type SubmitCheckpoint,
  type WitnessAnswer,
} from './witness/ask.ts'
export { createGatherWords } from './witness/gather-words.ts'
export {
  addWitness,
  listWitnesses,
  removeWitness,
} from './witness/known.ts'
export { createWitness, type Witness } from './witness/witness.ts'
export { assertWords, keepCosignatures } from './witness/words.ts'
export {
  findOwnPublisher,
  getOwnPublisher,
  type Progress,
  type Running,
  type Workspace,
} from './workspace.ts'
export { writeBlock, writeRelease } from './write-out.ts'
