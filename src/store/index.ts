export { openMemoryStore } from './memory.ts'
export { openStore } from './open.ts'
export { openLevelStore } from './open-level.ts'
export { type ScrubFinding, scrubStore } from './scrub.ts'
export { shareStore } from './share.ts'
export type {
  Block,
  Change,
  Floor,
  RecordKey,
  Store,
  StoredRecord,
  Table,
} from './store.ts'
