// Marks that pose as the frame around a model's instructions: tags, chat templates, headings.

import type { Severity } from './finding.ts'
import type { Hit } from './phrases/rules.ts'
import type { PlainText } from './plain/plain-text.ts'

const TAG =
  /[<[](?:[a-z]{2,12}[_-])?(important|secrets?|instructions?|hidden|system(?:[ _-]?(?:prompt|message|instructions?|note|override))?|admin|assistant|critical|mandatory|internal|override|confidential|attention|note to (?:the )?(?:ai|model|assistant|llm))(?:>|\]|: )/g
/** Where a chat template changes speaker: text that has it wants to be taken for another speaker. */
const TEMPLATE =
  /<\|(?:im_start|im_end|system|user|assistant|start_header_id|eot_id|begin_of_text)\|>|\[\/?inst\]|<<\/?sys>>|(?:^|[\n.] ?)#{2,4} ?(?:system|instruction|assistant|new instructions?) ?:|\brole: system content:|\b(?:system|assistant) ?: (?:you|the (?:assistant|model|agent|user)\b|ignore|from now|reveal|always|the user|do)\b|\b(?:new|next|urgent) user (?:request|query|task|message|prompt) ?:|\btool (?:result|output|response) ?: ?(?:task )?complete|<\/(?:tool|tools|function|description)>/g
const HEADING =
  /\b(?:(?:hidden|secret|internal|system) (?:instructions?|directives?|override|notice|note)|(?:important|critical|mandatory|urgent) system (?:instructions?|directives?|notice)|system override) ?:/g
/** Honest tools have notes for models too; a person should read them. */
const NOTE =
  /\b(?:note|message|instructions?|directive|reminder|notice) (?:for|to) (?:the |all |any )?(?:ai |llm |language )?(?:assistant|agent|model|llm|ai)s?\b ?:/g

const ORDER =
  /\b(?:you|must|always|never|do not|don't|before|first|read|call|send|include|try|ignore|make sure|whenever|when|if|pass|append|also)\b/

const WHY = 'It poses as the instructions that a model is given by its application.'

/** Each of the marks has one of these. */
const PUNCTUATION = /[<[:#]/

export function findMarkers({ text }: PlainText): readonly Hit[] {
  if (!PUNCTUATION.test(text)) return []
  return [
    ...findTag(text),
    ...findAny(text, TEMPLATE),
    ...findAny(text, HEADING),
    ...findAny(text, NOTE, 'suspicious'),
  ]
}

function findTag(text: string): readonly Hit[] {
  for (const { 0: mark, index } of text.matchAll(TAG)) {
    const inside = text.slice(index + mark.length, index + mark.length + 400).trimStart()
    // Reference documentation has such elements, with paragraphs inside.
    if (/^<(?:p|ul|li|note)\b/.test(inside) || !ORDER.test(inside)) continue
    return [
      {
        rule: 'pseudo-tag',
        severity: 'deceptive',
        start: index,
        end: index + mark.length + 40,
        why: WHY,
      },
    ]
  }
  return []
}

function findAny(text: string, pattern: RegExp, severity: Severity = 'deceptive'): readonly Hit[] {
  for (const { 0: mark, index } of text.matchAll(pattern)) {
    return [
      {
        rule: 'pseudo-tag',
        severity,
        start: index,
        end: index + mark.length + 40,
        why: WHY,
      },
    ]
  }
  return []
}
