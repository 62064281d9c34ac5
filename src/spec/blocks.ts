// Reading and making tool and release blocks: canonical bytes in, a checked value out, and the way back. What `…Block`
// makes is always what `parse…` accepts: both run the same checks.

import { type Cid, cidOf } from '../cid/index.ts'
import {
  canonicalBytes,
  isJsonObject,
  type Json,
  parseCanonical,
  readCanonical,
} from '../lib/index.ts'
import { assertLimit, LIMITS } from './limits.ts'
import { checkRelease, type Release } from './release.ts'
import { type Check, object, oneOf, required } from './shape.ts'
import { surfaceDigestIn } from './surface.ts'
import { TOOL_FIELDS, type Tool } from './tool.ts'

export interface ToolBlock {
  readonly cid: Cid
  readonly bytes: Uint8Array
  readonly tool: Tool
}

export interface ReleaseBlock {
  readonly cid: Cid
  readonly bytes: Uint8Array
  readonly release: Release
}

const TOOL_LIMITS = { maxBytes: LIMITS.toolBytes }

const checkTool: Check = object({ kind: required(oneOf('tool/v1')), ...TOOL_FIELDS })

/** Reads a tool block. Throws JSON_*, NOT_CANONICAL, LIMIT_EXCEEDED, DOCUMENT_INVALID, SCHEMA_INVALID, NAME_INVALID, TEXT_FORBIDDEN. */
export function parseTool(bytes: Uint8Array): Tool {
  return readToolText(bytes).tool
}

/** A tool block and the digest of its surface. Throws as `parseTool`. */
export function readTool(bytes: Uint8Array): { readonly tool: Tool; readonly surface: string } {
  const { tool, text } = readToolText(bytes)
  return { tool, surface: surfaceDigestIn(text, tool) }
}

function readToolText(bytes: Uint8Array): { readonly tool: Tool; readonly text: string } {
  assertLimit('toolBytes', bytes.length)
  const { value, text } = readCanonical(bytes, TOOL_LIMITS)
  checkTool(value, '')
  return { tool: value as unknown as Tool, text }
}

/** Checks a tool and makes its block; throws what `parseTool` throws. */
export function toolBlock(tool: unknown): ToolBlock {
  // Nothing but plain JSON has a canonical form, so what is checked next is what the bytes say.
  const block = sealTool(tool as Tool)
  checkTool(tool as Json, '')
  return block
}

/** The block of a tool whose fields have been checked already, as part of a toolkit. Throws LIMIT_EXCEEDED. */
export function sealTool(tool: Tool): ToolBlock {
  const bytes = canonicalBytes(tool)
  assertLimit('toolBytes', bytes.length)
  return { cid: cidOf(bytes), bytes, tool }
}

/** Reads a release block. Throws as `parseTool`, and CID_INVALID, VERSION_INVALID. */
export function parseRelease(bytes: Uint8Array): Release {
  assertLimit('releaseBytes', bytes.length)
  const value = parseCanonical(bytes, { maxBytes: LIMITS.releaseBytes })
  checkRelease(value, '')
  return value as unknown as Release
}

/** Checks a release and makes its block; throws what `parseRelease` throws. */
export function releaseBlock(release: unknown): ReleaseBlock {
  const block = sealRelease(release as Release)
  checkRelease(release as Json, '')
  return block
}

/** The block of a release whose fields have been checked already, as those of a toolkit. Throws LIMIT_EXCEEDED. */
export function sealRelease(release: Release): ReleaseBlock {
  const bytes = canonicalBytes(release)
  assertLimit('releaseBytes', bytes.length)
  return { cid: cidOf(bytes), bytes, release }
}

/** Reads a block of either kind, by the kind inside its bytes; throws what their own parsers throw. */
export function parseBlock(bytes: Uint8Array): Tool | Release {
  assertLimit('releaseBytes', bytes.length)
  const value = parseCanonical(bytes, { maxBytes: LIMITS.releaseBytes })
  const kind = isJsonObject(value) ? value.kind : undefined
  return kind === 'release/v1' ? parseRelease(bytes) : parseTool(bytes)
}
