// What is measured with: tools of a usual size (about 4 KB), made from a seed so that every machine measures the same bytes.

import type { JsonObject } from '../src/lib/index.ts'

const WORDS =
  'list create update delete fetch weather issue branch file search the of a for with and by user project returns'.split(
    ' ',
  )

/** A small linear congruential generator: enough for text nobody reads. */
function random(seed: number): () => number {
  let state = seed
  return () => {
    state = (state * 1_664_525 + 1_013_904_223) % 2 ** 32
    return state / 2 ** 32
  }
}

function text(next: () => number, words: number): string {
  return Array.from({ length: words }, () => WORDS[Math.floor(next() * WORDS.length)]).join(' ')
}

export function makeTool(seed: number): JsonObject {
  const next = random(seed)
  const properties = Object.fromEntries(
    Array.from({ length: 18 }, (_, i) => [
      `parameter_${i}`,
      { type: i % 3 === 0 ? 'integer' : 'string', description: text(next, 25), default: i },
    ]),
  )
  return {
    name: `tool_${seed}`,
    description: text(next, 80),
    inputSchema: { type: 'object', properties, required: ['parameter_1', 'parameter_2'] },
    annotations: { readOnlyHint: true, openWorldHint: false },
  }
}

/** A toolkit of one tool, as `publish` takes it. */
export function makeToolkit(seed: number): JsonObject {
  return {
    name: `bench-${seed}`,
    version: '1.0.0',
    description: 'For measuring.',
    license: 'Apache-2.0',
    tools: [makeTool(seed)],
  }
}
