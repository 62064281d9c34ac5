// Paths that are delegated: a namespace or a whole name. A path covers what lies below it by whole segments, never by
// characters: `com.acme/pub` is not `com.acme/public` (T20).

import { RegistryError } from '../../lib/index.ts'
import { parseName } from '../../spec/index.ts'

/** Throws NAME_INVALID. */
export function parsePath(value: unknown): string {
  if (typeof value !== 'string') {
    throw new RegistryError('NAME_INVALID', 'This is not a path that can be delegated.', {
      expected: 'a namespace such as com.acme, or a name such as com.acme/weather',
      got: typeof value,
    })
  }
  parseName(value.includes('/') ? value : `${value}/x`)
  return value
}

/** Whether `below` (a path or a name) is the path itself or lies under it. */
export function covers(path: string, below: string): boolean {
  if (below === path) return true
  if (path.includes('/')) return false
  return below.startsWith(`${path}/`) || below.startsWith(`${path}.`)
}
