// The command in this process, on streams that a test holds: what a terminal changes, and what is typed into one.

import { PassThrough, Writable } from 'node:stream'
import { stripVTControlCharacters } from 'node:util'
import type { Process } from '../../src/cli/command.ts'
import { run } from '../../src/cli/run.ts'
import type { Ran } from './registry.ts'

export interface Here {
  readonly home: string
  /** Whether standard input and standard error are terminals; all three streams are none unless said. */
  readonly stdin?: boolean
  readonly stderr?: boolean
  /** Typed when a question has been asked. */
  readonly answer?: string
}

export async function registryHere(args: readonly string[], here: Here): Promise<Ran> {
  const stdin = Object.assign(new PassThrough(), { isTTY: here.stdin === true })
  const stdout = collect(false)
  const stderr = collect(here.stderr === true, (text) => {
    if (here.answer !== undefined && text.includes('[y/N]')) stdin.write(here.answer)
  })
  const process = {
    env: {},
    stdin,
    stdout: stdout.stream,
    stderr: stderr.stream,
    once: () => undefined,
  } as unknown as Process
  const status = await run(['--home', here.home, ...args], process)
  return { status, stdout: stdout.text(), stderr: stripVTControlCharacters(stderr.text()) }
}

function collect(isTTY: boolean, onText: (text: string) => void = () => {}) {
  const parts: string[] = []
  const stream = new Writable({
    write: (chunk, _encoding, done) => {
      parts.push(String(chunk))
      onText(String(chunk))
      done()
    },
  })
  return { stream: Object.assign(stream, { isTTY }), text: () => parts.join('') }
}
