// Finds text in tools that could deceive a model or a person. Pure; reads words and proves nothing: a clever text has no finding.

import { escapeText } from '../../lib/index.ts'
import type { Release } from '../release.ts'
import type { Tool } from '../tool.ts'
import { findDisguised } from './disguised.ts'
import { type Finding, NEXT_STEPS, type ReleaseFinding } from './finding.ts'
import { findHidden } from './hidden.ts'
import { findMarkers } from './markers.ts'
import { findConfusable, findParameter } from './names.ts'
import { plainText } from './plain-text.ts'
import { findPhrases, type Hit } from './rules.ts'
import { type Text, textsOf } from './texts.ts'

type AnyTool = Omit<Tool, 'kind'>

/** Findings in the order of their places. `known` are names of other tools that the same model sees. */
export function lintTool(tool: AnyTool, known: readonly string[] = []): readonly Finding[] {
  const found = textsOf(tool).flatMap((text) => lintText(tool, text))
  return [...found, ...findConfusable(tool, known)]
}

/** What a release says of itself, then each tool beside the others. Also of a toolkit document. */
export function lintRelease({
  release: { title, description, keywords, auth },
  tools,
}: {
  readonly release: Pick<Release, 'title' | 'description' | 'keywords' | 'auth'>
  readonly tools: readonly AnyTool[]
}): readonly ReleaseFinding[] {
  const own = textsOf({ title, description, keywords, auth }).flatMap((text) =>
    text.isKey ? [] : lintText(undefined, text),
  )
  const names = tools.map(({ name }) => name)
  const found = tools.flatMap((tool) =>
    lintTool(tool, names).map((finding) => ({ tool: tool.name, ...finding })),
  )
  return [...own, ...found]
}

function lintText(tool: AnyTool | undefined, text: Text): readonly Finding[] {
  const { path, text: raw, isKey } = text
  const parameter = isKey && tool !== undefined ? findParameter(tool, text) : undefined
  const found: Finding[] = parameter === undefined ? [] : [parameter]
  const read = isKey ? raw.replaceAll('_', ' ') : raw
  const plain = plainText(read)
  const inPlain = [...findMarkers(plain), ...findPhrases(plain)].map((hit) => ({
    ...hit,
    start: plain.rawIndex(hit.start),
    end: plain.rawIndex(hit.end),
  }))
  const hits = [...findHidden(raw), ...findDisguised(raw), ...inPlain]
  return [...found, ...worstOf(hits).map((hit) => toFinding(raw, path, hit))]
}

/** One of each rule for a text: the first, of the worse kind if there are two. */
function worstOf(hits: readonly Hit[]): readonly Hit[] {
  const worst = new Map<string, Hit>()
  for (const hit of hits) {
    const other = worst.get(hit.rule)
    if (other === undefined || (other.severity === 'suspicious' && hit.severity === 'deceptive')) {
      worst.set(hit.rule, hit)
    }
  }
  return [...worst.values()]
}

const MOST_SHOWN = 160

function toFinding(raw: string, path: string, { rule, severity, start, end, why }: Hit): Finding {
  const from = Math.max(0, start - 20)
  const shown = raw.slice(from, Math.min(Math.max(end + 60, from + 80), from + MOST_SHOWN))
  return {
    rule,
    severity,
    path,
    excerpt: escapeText(shown),
    why: escapeText(why),
    next: NEXT_STEPS[rule],
  }
}
