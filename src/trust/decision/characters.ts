// Classes of characters that a policy forbids in what a model sees, wherever they stand. The linter judges text; this does not.

import { FORBIDDEN_RANGES } from '../../lib/index.ts'
import { surfaceOf, type Tool } from '../../spec/index.ts'
import type { ForbiddenClass } from '../policy/index.ts'

const WORDS: Readonly<Record<Exclude<ForbiddenClass, 'ansi'>, string>> = {
  bidi: 'a bidirectional control',
  tags: 'a tag character',
  'zero-width': 'a zero-width character',
  controls: 'a control character',
}
/** Text has lines and columns. */
const PLAIN = '(?![\\n\\r\\t])'

const patterns = new Map<string, RegExp>()

/** The first character of a forbidden class, as `U+XXXX`; undefined if there is none. */
export function findForbiddenClass(
  tool: Tool,
  classes: readonly ForbiddenClass[],
): string | undefined {
  const pattern = patternOf(classes)
  const found = findIn(surfaceOf(tool), pattern)
  if (found === undefined) return undefined
  return `U+${(found.codePointAt(0) ?? 0).toString(16).toUpperCase().padStart(4, '0')}`
}

function findIn(value: unknown, pattern: RegExp): string | undefined {
  if (typeof value === 'string') return pattern.exec(value)?.[0]
  if (typeof value !== 'object' || value === null) return undefined
  for (const [key, item] of Object.entries(value)) {
    const found = pattern.exec(key)?.[0] ?? findIn(item, pattern)
    if (found !== undefined) return found
  }
  return undefined
}

function patternOf(classes: readonly ForbiddenClass[]): RegExp {
  const id = classes.join()
  const known = patterns.get(id)
  if (known !== undefined) return known
  const parts = classes.map((name) => {
    if (name === 'ansi') return '[\\u{1b}\\u{9b}\\u{90}\\u{9d}]'
    const ranges = FORBIDDEN_RANGES.filter(([, , what]) => what === WORDS[name])
    const text = ranges.map(
      ([first, last]) => `\\u{${first.toString(16)}}-\\u{${last.toString(16)}}`,
    )
    return `${PLAIN}[${text.join('')}]`
  })
  const pattern = new RegExp(parts.join('|'), 'u')
  patterns.set(id, pattern)
  return pattern
}
