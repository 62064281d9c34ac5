// The toolkit document: what people write. A release with its tools inline; publishing splits it into blocks. Strict but
// not canonical: errors carry the line.

import type { Cid } from '../cid/index.ts'
import { type Json, joinPointer, locateLine, parseJson, RegistryError } from '../lib/index.ts'
import { type ReleaseBlock, sealRelease, sealTool, type ToolBlock } from './blocks.ts'
import { assertLimit, LIMITS } from './limits.ts'
import { isBareName, type PublisherId, parseName } from './names.ts'
import { COMMON_FIELDS, type ReleaseFields } from './release.ts'
import {
  type Check,
  type FieldsOf,
  listOf,
  object,
  oneOf,
  optional,
  parsedBy,
  required,
} from './shape.ts'
import { TOOL_FIELDS, type Tool } from './tool.ts'

/** `name` is `namespace/name`, or bare: then it goes under the publisher's own id. */
export interface Toolkit extends ReleaseFields {
  readonly kind?: 'toolkit/v1'
  readonly tools: readonly Omit<Tool, 'kind'>[]
}

export interface SplitToolkit {
  readonly name: string
  readonly version: string
  readonly release: ReleaseBlock
  readonly tools: readonly ToolBlock[]
}

export const TOOLKIT_FIELDS: FieldsOf<Toolkit> = {
  kind: optional(oneOf('toolkit/v1')),
  name: required(parsedBy(parseToolkitName)),
  ...COMMON_FIELDS,
  tools: required(listOf(object(TOOL_FIELDS), { least: 1 })),
}

const NEXT = 'Correct it there, then publish again.'

const checkFields = object(TOOLKIT_FIELDS, { extensible: true })

/** `file` is named in errors. Throws what `parseTool` and `parseRelease` throw, with line and path. */
export function parseToolkit(bytes: Uint8Array, options: { readonly file?: string } = {}): Toolkit {
  try {
    assertLimit('toolkitBytes', bytes.length)
    const value = parseJson(bytes, { maxBytes: LIMITS.toolkitBytes })
    checkToolkit(value, '')
    return value as unknown as Toolkit
  } catch (error) {
    throw located(error, bytes, options.file)
  }
}

/**
 * Makes the blocks to publish, of a toolkit that `parseToolkit` has checked. The same toolkit and publisher always make the same
 * blocks. Throws LIMIT_EXCEEDED, and what the release as a whole is refused for.
 */
export function splitToolkit(toolkit: Toolkit, publisher: PublisherId): SplitToolkit {
  const { kind: _, tools: listed, name: written, ...fields } = toolkit
  const tools = listed.map((tool) => sealTool({ ...tool, kind: 'tool/v1' }))
  const name = isBareName(written) ? `${publisher}/${written}` : parseName(written)
  // Without a prototype V8 keeps it as a table; otherwise each new tool name would make a hidden class.
  const cids: Record<string, Cid> = Object.create(null)
  for (const { tool, cid } of tools) cids[tool.name] = cid
  const release = sealRelease({ ...fields, name, kind: 'release/v1', tools: cids })
  return { name, version: toolkit.version, release, tools }
}

const checkToolkit: Check = (value, path) => {
  checkFields(value, path)
  const seen = new Set<string>()
  const { tools } = value as unknown as Toolkit
  for (const [index, { name }] of tools.entries()) {
    if (seen.has(name)) {
      throw new RegistryError('DOCUMENT_INVALID', `Two tools are named ${JSON.stringify(name)}.`, {
        expected: 'one tool a name',
        got: 2,
        path: joinPointer(joinPointer(joinPointer(path, 'tools'), index), 'name'),
        next: 'Rename one of them.',
      })
    }
    seen.add(name)
  }
}

function parseToolkitName(value: Json): string {
  if (isBareName(value)) return value
  try {
    return parseName(value)
  } catch (error) {
    if (!(error instanceof RegistryError)) throw error
    const expected = 'a bare name such as weather, or namespace/name such as com.example/weather'
    throw new RegistryError(error.code, error.message, { ...error.details, expected, next: NEXT })
  }
}

function located(error: unknown, bytes: Uint8Array, file: string | undefined): unknown {
  if (!(error instanceof RegistryError)) return error
  const { path, line } = error.details
  const found =
    line ?? (path === undefined ? undefined : locateLine(Buffer.from(bytes).toString(), path))
  return new RegistryError(
    error.code,
    file === undefined ? error.message : `${file}: ${error.message}`,
    { next: NEXT, ...error.details, ...(found === undefined ? {} : { line: found }) },
  )
}
