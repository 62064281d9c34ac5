// Every string of a tool or release that somebody may read, with its place. Keys too: a property name is text for a model.

import { type Json, joinPointer } from '../../lib/index.ts'

export interface Text {
  readonly path: string
  readonly text: string
  /** A key of an object, most of them names of parameters. */
  readonly isKey: boolean
}

/** In the order of the document. Works on any JSON, however deep: nothing recurses. */
export function textsOf(document: unknown): readonly Text[] {
  const texts: Text[] = []
  const todo: { readonly path: string; readonly value: Json }[] = [
    { path: '', value: document as Json },
  ]
  for (let next = todo.pop(); next !== undefined; next = todo.pop()) {
    const { path, value } = next
    if (typeof value === 'string') texts.push({ path, text: value, isKey: false })
    if (typeof value !== 'object' || value === null) continue
    const isList = Array.isArray(value)
    const entries = Object.entries(value)
    if (!isList) {
      for (const [key] of entries)
        texts.push({ path: joinPointer(path, key), text: key, isKey: true })
    }
    for (const [key, member] of entries.reverse()) {
      todo.push({ path: joinPointer(path, key), value: member })
    }
  }
  return texts
}
