// A machine that submits to a home node: submit-child HOME ADDRESS PUBLISHER NAME COUNT. Each release is submitted by itself; "ack NAME KIND SEQ
// TRIES" follows when its proof is kept here. A failure is told as one line of JSON.

import { writeSync } from 'node:fs'
import { isRegistryError } from '../../src/lib/index.ts'
import { homeAt } from '../../src/node/home.ts'
import { dialHome } from '../../src/node/index.ts'
import { openWorkspace } from '../../src/node/workspace.ts'
import { submit } from '../../src/registry/index.ts'
import { parsePublisherId } from '../../src/spec/index.ts'
import { toolkit } from './publisher.ts'

const [, , folder = '', address = '', id = '', name = '', count = '0'] = process.argv

try {
  const home = homeAt(folder, {})
  const place = { home, folder: home.folder }
  await using workspace = await openWorkspace(home)
  writeSync(1, 'ready\n')
  for (let i = 0; i < Number(count); i++) {
    let tries = 1
    const [published] = await submit(
      workspace,
      {
        toolkits: [toolkit(`${name}-${i}`, '1.0.0', 3, `Of ${name}.`)],
        publisher: parsePublisherId(id),
        // Exactly this one, so that the node is the one to refuse it.
        keys: ['signing'],
        open: (options) => dialHome(address, place, options),
        random: Math.random,
      },
      {
        onProgress: ({ what, done }) => {
          if (what === 'attempts') tries = done
        },
      },
    )
    writeSync(1, `ack ${published?.name} ${published?.kind} ${published?.seq} ${tries}\n`)
  }
} catch (error) {
  const { code, message, details } = isRegistryError(error)
    ? error
    : { code: 'NONE', message: String(error), details: {} }
  const { expected, got, next } = details
  writeSync(1, `${JSON.stringify({ code, message, expected, got, next })}\n`)
  process.exitCode = 1
}
