export type { QuarantineReason } from './guard-mcp/compare/judge.ts'
export { createGuardGroup, type GuardGroup } from './guard-mcp/group.ts'
export { guardMcp } from './guard-mcp/guard.ts'
export type { GuardOptions } from './guard-mcp/options.ts'
export { checkMcp, type GuardedCommand, proxyMcp } from './guard-mcp/proxy/proxy.ts'
export type { Quarantined } from './guard-mcp/report.ts'
export {
  type McpListing,
  type McpServer,
  toMcpTool,
  toolkitFromMcp,
} from './mcp.ts'
export { listMcpTools } from './mcp-client.ts'
