export type { PublisherId } from './names.ts'
