// In which line of a TOML text a key stands: the first line with which the parser finds it there. Only for errors.

import { loadToml } from './toml.ts'

/** A text on which so many parses do not tell is not a text somebody wrote. */
const MAX_PARSES = 400

/** One-based; undefined if it is not there. A key inside a value of many lines stands where the value begins. */
export function locateKey(document: string, pointer: string): number | undefined {
  if (pointer === '') return undefined
  const lines = document.split('\n')
  const path = pointer
    .slice(1)
    .split('/')
    .map((part) => part.replaceAll('~1', '/').replaceAll('~0', '~'))
  const budget = { left: MAX_PARSES }
  // Invariant: the first `low` lines parse and lack the key; the first `high` lines have it.
  let low = 0
  let high = lines.length
  let bound = high
  if (look(lines, high, path, budget) !== true) return undefined
  while (bound - low > 1 && budget.left > 0) {
    const middle = Math.floor((low + bound) / 2)
    // Within a value of many lines nothing parses: go on to its end.
    let at = middle
    let found = look(lines, at, path, budget)
    while (found === undefined && at + 1 < bound && budget.left > 0) {
      found = look(lines, ++at, path, budget)
    }
    if (found === false) low = at
    else bound = middle
    if (found === true) high = at
  }
  return budget.left > 0 && high > low ? low + 1 : undefined
}

function look(
  lines: readonly string[],
  count: number,
  path: readonly string[],
  budget: { left: number },
): boolean | undefined {
  budget.left--
  try {
    let value: unknown = loadToml().parse(lines.slice(0, count).join('\n'))
    for (const part of path) {
      if (typeof value !== 'object' || value === null || !Object.hasOwn(value, part)) return false
      value = (value as Readonly<Record<string, unknown>>)[part]
    }
    return true
  } catch {
    return undefined
  }
}
