// Finds text in tools that could deceive a model or a person. Pure; reads words and proves nothing: a clever text has no finding.

import { escapeText } from '../../lib/index.ts'
import type { Release } from '../release.ts'
import type { Tool } from '../tool.ts'
import { findDisguised } from './disguised.ts'
import { type Finding, NEXT_STEPS, type ReleaseFinding } from './finding.ts'
import { findHidden } from './hidden.ts'
import { findMarkers } from './markers.ts'
import { asksForContext, findConfusable, findParameter, groupAlike } from './names.ts'
import { findPhrases, type Hit } from './phrases/rules.ts'
import { type PlainText, plainText } from './plain/plain-text.ts'
import { type Text, textsOf } from './texts.ts'

type AnyTool = Omit<Tool, 'kind'>

/** Findings in the order of their places. `known` are names of other tools that the same model sees. */
export function lintTool(tool: AnyTool, known: readonly string[] = []): readonly Finding[] {
  return lintBeside(tool, groupAlike(known))
}

function lintBeside(tool: AnyTool, names: ReturnType<typeof groupAlike>): readonly Finding[] {
  const found = textsOf(tool).flatMap((text) => lintText(tool, text))
  return [...found, ...findConfusable(tool, names)]
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
  const names = groupAlike(tools.map(({ name }) => name))
  const found = tools.flatMap((tool) =>
    lintBeside(tool, names).map((finding) => ({ tool: tool.name, ...finding })),
  )
  return [...own, ...found]
}

/** Too short to order anything. */
const SHORT_NAME = /^[\w$.-]{1,24}$/

function lintText(tool: AnyTool | undefined, text: Text): readonly Finding[] {
  const { path, text: raw, isKey } = text
  const parameter = isKey && tool !== undefined ? findParameter(tool, text) : undefined
  const found: readonly Finding[] = parameter === undefined ? [] : [parameter]
  if (isKey && SHORT_NAME.test(raw)) return found
  // A name is read as the words it is made of; they are as long as the name.
  const plain = plainText(isKey ? raw.replaceAll('_', ' ') : raw)
  const hits = [...findHidden(raw), ...findDisguised(raw), ...inPlainText(tool, path, plain)]
  return [...found, ...worstOf(hits).map((hit) => toFinding(raw, path, hit))]
}

function inPlainText(tool: AnyTool | undefined, path: string, plain: PlainText): readonly Hit[] {
  const whole = { start: 0, end: Math.min(60, plain.text.length) }
  const hits = [...findMarkers(plain), ...findPhrases(plain, tool?.name)].map((hit) =>
    asQuoted(plain, hit),
  )
  if (tool !== undefined && asksForContext(tool, path, plain.text)) {
    const why = 'The parameter asks for what the model was told, said or thought.'
    hits.push({ rule: 'context-parameter', severity: 'deceptive', ...whole, why })
  }
  if (
    VALUE.test(path) &&
    plain.text.length > 24 &&
    ORDER.test(plain.text) &&
    TASK.test(plain.text)
  ) {
    const why = 'It is an order in the place of a value.'
    hits.push({ rule: 'hidden-task', severity: 'deceptive', ...whole, why })
  }
  return hits.map((hit) => ({
    ...hit,
    start: plain.rawIndex(hit.start),
    end: plain.rawIndex(hit.end),
  }))
}

/** Places for one word each: choices, names of fields, the words of JSON Schema. */
const VALUE = /\/(?:enum|required)\/\d+$|\/(?:type|format)$/
const ORDER = /\b(?:must|always|never|before|after|ignore|first|do not|please|make sure|ensure)\b/
const TASK =
  /\b(?:tool|answers?|responses?|instructions?|read|send|call|append|include|file|user|pass|output|reply)\b/

const QUOTING =
  /\b(?:detect\w{0,4}|recogni[sz]e\w{0,2}|phrases|such as|patterns?|attempts?|examples? of|flags|classif\w{1,6}|blocks|catch\w{0,3}|scans? for|looks? for|like)\b[^.]{0,80}$/

/** What a detector of attacks says that it detects. A person should look: an attacker can write quotation marks too. */
function asQuoted({ text }: PlainText, hit: Hit): Hit {
  const isMark = /['"<[]/.test(text[hit.start - 1] ?? '') || /[<[]/.test(text[hit.start] ?? '')
  if (!isMark || !QUOTING.test(text.slice(Math.max(0, hit.start - 120), hit.start))) return hit
  return { ...hit, severity: 'suspicious' }
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
