// Names: of parameters that ask for what a model knows, and of tools that are taken for others.

import { escapeText } from '../../lib/index.ts'
import { skeletonOf } from '../confusable.ts'
import type { Tool } from '../tool.ts'
import { type Finding, NEXT_STEPS } from './finding.ts'
import { findSignal } from './phrases/signal.ts'
import { modelContext } from './phrases/signals.ts'
import type { Text } from './texts.ts'

const CONTEXT =
  /^(?:(?:send|put|paste|include|attach|insert|copy|full|entire|complete|whole|current|all|previous|raw|your|the|agent|model|llm|assistant|user|original|list of|hidden|internal)_)*(?:system_(?:prompt|message|instructions?)s?|(?:conversation|chat|message|dialog(?:ue)?|session)_(?:history|log|logs|transcript|context|so_far)|chain_of_thought|reasoning_(?:trace|steps|process)|internal_(?:reasoning|thoughts?|instructions)|(?:all_)?(?:available_)?tools?_(?:list|available|names|schemas|descriptions|call_history)|(?:list_of_)?(?:all_)?tools(?:_available)?|tool_call_history|prior_prompts?|(?:previous|prior|past|earlier|last|user)_(?:messages|prompts)|context_window)(?:_(?:here|verbatim|text|content|contents|json|dump|raw|full))*$/
/** Which model it is: none of a tool’s business, and widely asked. */
const WHICH_MODEL = /^(?:llm|model)_(?:model_)?name_and_v(?:ersion|endor)$|^llm_(?:model_)?name$/
const PLAIN_TOOLS = /^tools?$/
const SECRET =
  /(?:^|_)(?:env|environment|ssh|browser|all_stored)_(?:secrets|credentials|passwords|private_keys?|api_keys|env_vars)(?:_(?:dump|contents?|text|raw|values?|json|here))?$|(?:contents?|value|text|dump|output|result)s?_(?:of|from)_(?:\w{0,24}_)?(?:ssh|id_rsa|env|passwd|passwords?|secrets?|credentials|private_key|api_keys?)(?:_|$)|(?:^|_)(?:read|reading)_(?:\w{0,24}_)?(?:ssh|id_rsa|passwd|private_key|env_file|credentials)(?:_|$)|(?:^|_)id_rsa(?:_|$)|etc_passwd/
/** Tools about models and conversations have such parameters by their nature. */
const ABOUT_MODELS =
  /\b(?:model|llm|gpt|claude|chat|completion|completions|agent|agents|assistant|prompt|prompts|conversation|conversations|bot|chatbot|thinking|thought|thoughts|reasoning|message|messages|ticket|session|sessions|mcp)\b/i

const OF_PARAMETER = /\/properties\/[^/]{1,200}\/(?:description|title|default|examples\/\d+)$/
const WHOLE_CONTEXT =
  /\b(?:(?:full|entire|complete|whole|verbatim|exact|all) (?:\w{1,12} ){0,3}(?:conversation|dialogue|dialog|chat|transcript|chat history)\b(?! (?:channel|id|will))|(?:conversation|dialogue|dialog|chat) (?:\w{1,12} ){0,4}(?:so far|up to now|until now|verbatim|word (?:by|for) word)|(?:your|the) (?:hidden |private |internal )?(?:system prompt|system message|initial instructions|chain of thought|reasoning|monologue)|(?:everything|anything|whatever|all) (?:that )?(?:the )?(?:user|human|customer|you|they) (?:(?:has|have|had) )?(?:been )?(?:said|says|told|wrote|written|typed|asked|shared)|(?:the )?user's (?:last|latest|previous|recent|earlier) (?:\w{1,8} )?messages|all (?:of )?(?:the )?tools (?:that )?you (?:have|can)|instructions (?:that )?you (?:were|have been|received))\b/

export function findParameter(tool: Omit<Tool, 'kind'>, { text, path }: Text): Finding | undefined {
  const name = snakeCase(text)
  const at = { path, excerpt: escapeText(text.slice(0, 120)) }
  if (SECRET.test(name)) {
    return {
      rule: 'secret-access',
      severity: 'deceptive',
      ...at,
      why: 'The name of a parameter asks for the content of a file of secrets.',
      next: NEXT_STEPS['secret-access'],
    }
  }
  const isWhichModel = WHICH_MODEL.test(name)
  if (!isWhichModel && (!CONTEXT.test(name) || PLAIN_TOOLS.test(name))) return undefined
  return {
    rule: 'context-parameter',
    severity: isWhichModel || isAboutModels(tool) ? 'suspicious' : 'deceptive',
    ...at,
    why: 'The name of a parameter asks for what the model was told, said or thought.',
    next: NEXT_STEPS['context-parameter'],
  }
}

/** What a parameter is for, in words: it asks for the conversation without ordering anything. */
export function asksForContext(tool: Omit<Tool, 'kind'>, path: string, text: string): boolean {
  const isAsked = (): boolean =>
    WHOLE_CONTEXT.test(text) || findSignal(text, modelContext).length > 0
  return OF_PARAMETER.test(path) && isAsked() && !isAboutModels(tool)
}

function isAboutModels({ name, description }: Omit<Tool, 'kind'>): boolean {
  return ABOUT_MODELS.test(`${name.replaceAll('_', ' ')} ${description ?? ''}`)
}

/** Names that are taken for one another, by what is left of them at a glance. */
export function groupAlike(names: readonly string[]): ReadonlyMap<string, readonly string[]> {
  return Map.groupBy(new Set(names), glance)
}

/** One finding for each other name in the group of this tool’s. */
export function findConfusable(
  { name }: Omit<Tool, 'kind'>,
  groups: ReadonlyMap<string, readonly string[]>,
): readonly Finding[] {
  const others = groups.size === 0 ? [] : (groups.get(glance(name)) ?? [])
  return others.flatMap((other) =>
    other === name
      ? []
      : [
          {
            rule: 'confusable-name' as const,
            severity: 'suspicious' as const,
            path: '/name',
            excerpt: escapeText(`${name}, ${other}`),
            why: 'The name is easily taken for that of another tool.',
            next: NEXT_STEPS['confusable-name'],
          },
        ],
  )
}

function glance(name: string): string {
  return skeletonOf(name.toLowerCase())
}

function snakeCase(name: string): string {
  return name
    .slice(0, 200)
    .replace(/([a-z0-9])([A-Z])/g, '$1_$2')
    .replace(/[\s.-]+/g, '_')
    .replace(/^_+|_+$/g, '')
    .toLowerCase()
}
