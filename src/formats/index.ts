export { createGuardGroup, type GuardGroup } from './guard-mcp/group.ts'
export { type GuardOptions, guardMcp } from './guard-mcp/guard.ts'
export type { QuarantineReason } from './guard-mcp/judge.ts'
export { checkMcp, type GuardedCommand, proxyMcp } from './guard-mcp/proxy.ts'
export type { Quarantined } from './guard-mcp/report.ts'
export {
  type McpListing,
  type McpServer,
  toMcpTool,
  toolkitFromMcp,
} from './mcp.ts'
export { listMcpTools } from './mcp-client.ts'
