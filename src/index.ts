// The library, imported as `toolmark`.

export type { Cid } from './cid/index.ts'
export {
  type ErrorCode,
  type ErrorDetails,
  isRegistryError,
  RegistryError,
  type Verdict,
} from './lib/index.ts'
export {
  loadTools,
  openRegistry,
  type PullOptions,
  type Registry,
  type RegistryOptions,
} from './node/index.ts'
export type {
  Listed,
  LoadToolsRequest,
  Progress,
  Published,
  Pulled,
  Verified,
} from './registry/index.ts'
export type { VerifiedRelease, VerifiedTool } from './resolve/index.ts'
export type { PublisherId, Release, Tool, Toolkit } from './spec/index.ts'
