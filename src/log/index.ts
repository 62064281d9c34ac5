export {
  type ForkedHead,
  logKeyOf,
  makeForkProof,
  type VerifiedFork,
  verifyForkProof,
} from './fork/fork-proof.ts'
export { isWhole, rootsIn, type TwoRoots } from './fork/two-roots.ts'
export {
  addVersion,
  type History,
  historyBlock,
  parseHistory,
} from './history.ts'
export {
  findName,
  type IndexEntry,
  proveName,
  type ReadNodes,
  updateIndex,
} from './map/index-map.ts'
export { EMPTY_INDEX } from './map/index-node.ts'
export { verifyName } from './map/index-proof.ts'
export type { Roles } from './roles.ts'
export { applyEntry, authorityFor, type LogState } from './state.ts'
export {
  genesisStatement,
  parseStatement,
  releaseStatement,
  type Statement,
} from './statement.ts'
export { draftAppend } from './stored/append.ts'
export {
  draftGenesis,
  type LogDraft,
  openDraft,
} from './stored/draft.ts'
export { findHead, type LogHead, listHeads } from './stored/stored-head.ts'
export { hashReader, indexReader, readEntries } from './stored/stored-log.ts'
export {
  type Checkpoint,
  originOf,
  parseCheckpointUnverified,
  signCheckpoint,
  verifyCheckpoint,
} from './tree/checkpoint.ts'
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
export { parseNote, signNote, verifyNote } from './tree/note.ts'
export { verifyConsistency, verifyInclusion } from './tree/proofs.ts'
