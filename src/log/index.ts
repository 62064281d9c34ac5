export {
  addVersion,
  type History,
  type HistoryVersion,
  historyBlock,
  type NewVersion,
  parseHistory,
} from './history.ts'
export {
  type IndexEntry,
  type IndexUpdate,
  proveName,
  type ReadNodes,
  updateIndex,
} from './map/index-map.ts'
export { EMPTY_INDEX } from './map/index-node.ts'
export { verifyName } from './map/index-proof.ts'
export type { Role, Roles } from './roles.ts'
export { applyEntry, authorityFor, type LogState } from './state.ts'
export {
  type GenesisStatement,
  genesisStatement,
  parseStatement,
  type ReleaseStatement,
  releaseStatement,
  type Statement,
} from './statement.ts'
export { type Append, draftAppend } from './stored/append.ts'
export {
  type DraftedRelease,
  draftGenesis,
  type LogDraft,
  openDraft,
  type SignStatement,
} from './stored/draft.ts'
export { findHead, type LogHead, listHeads } from './stored/stored-head.ts'
export { hashReader, indexReader, readEntries, type SignedEntry } from './stored/stored-log.ts'
export { type Checkpoint, originOf, signCheckpoint, verifyCheckpoint } from './tree/checkpoint.ts'
export {
  appendLeaves,
  type Hash,
  leafHash,
  nodeHash,
  proveConsistency,
  proveInclusion,
  type ReadHashes,
  rootAt,
  type TreeHash,
  type TreePosition,
} from './tree/merkle.ts'
export { type Note, type NoteSignature, parseNote, signNote, verifyNote } from './tree/note.ts'
export { verifyConsistency, verifyInclusion } from './tree/proofs.ts'
