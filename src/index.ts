// The library, imported as `toolmark`.

export type { Cid } from './cid/index.ts'
export {
  createGuardGroup,
  type GuardGroup,
  type GuardOptions,
  guardMcp,
  type Quarantined,
  type QuarantineReason,
} from './formats/index.ts'
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
  type StartOptions,
} from './node/index.ts'
export type {
  Listed,
  LoadToolsRequest,
  Progress,
  Published,
  Pulled,
  Verified,
} from './registry/index.ts'
export type { LoadedRelease, LoadedTool } from './registry/start/types.ts'
export type { VerifiedRelease, VerifiedTool } from './resolve/index.ts'
export type {
  Artifact,
  Auth,
  AuthMethod,
  Author,
  Binding,
  CliBinding,
  ContainerBinding,
  HttpBinding,
  McpHttpBinding,
  McpStdioBinding,
  ModuleBinding,
  Pattern,
  PublisherId,
  Release,
  Tool,
  ToolAnnotations,
  ToolEffects,
  ToolExample,
  ToolHints,
  ToolIcon,
  Toolkit,
  WebsocketBinding,
} from './spec/index.ts'
