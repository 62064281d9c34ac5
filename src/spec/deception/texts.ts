// Every string of a tool or release that somebody may read, with its place. Keys too: a property name is text for a model.

import { type Json, joinPointer } from '../../lib/index.ts'

export interface Text {
  readonly path: string
  readonly text: string
  /** A key of an object, most of them names of parameters. */
  readonly isKey: boolean
}

/** What most strings of a schema are, and no text. */
const WORD = /^[\w$:.-]{0,24}$/
/** Keys of JSON Schema and of tools; any other is somebody's choice. */
const OWN_KEYS: ReadonlySet<string> = new Set(
  `$comment $defs $id $ref $schema additionalProperties allOf annotations anyOf const default definitions deprecated
  description destructiveHint enum examples exclusiveMaximum exclusiveMinimum format hints icons idempotentHint input
  inputSchema items kind maxItems maxLength maximum minItems minLength minimum name nullable oneOf openWorldHint output
  outputSchema pattern properties readOnly readOnlyHint required search title type uniqueItems writeOnly id`.split(
    /\s+/,
  ),
)

/** In the order of the document; single words only where they are keys. The depth is bounded by what a parser accepts. */
export function textsOf(document: object): readonly Text[] {
  const texts: Text[] = []
  visit(document as Json, '', texts)
  return texts
}

function visit(value: Json, path: string, texts: Text[]): void {
  if (typeof value === 'string') {
    if (!WORD.test(value)) texts.push({ path, text: value, isKey: false })
    return
  }
  if (typeof value !== 'object' || value === null) return
  if (Array.isArray(value)) {
    for (let i = 0; i < value.length; i++) visit(value[i], joinPointer(path, i), texts)
    return
  }
  for (const key in value) {
    const member = (value as Readonly<Record<string, Json>>)[key]
    const inside = joinPointer(path, key)
    if (!OWN_KEYS.has(key)) texts.push({ path: inside, text: key, isKey: true })
    if (member !== undefined) visit(member, inside, texts)
  }
}
