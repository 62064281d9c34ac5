// Characters that nobody sees, as patterns; the list is the one that names are checked against.

import { FORBIDDEN_RANGES } from '../../../lib/index.ts'

/** All but controls; variation selectors and tags too. */
export const INVISIBLE: RegExp = new RegExp(`[${ranges()}]`, 'u')

/** Those that are never a part of another character's shape. */
export const ZERO_WIDTH: string = `[${ranges([0xfe00, 0xfe0f], [0xe0000, 0xe0fff], [0x202a, 0x202e], [0x2066, 0x2069])}]`

function ranges(...without: readonly (readonly [first: number, last: number])[]): string {
  return FORBIDDEN_RANGES.filter(
    ([first]) => first > 0x9f && !without.some(([from, to]) => from <= first && first <= to),
  )
    .map(([first, last]) => `\\u{${first.toString(16)}}-\\u{${last.toString(16)}}`)
    .join('')
}
