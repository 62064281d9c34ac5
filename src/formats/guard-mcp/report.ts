// Telling the agent’s owner what was taken out: each thing once, not with every list.

import { RegistryError, sha256Hex, utf8 } from '../../lib/index.ts'
import { describeChanges, fieldsOf } from './compare/changes.ts'
import type { Finding, Judged } from './compare/judge.ts'
import { nextFor, sentenceFor } from './refusals.ts'

export interface Quarantined extends Finding {
  /** For people, in lines, escaped: what happened, the difference, what to do. */
  readonly text: string
}

interface Hooks {
  readonly onQuarantine?: (event: Quarantined) => void
  readonly onMissing?: (tools: readonly string[]) => void
}

export function createReporter(
  { onQuarantine, onMissing }: Hooks,
  onError: (error: unknown) => void,
): (judged: Judged) => void {
  let told = new Map<string, string>()
  let lost = ''
  const tell = (hook: () => void): void => {
    try {
      hook()
    } catch (cause) {
      // What the owner does with the news must not decide whether tools are guarded.
      onError(
        new RegistryError('UNEXPECTED', 'A listener of the guard failed.', {
          expected: 'a listener that returns',
          got: String(cause),
          next: 'Mend onQuarantine or onMissing.',
          cause,
        }),
      )
    }
  }
  return ({ refused, missing }) => {
    const marks = new Map([...refused].map(([name, finding]) => [name, markOf(finding)]))
    for (const [name, finding] of refused) {
      if (told.get(name) === marks.get(name)) continue
      tell(() => onQuarantine?.({ ...finding, text: textOf(finding) }))
    }
    told = marks
    const gone = missing.join('\n')
    if (gone !== lost) tell(() => onMissing?.(missing))
    lost = gone
  }
}

function markOf({ reason, diff }: Finding): string {
  return `${reason} ${sha256Hex(utf8(safeJson(diff)))}`
}

function safeJson(value: unknown): string {
  try {
    return JSON.stringify(value)
  } catch {
    return 'nested too deeply'
  }
}

function textOf({ tool, reason, diff }: Finding): string {
  const lines = describeChanges(diff).map((line) => `  ${line}`)
  return [sentenceFor(reason, tool, fieldsOf(diff)), ...lines, nextFor(reason)].join('\n')
}
