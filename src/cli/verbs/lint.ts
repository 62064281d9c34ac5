// registry lint: every target is looked at; text that could deceive is shown, and only with --strict is it an error.

import { type Linted, lint } from '../../registry/index.ts'
import type { ReleaseFinding } from '../../spec/index.ts'
import type { Invocation } from '../command.ts'
import { EXIT } from '../exit.ts'
import { safe } from '../terminal.ts'
import { orNoFile, targetOf } from './content-target.ts'
import { findingLines } from './finding-text.ts'

export async function run(invocation: Invocation): Promise<number> {
  const { terminal, args } = invocation
  const targets = await Promise.all(args.map((word) => targetOf(invocation, word)))
  const { store } = await invocation.workspace()
  const results: Linted[] = []
  for (const target of targets) results.push(await orNoFile(() => lint(store, target)))
  if (terminal.isJson) terminal.json({ results })
  else for (const result of results) print(invocation, result)
  const isDeceptive = results.some(({ findings }) => findings.some(deceives))
  return invocation.options.strict === true && isDeceptive ? EXIT.POLICY : 0
}

function deceives({ severity }: ReleaseFinding): boolean {
  return severity === 'deceptive'
}

function print({ terminal }: Invocation, { target, findings }: Linted): void {
  const deceptive = findings.filter(deceives).length
  const suspicious = findings.length - deceptive
  const verdict =
    findings.length === 0
      ? 'no text found that could deceive'
      : `${deceptive} deceptive, ${suspicious} suspicious`
  terminal.line(`${safe(target)}: ${verdict}`)
  for (const finding of findings) for (const line of findingLines(finding)) terminal.line(line)
}
