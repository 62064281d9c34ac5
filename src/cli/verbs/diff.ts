// registry diff

import { type Diffed, diff } from '../../registry/index.ts'
import type { Invocation } from '../command.ts'
import { EXIT } from '../exit.ts'
import { orNoFile, targetOf } from './content-target.ts'
import { printDiff } from './diff-text.ts'

export async function run(invocation: Invocation): Promise<number> {
  const { terminal, args } = invocation
  const [before, after] = await Promise.all(args.map((word) => targetOf(invocation, word)))
  if (before === undefined || after === undefined) throw new Error('two arguments are required')
  const { store } = await invocation.workspace()
  const compared = await orNoFile(() => diff(store, before, after))
  if (terminal.isJson) terminal.json(toJson(compared))
  else printDiff(terminal, compared)
  return invocation.options.exitCode === true && compared.diff.visible ? EXIT.MISMATCH : 0
}

function toJson({ kind, before, after, diff: { step, ...diff } }: Diffed): object {
  const differs = diff.changes.length > 0 || diff.tools.length > 0
  return { kind, before, after, differs, ...diff, ...(step === undefined ? {} : { step }) }
}
