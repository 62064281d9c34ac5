export {
  type ImportOptions,
  listMcpTools,
  type McpListing,
  type McpServer,
  toMcpTool,
  toolkitFromMcp,
} from './mcp.ts'
