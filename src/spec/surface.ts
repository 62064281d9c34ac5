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

const FIELDS: ReadonlySet<string> = new Set(SURFACE_FIELDS)

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

const KIND = '"kind":"tool/v1",'

/**
 * The same of a tool block whose canonical text is at hand. Where it has no other fields, the surface is that text without its kind, which
 * stands before the name; if the same words stand anywhere else too, it is written out.
 */
export function surfaceDigestIn(text: string, tool: Tool): string {
  const at = text.indexOf(KIND)
  const isPlain = Object.keys(tool).every((key) => key === 'kind' || FIELDS.has(key))
  if (!isPlain || at === -1 || text.indexOf(KIND, at + 1) !== -1) return surfaceDigest(tool)
  return `sha256-${sha256Hex(text.slice(0, at) + text.slice(at + KIND.length))}`
}
