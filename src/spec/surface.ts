// The surface: the part of a tool that a model sees. Its digest is locked and compared with what a live server lists, so
// a description that changes after approval ("rug pull") is found.

import { canonicalBytes, type Json, type JsonObject, sha256Hex } from '../lib/index.ts'
import type { Tool } from './tool.ts'

const SURFACE_FIELDS = [
  'name',
  'title',
  'description',
  'inputSchema',
  'outputSchema',
  'annotations',
] as const satisfies readonly (keyof Tool)[]

/** Also of a tool without kind, as an MCP server lists it. Absent fields stay absent. */
export function surfaceOf(tool: Omit<Tool, 'kind'>): JsonObject {
  const surface: Record<string, Json> = {}
  for (const field of SURFACE_FIELDS) {
    const value = tool[field]
    if (value !== undefined) surface[field] = value as Json
  }
  return surface
}

/** `sha256-` and 64 hex digits, over the canonical form. */
export function surfaceDigest(tool: Omit<Tool, 'kind'>): string {
  return `sha256-${sha256Hex(canonicalBytes(surfaceOf(tool)))}`
}
