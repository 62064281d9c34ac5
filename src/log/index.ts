export type { Action, ActionKind, ActionOf } from './entries/actions.ts'
export { parsePath } from './entries/paths.ts'
export type { Role, Roles } from './entries/roles.ts'
export {
  actionOf,
  makeGenesis,
  makeStatement,
  type Position,
  parseStatement,
  type Statement,
  type StatementOf,
} from './entries/statement.ts'
export {
  type ForkedHead,
  makeForkProof,
  verifyForkProof,
} from './fork/fork-proof.ts'
export { isWhole, rootsIn, type TwoRoots } from './fork/two-roots.ts'
export {
  findName,
  type IndexEntry,
  proveName,
  updateIndex,
} from './map/index-map.ts'
export { EMPTY_INDEX, RESERVED, type ReadNodes } from './map/index-node.ts'
export { verifyName } from './map/index-proof.ts'
export {
  type Alternatives,
  type Authority,
  alternativesFor,
  delegationsAt,
  keyCid,
  keyHash,
  rolesAt,
} from './replay/authority.ts'
export {
  type AuthorityBlock,
  openAuthority,
  parseAuthorityBlock,
} from './replay/authority-block.ts'
export {
  findVersion,
  type History,
  type HistoryVersion,
  historyAfter,
  historyBlock,
  parseHistory,
} from './replay/history.ts'
export { NO_NOTICES, type Notices } from './replay/notices.ts'
export { createReplay, type Replay } from './replay/replay.ts'
export {
  applyEntry,
  authorityFor,
  type LogState,
  verifyAuthority,
  verifyAuthorityOnThread,
} from './replay/state.ts'
export { draftAppend } from './stored/append.ts'
export { type LogDraft, openDraft } from './stored/draft.ts'
export { draftGenesis } from './stored/genesis.ts'
export { type LogBase, type Overlay, openOverlay } from './stored/overlay.ts'
export {
  findHead,
  headKey,
  headRecord,
  type LogHead,
  listHeads,
  readRecord,
} from './stored/stored-head.ts'
export {
  forgetEntries,
  type HashedEntry,
  hashReader,
  indexKey,
  indexReader,
  readEntries,
  readEntriesAt,
  readHashedEntries,
} from './stored/stored-log.ts'
export { readStatement } from './stored/stored-state.ts'
export {
  type Checkpoint,
  originOf,
  parseCheckpointUnverified,
  signCheckpoint,
  verifyCheckpoint,
} from './tree/checkpoint.ts'
export {
  addLines,
  type CosignatureLine,
  type Cosigner,
  findCosignatureLines,
  findForgedWitness,
  formatWitness,
  signCosignature,
} from './tree/cosign.ts'
export {
  type Cosignature,
  findCosignatures,
  parseWitness,
  type Witness,
} from './tree/cosignature.ts'
export { openInclusions } from './tree/inclusions.ts'
export {
  appendLeaves,
  type Hash,
  leafHash,
  nodeHash,
  proveConsistency,
  proveInclusion,
  type ReadHashes,
  rootAt,
} from './tree/merkle.ts'
export {
  bareNote,
  type LogKey,
  NOTE_BYTES,
  noteLinesOf,
  parseLogKey,
  parseNote,
  signNote,
  verifyNote,
} from './tree/note.ts'
export { verifyConsistency, verifyInclusion } from './tree/proofs.ts'
