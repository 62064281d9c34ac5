// A finding for people: what, where, the words themselves, and what to do.

import type { ReleaseFinding } from '../../spec/index.ts'
import { safe } from '../terminal.ts'

export function findingLines(finding: ReleaseFinding): readonly string[] {
  const { rule, severity, tool, path, excerpt, why, next } = finding
  const place = tool === undefined ? path : `${tool} ${path}`
  return [
    `  ${severity}: ${rule} in ${safe(place)}`,
    `    ${safe(why)}`,
    `    text  ${safe(excerpt)}`,
    `    next  ${safe(next)}`,
  ]
}
