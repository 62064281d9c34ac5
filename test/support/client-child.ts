// A program that uses a registry folder through the library: client-child VERB HOME NAME COUNT. A failure is told as one line
// of JSON, as an agent's log would show it.
//   publish  COUNT releases, each in a call of its own; "ack N" after each
//   read     lists, verifies and counts until its standard input ends; "read N" at the end
//   hold     keeps the folder open until its standard input ends; "ready" at the start

import { once } from 'node:events'
import { writeSync } from 'node:fs'
import { setTimeout } from 'node:timers/promises'
import { isRegistryError, openRegistry, type Registry } from '../../src/index.ts'
import { toolkit } from './publisher.ts'

const [, , verb = '', home = '', name = '', count = '0'] = process.argv

async function publishAll(registry: Registry): Promise<void> {
  for (let i = 0; i < Number(count); i++) {
    const document = toolkit(`${name}-${i}`, '1.0.0', 1, `Of ${name}.`)
    const bytes = Buffer.from(JSON.stringify(document))
    const [published] = await registry.publish([bytes])
    if (published?.kind !== 'published') throw new Error(`not published: ${name}-${i}`)
    writeSync(1, `ack ${published.name}\n`)
  }
}

async function readUntilTold(registry: Registry): Promise<void> {
  let ended = false
  process.stdin.on('end', () => {
    ended = true
  })
  process.stdin.resume()
  let most = 0
  let rounds = 0
  for (; !ended; rounds++) {
    const held = await Array.fromAsync(registry.list())
    if (held.length < most) throw new Error(`${held.length} releases after ${most}`)
    most = held.length
    for (const listed of [held.at(0), held.at(rounds % most), held.at(-1)]) {
      if (listed !== undefined) await registry.verify(`${listed.name}@${listed.version}`)
    }
    // Readers that never rest would take from the writers what they wait for.
    await setTimeout(200)
  }
  writeSync(1, `read ${most} in ${rounds} rounds\n`)
}

try {
  await using registry = await openRegistry({ home, environment: {} })
  if (verb === 'publish') await publishAll(registry)
  if (verb === 'read') await readUntilTold(registry)
  if (verb === 'hold') {
    writeSync(1, 'ready\n')
    process.stdin.resume()
    await once(process.stdin, 'end')
  }
} catch (error) {
  const { code, message, details } = isRegistryError(error)
    ? error
    : { code: 'NONE', message: String(error), details: {} }
  writeSync(1, `${JSON.stringify({ code, message, next: details.next })}\n`)
  process.exitCode = 1
  // Else the open end of this pipe would keep the process.
  process.stdin.destroy()
}
