// Which witnesses have to have seen a log, and how lately: the flags that `pull` and `verify` share.

import { RegistryError } from '../lib/index.ts'
import { parseWitnessPolicy, type WitnessPolicy } from '../resolve/index.ts'
import { type Invocation, listOption, textOption } from './command.ts'

/** Undefined when no witness is named: then nothing is said of age. */
export function witnessPolicy(invocation: Invocation): WitnessPolicy | undefined {
  const witnesses = listOption(invocation, 'witness')
  const quorum = textOption(invocation, 'quorum')
  const maxAge = textOption(invocation, 'maxAge')
  if (witnesses.length > 0) return parseWitnessPolicy({ witnesses, quorum, maxAge })
  const flags = [
    ...(quorum === undefined ? [] : ['--quorum']),
    ...(maxAge === undefined ? [] : ['--max-age']),
    ...(invocation.options.requireFresh === true ? ['--require-fresh'] : []),
  ]
  if (flags.length === 0) return undefined
  throw new RegistryError('USAGE', 'Only witnesses can say how old a state of a log is.', {
    expected: `--witness beside ${flags.join(', ')}`,
    got: 'no witness',
    next: 'Name those you trust: `--witness NAME+KEYID+KEY`, once for each.',
  })
}
