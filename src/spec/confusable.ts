// Names that people take for one another. Names are ASCII by their grammar, so what UTS #39 does for all of Unicode is a short
// list here; typing slips are counted in edits. It says what looks alike, and decides nothing.

/** Applied in this order: pairs of letters before the separators between them go. */
const LOOKALIKES: readonly (readonly [pattern: RegExp, shown: string])[] = [
  [/rn/g, 'm'],
  [/vv/g, 'w'],
  [/[-_./]/g, ''],
  [/0/g, 'o'],
  [/[1i]/g, 'l'],
  [/5/g, 's'],
  [/(.)\1+/g, '$1'],
]

/** What is left of a name at a glance: two names of one skeleton look alike. Not a name itself. */
export function skeletonOf(name: string): string {
  return LOOKALIKES.reduce((text, [pattern, shown]) => text.replace(pattern, shown), name)
}

/** Whether one is likely to be typed for the other. The labels that both begin and end with do not make them alike. */
export function isNear(name: string, other: string): boolean {
  const [a, b] = stripShared(name.split('.'), other.split('.'))
  const allowed = allowedEdits(Math.max(a.length, b.length))
  if (Math.abs(a.length - b.length) > allowed) return false
  const edits = countEdits(a, b)
  return edits > 0 && edits <= allowed
}

/** Whether a label is punycode: the letters it stands for are not the ones it shows. */
export function hasPunycode(namespace: string): boolean {
  return namespace.split('.').some((label) => label.startsWith('xn--'))
}

/** In a word of two letters every other word of two letters would be near. */
function allowedEdits(length: number): number {
  if (length < 3) return 0
  return length < 10 ? 1 : 2
}

function stripShared(a: readonly string[], b: readonly string[]): readonly [string, string] {
  const shortest = Math.min(a.length, b.length)
  let start = 0
  while (start < shortest && a[start] === b[start]) start++
  let end = 0
  while (end < shortest - start && a.at(-1 - end) === b.at(-1 - end)) end++
  const rest = (labels: readonly string[]): string =>
    labels.slice(start, labels.length - end).join('.')
  return [rest(a), rest(b)]
}

/** Damerau and Levenshtein, each place transposed at most once: insertions, deletions, changes, neighbours swapped. */
function countEdits(from: string, to: string): number {
  let before: readonly number[] = []
  let row: readonly number[] = Array.from({ length: to.length + 1 }, (_, j) => j)
  for (let i = 1; i <= from.length; i++) {
    const next = [i]
    for (let j = 1; j <= to.length; j++) {
      const change = at(row, j - 1) + (from[i - 1] === to[j - 1] ? 0 : 1)
      const isSwap = from[i - 1] === to[j - 2] && from[i - 2] === to[j - 1]
      const swap = i > 1 && j > 1 && isSwap ? at(before, j - 2) + 1 : Infinity
      next.push(Math.min(change, swap, at(row, j) + 1, at(next, j - 1) + 1))
    }
    before = row
    row = next
  }
  return at(row, to.length)
}

function at(row: readonly number[], index: number): number {
  return row[index] ?? Infinity
}
