export {
  type McpListing,
  type McpServer,
  toMcpTool,
  toolkitFromMcp,
} from './mcp.ts'
export { listMcpTools } from './mcp-client.ts'
