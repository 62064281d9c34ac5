// What the verbs that withdraw something share: their options, the question before what cannot be undone, and the answer.

import { RegistryError } from '../../lib/index.ts'
import type { Appended } from '../../registry/index.ts'
import { type Invocation, listOption, textOption } from '../command.ts'
import { sayRequested } from '../signatures.ts'
import { safe } from '../terminal.ts'

/** Names of the key files that sign; undefined leaves the choice to the log. */
export function keyFiles(invocation: Invocation): readonly string[] | undefined {
  const names = listOption(invocation, 'keyFile')
  return names.length === 0 ? undefined : names
}

export function requireText(invocation: Invocation, name: string, why: string): string {
  const text = textOption(invocation, name)
  if (text !== undefined) return text
  throw new RegistryError('USAGE', `--${name} is missing.`, {
    expected: why,
    got: 'nothing',
    next: `Add --${name} "…".`,
  })
}

/** Throws USAGE unless a person said yes, or --yes did. */
export async function assertMeant(
  invocation: Invocation,
  lines: readonly string[],
  question: string,
): Promise<void> {
  if (invocation.options.yes === true) return
  const answer = await invocation.confirm(lines.map(safe), question)
  if (answer === true) return
  const [message, got] =
    answer === false
      ? ['Nothing was signed.', 'no']
      : ['This cannot be undone, and nobody said yes.', 'nobody to ask']
  throw new RegistryError('USAGE', message, {
    expected: 'a yes to the question, or --yes',
    got,
    next: 'Run it again with --yes if you mean it.',
  })
}

/** `said` is the line for what is new; the same words again change nothing. */
export function report(
  invocation: Invocation,
  { kind, publisher, seq, statement, ...rest }: Appended & object,
  { said, about }: { readonly said: string; readonly about: object },
): undefined {
  const { terminal } = invocation
  if (terminal.isJson) {
    terminal.json({ kind, publisher, seq, statement, ...rest, ...about })
    return undefined
  }
  if (kind === 'unchanged') terminal.line(`Nothing to do: the log has said this, entry ${seq}.`)
  else if (kind === 'requested') terminal.line(`Not yet in your log: entry ${seq}.`)
  else terminal.line(`${safe(said)} (entry ${seq} of your log)`)
  terminal.line(`  statement  ${statement}`)
  if (kind === 'requested') sayRequested(terminal, textOption(invocation, 'request') ?? '')
  return undefined
}
