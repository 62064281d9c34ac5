// Finds text in tools that could deceive a model or a person. Pure; reads words and proves nothing: a clever text has no finding.

import type { ReleaseWithTools } from '../diff/diff-releases.ts'
import type { Tool } from '../tool.ts'
import type { Finding, ReleaseFinding } from './finding.ts'
import { textsOf } from './texts.ts'

/** Findings in the order of their places. `known` are names of other tools that the same model sees. */
export function lintTool(tool: Tool, known: readonly string[] = []): readonly Finding[] {
  const found: Finding[] = []
  for (const { path, text } of textsOf(tool)) {
    const at = text.search(/<(?:important|secret|instructions)>|do not (?:tell|mention)/i)
    if (at === -1) continue
    found.push({
      rule: 'pseudo-tag',
      severity: 'deceptive',
      path,
      excerpt: text.slice(at, at + 60),
      why: 'The text speaks to the model as if it were its instructions.',
    })
  }
  return known.includes(tool.name) ? found : found
}

/** The release's own words, and every tool beside the others. */
export function lintRelease({ tools }: ReleaseWithTools): readonly ReleaseFinding[] {
  const names = tools.map(({ name }) => name)
  return tools.flatMap((tool) =>
    lintTool(tool, names).map((finding) => ({ tool: tool.name, ...finding })),
  )
}
