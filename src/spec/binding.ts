// Bindings: the ways to reach a release's tools. One kind, one row in the table. A value `${NAME}` in `env`, `headers`
// stands for a variable of whoever runs the tool; a signed, public release is no place for a secret.

import type { Json, JsonObject } from '../lib/index.ts'
import { parseToolName } from './names.ts'
import {
  anyObject,
  asObject,
  type Check,
  type FieldsOf,
  invalid,
  line,
  listOf,
  mapOf,
  matching,
  object,
  oneOf,
  optional,
  parsedBy,
  prose,
  required,
  typeName,
} from './shape.ts'

type Strings = Readonly<Record<string, string>>

export interface McpStdioBinding {
  readonly kind: 'mcp-stdio'
  readonly command: string
  readonly args?: readonly string[]
  readonly env?: Strings
}

export interface McpHttpBinding {
  readonly kind: 'mcp-http'
  readonly url: string
  readonly headers?: Strings
}

/** A plain HTTP interface. `operations` says per tool what to send, in the words of the importer that made it. */
export interface HttpBinding {
  readonly kind: 'http'
  readonly url: string
  readonly headers?: Strings
  readonly operations?: Readonly<Record<string, JsonObject>>
}

/** A program. `operations` says per tool how arguments become words of a command line; there is never a shell. */
export interface CliBinding {
  readonly kind: 'cli'
  readonly command: string
  readonly args?: readonly string[]
  readonly env?: Strings
  readonly operations?: Readonly<Record<string, JsonObject>>
}

/** A JavaScript module. `exports` names the export of a tool where it differs from the tool's name. */
export interface ModuleBinding {
  readonly kind: 'module'
  readonly module: string
  readonly exports?: Strings
}

export interface ContainerBinding {
  readonly kind: 'container'
  readonly image: string
  readonly args?: readonly string[]
  readonly env?: Strings
}

export interface WebsocketBinding {
  readonly kind: 'websocket'
  readonly url: string
  readonly headers?: Strings
}

export type Binding =
  | McpStdioBinding
  | McpHttpBinding
  | HttpBinding
  | CliBinding
  | ModuleBinding
  | ContainerBinding
  | WebsocketBinding

const command = required(line(4000))
const args = optional(listOf(prose(16_000)))
const env = optional(
  mapOf(matching(/^[A-Za-z_][A-Za-z0-9_]*$/, 200, 'the name of a variable'), prose(16_000)),
)
const url = required(matching(/^https?:\/\/[!-~]+$/, 2000, 'an http(s) address'))
// A line break in a header would smuggle in a second header.
const headers = optional(
  mapOf(
    matching(/^[A-Za-z0-9!#$%&'*+.^_`|~-]+$/, 200, 'the name of a header'),
    matching(/^[\t -~]*$/, 8000, 'printable ASCII on one line'),
  ),
)
const operations = optional(mapOf(parsedBy(parseToolName), anyObject))

export const BINDING_FIELDS: {
  readonly [K in Binding['kind']]: FieldsOf<Extract<Binding, { readonly kind: K }>>
} = {
  'mcp-stdio': {
    kind: kindOf('mcp-stdio'),
    command,
    args,
    env,
  },
  'mcp-http': { kind: kindOf('mcp-http'), url, headers },
  http: { kind: kindOf('http'), url, headers, operations },
  cli: { kind: kindOf('cli'), command, args, env, operations },
  module: {
    kind: kindOf('module'),
    module: required(line(4000)),
    exports: optional(mapOf(parsedBy(parseToolName), line(200))),
  },
  container: {
    kind: kindOf('container'),
    image: required(matching(/^[!-~]+$/, 1000, 'an image reference')),
    args,
    env,
  },
  websocket: {
    kind: kindOf('websocket'),
    url: required(matching(/^wss?:\/\/[!-~]+$/, 2000, 'a ws(s) address')),
    headers,
  },
}

const CHECK_OF: ReadonlyMap<Json | undefined, Check> = new Map(
  Object.entries(BINDING_FIELDS).map(([kind, fields]) => [kind, object(fields)]),
)

export function checkBinding(value: Json, path: string): void {
  const kind = asObject(value, path).kind
  const check = CHECK_OF.get(kind)
  if (check === undefined) {
    const expected = [...CHECK_OF.keys()].join(', ')
    const got =
      typeof kind === 'string' ? JSON.stringify(kind.slice(0, 80)) : typeName(kind ?? null)
    throw invalid(`${path}/kind`, 'This kind of binding is not known.', expected, got)
  }
  check(value, path)
}

function kindOf(kind: Binding['kind']): { readonly required: true; readonly check: Check } {
  return { required: true, check: oneOf(kind) }
}
