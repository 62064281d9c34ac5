// A question of trust, answered by a person: only on a terminal, and everything but a clear yes is a no.

import type { Process } from './command.ts'
import { writeTo } from './terminal.ts'

/** Undefined when standard input or standard error is no terminal: nobody is asked then. `lines` must have gone through `safe`. */
export async function confirmOn(
  process: Process,
  asked: {
    readonly lines: readonly string[]
    readonly question: string
    readonly signal: AbortSignal
  },
): Promise<boolean | undefined> {
  if (!process.stdin.isTTY || !process.stderr.isTTY) return undefined
  const { createInterface } = await import('node:readline/promises')
  for (const line of asked.lines) writeTo(process.stderr, `${line}\n`)
  // What was typed ahead, for another program perhaps, is no answer to a question not yet asked.
  process.stdin.read()
  const lines = createInterface({ input: process.stdin, output: process.stderr, terminal: true })
  const gone = new Promise<string>((resolve) => lines.once('close', () => resolve('')))
  try {
    const { signal } = asked
    // Ctrl-C and Ctrl-D end the question without an answer.
    const answer = lines.question(`${asked.question} [y/N] `, { signal }).catch(() => '')
    return /^y(?:es)?$/i.test((await Promise.race([answer, gone])).trim())
  } finally {
    lines.close()
  }
}
