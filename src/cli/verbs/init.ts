// registry init

import { RegistryError } from '../../lib/index.ts'
import { init } from '../../registry/index.ts'
import type { Invocation } from '../command.ts'
import { newPassphrase } from '../passphrase.ts'

export async function run(invocation: Invocation): Promise<undefined> {
  const { terminal, options } = invocation
  const passphrase = options.passphrase === true ? await askFor() : undefined
  const workspace = await invocation.workspace()
  const { publisher, created, keys } = await init(
    workspace,
    passphrase === undefined ? {} : { passphrase },
  )
  if (terminal.isJson) {
    terminal.json({
      publisher,
      created,
      home: invocation.home.folder,
      keys: keys.map(({ name, type, fingerprint, encrypted }) => ({
        name,
        type,
        fingerprint,
        encrypted,
      })),
    })
    return
  }
  terminal.line(
    created ? `Made publisher ${publisher}` : `This folder has a publisher already: ${publisher}`,
  )
  for (const key of keys)
    terminal.line(`  ${key.name.padEnd(8)} ${key.type.padEnd(11)} ${key.fingerprint}`)
  terminal.line(`Keys and store are in ${invocation.home.folder}. Keep a backup of both.`)
  terminal.line('Next: registry publish FILE, or registry publish --mcp "COMMAND"')
}

async function askFor(): Promise<string> {
  const passphrase = await newPassphrase(process)
  if (passphrase !== undefined) return passphrase
  throw new RegistryError('USAGE', 'A passphrase was wanted, but none was given.', {
    expected: 'an answer on the terminal, or TOOLMARK_PASSPHRASE',
    got: 'nothing',
    next: 'Set TOOLMARK_PASSPHRASE, or leave --passphrase out.',
  })
}
