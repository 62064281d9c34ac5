// The tool block: the contract of one callable, as a model sees it (docs/protocol.md, "Blocks"). It has no version: an
// unchanged tool keeps its CID across releases. Reading and making blocks is in blocks.ts.

import type { Json, JsonObject } from '../lib/index.ts'
import { checkInputSchema, checkOutputSchema } from './input-schema.ts'
import { LIMITS } from './limits.ts'
import { parseToolName } from './names.ts'
import {
  anyJson,
  anyObject,
  boolean,
  type FieldsOf,
  line,
  listOf,
  object,
  oneOf,
  optional,
  parsedBy,
  prose,
  required,
  wholeNumber,
} from './shape.ts'

/** MCP's hints. They are the publisher's claims, never facts. */
export interface ToolAnnotations {
  readonly title?: string
  readonly readOnlyHint?: boolean
  readonly destructiveHint?: boolean
  readonly idempotentHint?: boolean
  readonly openWorldHint?: boolean
}

/** ATIP's effects model. */
export interface ToolEffects {
  readonly filesystem?: {
    readonly read?: boolean
    readonly write?: boolean
    readonly delete?: boolean
    readonly paths?: readonly string[]
  }
  readonly network?: boolean
  readonly subprocess?: boolean
  readonly idempotent?: boolean
  readonly reversible?: boolean
  readonly destructive?: boolean
  readonly creates?: readonly string[]
  readonly modifies?: readonly string[]
  readonly deletes?: readonly string[]
  readonly interactive?: {
    readonly stdin?: 'none' | 'optional' | 'required' | 'password'
    readonly prompts?: boolean
    readonly tty?: boolean
  }
  readonly cost?: {
    readonly estimate?: 'free' | 'low' | 'medium' | 'high'
    readonly billable?: boolean
  }
  readonly duration?: { readonly typical?: string; readonly timeout?: string }
}

/** How to find and run the tool well. Nothing here is shown to a model. */
export interface ToolHints {
  /** Words people search for that the description does not use. */
  readonly search?: string
  /** Leave the tool out of the first prompt. */
  readonly defer?: boolean
  readonly timeoutMs?: number
  readonly concurrencySafe?: boolean
  readonly locality?: 'local' | 'remote'
  readonly maxResultBytes?: number
  readonly cost?: 'free' | 'low' | 'medium' | 'high'
}

export interface ToolExample {
  readonly description?: string
  readonly input: JsonObject
  readonly output?: Json
}

export interface ToolIcon {
  readonly src: string
  readonly mimeType?: string
  readonly sizes?: readonly string[]
  readonly theme?: 'light' | 'dark'
}

export interface Tool {
  readonly kind: 'tool/v1'
  readonly name: string
  readonly title?: string
  readonly description?: string
  readonly inputSchema: JsonObject
  readonly outputSchema?: JsonObject
  readonly annotations?: ToolAnnotations
  readonly effects?: ToolEffects
  readonly examples?: readonly ToolExample[]
  readonly hints?: ToolHints
  readonly icons?: readonly ToolIcon[]
  readonly execution?: { readonly taskSupport?: 'forbidden' | 'optional' | 'required' }
  readonly _meta?: JsonObject
}

const ANNOTATION_FIELDS = {
  title: optional(line(200)),
  readOnlyHint: optional(boolean),
  destructiveHint: optional(boolean),
  idempotentHint: optional(boolean),
  openWorldHint: optional(boolean),
} satisfies FieldsOf<ToolAnnotations>

const resources = listOf(prose(1000))
const cost = oneOf('free', 'low', 'medium', 'high')

const EFFECT_FIELDS = {
  filesystem: optional(
    object({
      read: optional(boolean),
      write: optional(boolean),
      delete: optional(boolean),
      paths: optional(resources),
    } satisfies FieldsOf<NonNullable<ToolEffects['filesystem']>>),
  ),
  network: optional(boolean),
  subprocess: optional(boolean),
  idempotent: optional(boolean),
  reversible: optional(boolean),
  destructive: optional(boolean),
  creates: optional(resources),
  modifies: optional(resources),
  deletes: optional(resources),
  interactive: optional(
    object({
      stdin: optional(oneOf('none', 'optional', 'required', 'password')),
      prompts: optional(boolean),
      tty: optional(boolean),
    } satisfies FieldsOf<NonNullable<ToolEffects['interactive']>>),
  ),
  cost: optional(object({ estimate: optional(cost), billable: optional(boolean) })),
  duration: optional(object({ typical: optional(line(40)), timeout: optional(line(40)) })),
} satisfies FieldsOf<ToolEffects>

const HINT_FIELDS = {
  search: optional(prose(1000)),
  defer: optional(boolean),
  timeoutMs: optional(wholeNumber),
  concurrencySafe: optional(boolean),
  locality: optional(oneOf('local', 'remote')),
  maxResultBytes: optional(wholeNumber),
  cost: optional(cost),
} satisfies FieldsOf<ToolHints>

const EXAMPLE_FIELDS = {
  description: optional(prose(1000)),
  input: required(anyObject),
  output: optional(anyJson),
} satisfies FieldsOf<ToolExample>

const ICON_FIELDS = {
  src: required(line(64 * 1024)),
  mimeType: optional(line(100)),
  sizes: optional(listOf(line(20))),
  theme: optional(oneOf('light', 'dark')),
} satisfies FieldsOf<ToolIcon>

/** Every field of a tool block but its kind: what a toolkit document holds per tool. */
export const TOOL_FIELDS: FieldsOf<Omit<Tool, 'kind'>> = {
  name: required(parsedBy(parseToolName)),
  title: optional(line(200)),
  description: optional(prose(LIMITS.toolBytes)),
  inputSchema: required(checkInputSchema),
  outputSchema: optional(checkOutputSchema),
  annotations: optional(object(ANNOTATION_FIELDS)),
  effects: optional(object(EFFECT_FIELDS)),
  examples: optional(listOf(object(EXAMPLE_FIELDS))),
  hints: optional(object(HINT_FIELDS)),
  icons: optional(listOf(object(ICON_FIELDS))),
  execution: optional(
    object({ taskSupport: optional(oneOf('forbidden', 'optional', 'required')) }),
  ),
  _meta: optional(anyObject),
}
