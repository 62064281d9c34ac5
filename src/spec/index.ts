export type {
  Binding,
  CliBinding,
  ContainerBinding,
  HttpBinding,
  McpHttpBinding,
  McpStdioBinding,
  ModuleBinding,
  WebsocketBinding,
} from './binding.ts'
export {
  parseBlock,
  parseRelease,
  parseTool,
  readTool,
  releaseBlock,
  toolBlock,
} from './blocks.ts'
export { hasPunycode, isNear, skeletonOf } from './confusable.ts'
export type { Finding, ReleaseFinding, Severity } from './deception/finding.ts'
export { lintRelease, lintTool } from './deception/lint.ts'
export { diffReleases, type ReleaseWithTools } from './diff/diff-releases.ts'
export { diffTools } from './diff/diff-tools.ts'
export type { Change, ReleaseDiff, Risk, ToolDiff, VersionStep } from './diff/types.ts'
export { checkInputSchema } from './input-schema.ts'
export { assertLimit, FRAME_LIMIT, LIMITS, type LimitName } from './limits.ts'
export {
  isBareName,
  isName,
  isPublisherId,
  type PublisherId,
  parseName,
  parsePublisherId,
  parseReference,
  parseToolName,
  publisherIdOf,
  splitName,
} from './names.ts'
export type {
  Artifact,
  Auth,
  AuthMethod,
  Author,
  Pattern,
  Release,
} from './release.ts'
export { surfaceDigest, surfaceOf } from './surface.ts'
export type {
  Tool,
  ToolAnnotations,
  ToolEffects,
  ToolExample,
  ToolHints,
  ToolIcon,
} from './tool.ts'
export { parseToolkit, splitToolkit, type Toolkit } from './toolkit.ts'
export {
  compareVersions,
  isVersion,
  parseRange,
  parseVersion,
  pickVersion,
} from './versions.ts'
