// registry completion: scripts made from the command table, so that they cannot fall behind it.

import { RegistryError } from '../../lib/index.ts'
import type { Invocation } from '../command.ts'
import { bash } from '../completion/bash.ts'
import { fish } from '../completion/fish.ts'
import { type Completed, completed } from '../completion/words.ts'
import { zsh } from '../completion/zsh.ts'

const SHELLS: Readonly<Record<string, (commands: readonly Completed[]) => string>> = {
  bash,
  zsh,
  fish,
}

export async function run({ terminal, args, commands }: Invocation): Promise<undefined> {
  const [shell = ''] = args
  if (!Object.hasOwn(SHELLS, shell)) {
    throw new RegistryError('USAGE', 'There is no completion for that shell.', {
      expected: Object.keys(SHELLS).join(', '),
      got: shell,
      next: 'For example `registry completion bash`.',
    })
  }
  const script = SHELLS[shell]?.(completed(commands)) ?? ''
  if (terminal.isJson) terminal.json({ shell, script })
  else terminal.line(script)
}
