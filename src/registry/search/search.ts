// Finding releases by words. What is found is a hint: whatever is done with it resolves and verifies it again. A score depends on the question and
// on the release alone, so what one publisher writes does not move what others are worth (T38).

import { assertLimit, type PublisherId } from '../../spec/index.ts'
import type { Store } from '../../store/index.ts'
import { type Found, listRows, type Row, STANDINGS } from './rows.ts'
import { termsOf } from './terms.ts'

export interface SearchIndex {
  /** The best first: how its publisher stands here decides before what it says. Throws LIMIT_EXCEEDED. */
  find(query: string, limit?: number): readonly Found[]
}

const LIMIT = 10
/** Of one publisher before others of its standing. */
const SHARE = 3
const WEIGHTS = { name: 8, title: 6, keyword: 4, tool: 4, text: 2 } as const
/** As long as this is no text too long. */
const SHORT = 16

interface Scored {
  readonly row: Found
  /** What its terms are divided by: who says everything says little about anything. */
  readonly length: number
}

interface Posting {
  readonly at: number
  readonly weight: number
}

/** Of what is in the store now. */
export async function openSearch(store: Store): Promise<SearchIndex> {
  const rows: Scored[] = []
  const postings = new Map<string, Posting[]>()
  for await (const row of listRows(store)) {
    const weights = weigh(row)
    const { release: _release, tools: _tools, ...found } = row
    rows.push({ row: found, length: Math.log2(SHORT + weights.size) })
    for (const [term, weight] of weights) {
      const of = postings.get(term) ?? []
      postings.set(term, of)
      of.push({ at: rows.length - 1, weight })
    }
  }
  return {
    find(query, limit = LIMIT) {
      assertLimit('searchQueryBytes', Buffer.byteLength(query))
      return rank(rows, match(postings, termsOf(query)), limit)
    },
  }
}

/** The best place of each term. How often it stands there says nothing: that could be written without end. */
function weigh({ name, release, tools }: Row): ReadonlyMap<string, number> {
  const weights = new Map<string, number>()
  const add = (weight: number, ...texts: readonly (string | undefined)[]): void => {
    for (const term of texts.flatMap((text) => (text === undefined ? [] : termsOf(text)))) {
      weights.set(term, Math.max(weight, weights.get(term) ?? 0))
    }
  }
  add(WEIGHTS.name, name)
  add(WEIGHTS.title, release.title)
  add(WEIGHTS.keyword, ...(release.keywords ?? []))
  add(WEIGHTS.text, release.description)
  for (const tool of tools) {
    add(WEIGHTS.tool, tool.name, tool.title)
    add(WEIGHTS.text, tool.description, tool.hints?.search)
  }
  return weights
}

interface Match {
  readonly weight: number
  readonly terms: number
}

function match(
  postings: ReadonlyMap<string, readonly Posting[]>,
  terms: readonly string[],
): ReadonlyMap<number, number> {
  const matches = new Map<number, Match>()
  for (const term of terms) {
    for (const { at, weight } of postings.get(term) ?? []) {
      const before = matches.get(at) ?? { weight: 0, terms: 0 }
      matches.set(at, { weight: before.weight + weight, terms: before.terms + 1 })
    }
  }
  // All of the words beat most of them.
  return new Map([...matches].map(([at, one]) => [at, (one.weight * one.terms) / terms.length]))
}

function rank(
  rows: readonly Scored[],
  matches: ReadonlyMap<number, number>,
  limit: number,
): readonly Found[] {
  const scored = [...matches].flatMap(([at, weight]) => {
    const one = rows[at]
    return one === undefined ? [] : [{ row: one.row, score: weight / one.length }]
  })
  return STANDINGS.flatMap((standing) => {
    const same = scored.filter(({ row }) => row.standing === standing)
    const inOrder = same.toSorted((a, b) => b.score - a.score || byName(a.row, b.row))
    return shared(inOrder.map(({ row }) => row))
  }).slice(0, limit)
}

/** Nobody fills the list alone while others of the same standing have something to show. */
function shared(rows: readonly Found[]): readonly Found[] {
  const counts = new Map<PublisherId, number>()
  const [first, rest]: [Found[], Found[]] = [[], []]
  for (const row of rows) {
    const count = counts.get(row.publisher) ?? 0
    counts.set(row.publisher, count + 1)
    if (count < SHARE) first.push(row)
    else rest.push(row)
  }
  return [...first, ...rest]
}

function byName(a: Found, b: Found): number {
  if (a.name !== b.name) return a.name < b.name ? -1 : 1
  return a.publisher < b.publisher ? -1 : 1
}
