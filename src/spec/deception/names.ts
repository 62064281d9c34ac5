// Names: of parameters that ask for what a model knows, and of tools that are taken for others.

import { escapeText } from '../../lib/index.ts'
import { skeletonOf } from '../confusable.ts'
import type { Tool } from '../tool.ts'
import { type Finding, NEXT_STEPS } from './finding.ts'
import type { Text } from './texts.ts'

const CONTEXT =
  /^(?:(?:full|entire|complete|whole|current|all|previous|raw|your|the|agent|model|llm|assistant|user|original|list of|hidden|internal)_)*(?:system_(?:prompt|message|instructions?)s?|(?:conversation|chat|message|dialog(?:ue)?|session)_(?:history|log|logs|transcript|context|so_far)|chain_of_thought|reasoning_(?:trace|steps|process)|internal_(?:reasoning|thoughts?|instructions)|(?:all_)?(?:available_)?tools?_(?:list|available|names|schemas|descriptions|call_history)|(?:list_of_)?(?:all_)?tools(?:_available)?|tool_call_history|prior_prompts?|previous_(?:messages|prompts)|model_name_and_version|context_window)$/
const PLAIN_TOOLS = /^tools?$/
const SECRET =
  /(?:contents?|value|text|dump|output|result)s?_(?:of|from)_(?:\w{0,24}_)?(?:ssh|id_rsa|env|passwd|passwords?|secrets?|credentials|private_key|api_keys?)(?:_|$)|(?:^|_)(?:read|reading)_(?:\w{0,24}_)?(?:ssh|id_rsa|passwd|private_key|env_file|credentials)(?:_|$)|(?:^|_)id_rsa(?:_|$)|etc_passwd/
/** Tools about models and conversations have such parameters by their nature. */
const ABOUT_MODELS =
  /\b(?:model|llm|gpt|claude|chat|completion|completions|agent|agents|assistant|prompt|prompts|conversation|conversations|bot|chatbot|thinking|thought|thoughts|reasoning|message|messages|ticket|session|sessions|mcp)\b/i

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
  if (!CONTEXT.test(name) || PLAIN_TOOLS.test(name)) return undefined
  return {
    rule: 'context-parameter',
    severity: ABOUT_MODELS.test(`${tool.name.replaceAll('_', ' ')} ${tool.description ?? ''}`)
      ? 'suspicious'
      : 'deceptive',
    ...at,
    why: 'The name of a parameter asks for what the model was told, said or thought.',
    next: NEXT_STEPS['context-parameter'],
  }
}

/** One finding for each other tool that is taken for this one. */
export function findConfusable(
  tool: Omit<Tool, 'kind'>,
  known: readonly string[],
): readonly Finding[] {
  const own = tool.name.toLowerCase()
  const skeleton = skeletonOf(own)
  return known.flatMap((name) => {
    const other = name.toLowerCase()
    if (name === tool.name) return []
    const isAlike = skeletonOf(other) === skeleton
    if (!isAlike) return []
    return [
      {
        rule: 'confusable-name' as const,
        severity: 'suspicious' as const,
        path: '/name',
        excerpt: `${tool.name}, ${name}`,
        why: 'The name is easily taken for that of another tool.',
        next: NEXT_STEPS['confusable-name'],
      },
    ]
  })
}

function snakeCase(name: string): string {
  return name
    .slice(0, 200)
    .replace(/([a-z0-9])([A-Z])/g, '$1_$2')
    .replace(/[\s.-]+/g, '_')
    .toLowerCase()
}
