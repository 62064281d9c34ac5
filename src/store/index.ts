export type {
  Block,
  Change,
  Floor,
  ListOptions,
  RecordKey,
  Store,
  StoredRecord,
  Table,
} from './store.ts'
