// What references make of a schema: a definition is used elsewhere, perhaps where accepting more means accepting less (inside
// `not`, `oneOf`, `if`). Found here, before two schemas are compared; what cannot be followed freezes the whole.

import { isJsonObject, type Json, type JsonObject, joinPointer } from '../../../lib/index.ts'
import { memberOf } from '../json-changes.ts'
import { isAlone, isWords, LISTS, MAPS, SINGLES, typesOf } from './words.ts'

/** Keywords under which more may mean less. */
const TURNING: readonly string[] = ['not', 'if', 'oneOf', 'contains']
/** Steps that stay at the same value. */
const IN_PLACE: RegExp =
  /^(\/(anyOf|allOf|oneOf)\/\d+|\/(not|if|then|else)|\/dependentSchemas\/[^/]+)*$/
const UNFOLLOWED: readonly string[] = [
  ...['$dynamicRef', '$recursiveRef', '$dynamicAnchor', '$recursiveAnchor', '$anchor'],
  ...['unevaluatedProperties', 'unevaluatedItems'],
]

export interface References {
  /** Something here cannot be followed, so that nothing about a change can be proven; `words` may perhaps be referred to, too. */
  readonly frozen: 'no' | 'rules' | 'words'
  /** Pointers of places that must not change at all. */
  readonly rigid: ReadonlySet<string>
  /** Whether every reference stands where nothing else speaks about the same value. */
  readonly alone: boolean
}

interface Found {
  frozen: References['frozen']
  alone: boolean
  /** Each reference as a pointer, and whether it stands under a turning keyword. */
  readonly refs: { readonly pointer: string; readonly turned: boolean; readonly from: string }[]
}

interface Place {
  readonly path: string
  readonly alone: boolean
  readonly turned: boolean
}

export function referencesOf(schema: JsonObject): References {
  const found: Found = { frozen: 'no', alone: true, refs: [] }
  look(schema, { path: '', alone: true, turned: false }, found)
  const dangling = found.refs.some(({ pointer }) => resolve(schema, pointer) === undefined)
  if (isEndless(found)) freeze(found, 'rules')
  const frozen = dangling ? 'words' : found.frozen
  return { frozen, rigid: rigidOf(found), alone: found.alone }
}

/** Whether a reference leads back to where it stands without a step into the value: a validator never comes to an end there. */
function isEndless({ refs }: Found): boolean {
  return refs.some(({ pointer: first }) => {
    const reached = new Set([first])
    for (const target of reached) {
      for (const { pointer, from } of refs) {
        if (!from.startsWith(target) || !IN_PLACE.test(from.slice(target.length))) continue
        if (pointer === first) return true
        reached.add(pointer)
      }
    }
    return false
  })
}

/** What is referred to from a turning place, and what that refers to in turn. */
function rigidOf({ refs }: Found): ReadonlySet<string> {
  const rigid = new Set(refs.flatMap(({ pointer, turned }) => (turned ? [pointer] : [])))
  for (const target of rigid) {
    for (const { pointer, from } of refs) {
      if (from === target || from.startsWith(`${target}/`)) rigid.add(pointer)
    }
  }
  return rigid
}

function look(schema: Json | undefined, place: Place, found: Found): void {
  if (!isJsonObject(schema)) return
  const { path, turned } = place
  if (UNFOLLOWED.some((key) => Object.hasOwn(schema, key))) freeze(found, 'rules')
  if (path !== '' && Object.hasOwn(schema, '$id')) freeze(found, 'words')
  const ref = memberOf(schema, '$ref')
  if (ref !== undefined) {
    const pointer = typeof ref === 'string' ? pointerOf(ref) : undefined
    if (pointer === undefined) freeze(found, 'words')
    else found.refs.push({ pointer, turned, from: path })
    const others = Object.keys(schema).filter((key) => key !== '$ref' && !isWords(key))
    const isOnly = others.every((key) =>
      ['default', '$defs', 'definitions', '$schema'].includes(key),
    )
    if (!place.alone || !isOnly) found.alone = false
  }
  const alone = place.alone && isAlone(schema)
  for (const [key, value] of Object.entries(schema)) {
    const step = { path: `${path}/${key}`, alone, turned: turned || TURNING.includes(key) }
    if (MAPS.includes(key) && isJsonObject(value)) {
      const defines = key === '$defs' || key === 'definitions'
      const apart = defines || (alone && key === 'properties' && !hasPatterns(schema))
      for (const [name, one] of Object.entries(value)) {
        look(one, { ...step, path: joinPointer(step.path, name), alone: apart }, found)
      }
    } else if (Array.isArray(value) && (LISTS.includes(key) || key === 'items')) {
      for (const [i, one] of (value as readonly Json[]).entries()) {
        const apart = key === 'anyOf' && place.alone && isAloneInAnyOf(schema, i)
        look(one, { ...step, path: `${step.path}/${i}`, alone: apart }, found)
      }
    } else if (SINGLES.includes(key)) look(value, step, found)
    else if (key === 'dependencies' || key === 'contentSchema') {
      if (hasRef(value)) freeze(found, 'words')
    }
  }
}

/** Whether no other branch, and nothing beside the branches, says anything about objects: `anyOf: [{…}, {type: "null"}]`. */
export function isAloneInAnyOf(schema: JsonObject, index: number): boolean {
  const { anyOf, ...rest } = schema
  const isOnly = Object.keys(rest).every((key) => isWords(key) || key === 'default')
  if (!isOnly || !Array.isArray(anyOf)) return false
  return (anyOf as readonly Json[]).every(
    (branch, i) => i === index || (isJsonObject(branch) && !typesOf(branch).includes('object')),
  )
}

export function hasPatterns(schema: JsonObject): boolean {
  const patterns = memberOf(schema, 'patternProperties')
  return isJsonObject(patterns) && Object.keys(patterns).length > 0
}

/** A reference that leads only through places that are compared with their counterpart; '' is the root. */
function pointerOf(ref: string): string | undefined {
  if (ref === '#') return ''
  if (!ref.startsWith('#/') || ref.includes('%')) return undefined
  const segments = ref.slice(2).split('/')
  for (let i = 0; i < segments.length; i++) {
    const keyword = segments[i] ?? ''
    if (['properties', 'patternProperties', '$defs', 'definitions'].includes(keyword)) i++
    else if (!['items', 'additionalProperties'].includes(keyword)) return undefined
    if (i === segments.length) return undefined
  }
  return ref.slice(1)
}

function resolve(schema: Json, pointer: string): Json | undefined {
  let at: Json | undefined = schema
  for (const segment of pointer.split('/').slice(1)) {
    const key = segment.replaceAll('~1', '/').replaceAll('~0', '~')
    at = isJsonObject(at) ? memberOf(at, key) : undefined
  }
  return at
}

function freeze(found: Found, how: 'rules' | 'words'): void {
  if (found.frozen !== 'words') found.frozen = how
}

function hasRef(value: Json): boolean {
  return JSON.stringify(value).includes('"$ref"')
}
