// Processes that answer questions: each system is measured in processes of its own, as it would run.

import { type ChildProcess, fork } from 'node:child_process'
import { once } from 'node:events'

type Answers = Readonly<Record<string, (ask: never) => Promise<unknown>>>

interface Asked {
  readonly id: number
  readonly what: string
  readonly ask: unknown
}

interface Answered {
  readonly id: number
  readonly answer?: unknown
  readonly error?: string
}

/** In the process that answers: until the other one has gone. */
export function answerAsked(answers: Answers): void {
  process.on('message', async ({ id, what, ask }: Asked) => {
    try {
      const answer = await answers[what]?.(ask as never)
      process.send?.({ id, answer } satisfies Answered)
    } catch (error) {
      process.send?.({ id, error: String((error as Error).stack) } satisfies Answered)
    }
  })
  process.on('disconnect', () => process.exit(0))
}

export interface Helper extends AsyncDisposable {
  ask<T>(what: string, ask?: unknown): Promise<T>
}

export function startHelper(file: URL, args: readonly string[]): Helper {
  const child = fork(file, args, { stdio: ['ignore', 'inherit', 'inherit', 'ipc'] })
  const waiting = new Map<number, PromiseWithResolvers<never>>()
  let next = 0
  child.on('message', ({ id, answer, error }: Answered) => {
    const one = waiting.get(id)
    waiting.delete(id)
    if (error === undefined) one?.resolve(answer as never)
    else one?.reject(new Error(error))
  })
  child.on('exit', (code) => {
    for (const { reject } of waiting.values()) reject(new Error(`${file} ended with ${code}`))
  })
  return {
    async ask(what, ask) {
      const id = next++
      const asked = Promise.withResolvers<never>()
      waiting.set(id, asked)
      child.send({ id, what, ask } satisfies Asked)
      return await asked.promise
    },
    [Symbol.asyncDispose]: () => end(child),
  }
}

async function end(child: ChildProcess): Promise<void> {
  if (child.exitCode !== null || child.signalCode !== null) return
  child.disconnect()
  await once(child, 'exit')
}
