export type { Block } from '../cid/index.ts'
export { openMemoryStore } from './memory.ts'
export { openStore } from './open.ts'
export { openLevelStore } from './open-level.ts'
export { type ScrubFinding, scrubStore } from './scrub.ts'
export { assertUnshared, shareStore } from './share.ts'
export { askNode } from './socket/ask-node.ts'
export type {
  Change,
  Floor,
  RecordKey,
  Store,
  StoredRecord,
  Table,
} from './store.ts'
