// Two texts, word by word: what went, what came, and a few words around it. A character that changed in the middle of a long
// description must be seen, so nothing that differs is ever cut. Pure.

interface Piece {
  readonly kind: 'same' | 'removed' | 'added'
  readonly text: string
}

/** Words of what is the same that are shown on each side of a change. */
const AROUND = 8
/** Above this, what lies between the first and the last difference is shown as one change. */
const MOST_CELLS = 1_000_000

/** The changed places, one text each: `words [-old-]{+new+} words`, with … where something the same was left out. */
export function describeTextChange(before: string, after: string): readonly string[] {
  const pieces = diffWords(wordsOf(before), wordsOf(after))
  const hunks: string[] = []
  let hunk = ''
  for (const [i, { kind, text }] of pieces.entries()) {
    if (kind === 'removed') hunk += `[-${text}-]`
    else if (kind === 'added') hunk += `{+${text}+}`
    else {
      const words = wordsOf(text)
      const [isFirst, isLast] = [i === 0, i === pieces.length - 1]
      if (words.length <= AROUND * (isFirst || isLast ? 2 : 4)) hunk += text
      else {
        if (!isFirst) hunks.push(`${hunk}${words.slice(0, AROUND * 2).join('')}…`)
        hunk = isLast ? '' : `…${words.slice(-AROUND * 2).join('')}`
      }
    }
  }
  return hunk === '' ? hunks : [...hunks, hunk]
}

/** Words and what is between them, alternately. */
function wordsOf(text: string): readonly string[] {
  return text.match(/\s+|\S+/g) ?? []
}

function diffWords(before: readonly string[], after: readonly string[]): readonly Piece[] {
  let start = 0
  while (start < before.length && start < after.length && before[start] === after[start]) start++
  let end = 0
  const most = Math.min(before.length, after.length) - start
  while (end < most && before[before.length - 1 - end] === after[after.length - 1 - end]) end++
  const [old, now] = [
    before.slice(start, before.length - end),
    after.slice(start, after.length - end),
  ]
  const middle =
    old.length * now.length > MOST_CELLS
      ? [...old.map(removed), ...now.map(added)]
      : alignWords(old, now)
  const same = (words: readonly string[]): readonly Piece[] =>
    words.map((text) => ({ kind: 'same', text }))
  return joined([
    ...same(before.slice(0, start)),
    ...middle,
    ...same(before.slice(before.length - end)),
  ])
}

/** By the longest common subsequence. */
function alignWords(old: readonly string[], now: readonly string[]): readonly Piece[] {
  const width = now.length + 1
  const lengths = new Uint32Array((old.length + 1) * width)
  const at = (i: number, j: number): number => lengths[i * width + j] ?? 0
  for (let i = old.length - 1; i >= 0; i--) {
    for (let j = now.length - 1; j >= 0; j--) {
      lengths[i * width + j] =
        old[i] === now[j] ? at(i + 1, j + 1) + 1 : Math.max(at(i + 1, j), at(i, j + 1))
    }
  }
  const pieces: Piece[] = []
  let [i, j] = [0, 0]
  while (i < old.length || j < now.length) {
    const [gone, come] = [old[i], now[j]]
    if (gone !== undefined && gone === come) {
      pieces.push({ kind: 'same', text: gone })
      i++
      j++
    } else if (gone !== undefined && (come === undefined || at(i + 1, j) >= at(i, j + 1))) {
      pieces.push(removed(gone))
      i++
    } else if (come !== undefined) {
      pieces.push(added(come))
      j++
    }
  }
  return pieces
}

function removed(text: string): Piece {
  return { kind: 'removed', text }
}

function added(text: string): Piece {
  return { kind: 'added', text }
}

/** Neighbours of one kind as one. White space between two changed words belongs to the change. */
function joined(pieces: readonly Piece[]): readonly Piece[] {
  const out: Piece[] = []
  for (const piece of pieces) {
    const last = out.at(-1)
    if (last?.kind === piece.kind)
      out[out.length - 1] = { kind: piece.kind, text: last.text + piece.text }
    else out.push(piece)
  }
  return out
}
