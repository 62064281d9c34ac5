// Folders and child processes for the tests of stores.

import { spawn } from 'node:child_process'
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll } from 'vitest'

/** A new empty folder, removed after the tests of the file. */
export async function newFolder(): Promise<string> {
  const folder = await mkdtemp(join(tmpdir(), 'tms-'))
  afterAllOnce(() => rm(folder, { recursive: true, force: true }))
  return folder
}

const endings: (() => Promise<void>)[] = []
function afterAllOnce(end: () => Promise<void>): void {
  endings.push(end)
}

afterAll(async () => {
  for (const end of endings.splice(0)) await end()
})

export interface Child {
  readonly pid: number
  /** Resolves when the child prints this line. */
  line(text: string): Promise<void>
  readonly exit: Promise<{ readonly code: number | null; readonly output: string }>
  write(text: string): void
  kill(): void
}

/** Runs one of the programs of test/store/programs with this Node, from source. */
export function startChild(program: string, ...args: string[]): Child {
  const path = join(import.meta.dirname, 'programs', `${program}.ts`)
  const child = spawn(process.execPath, [path, ...args], { stdio: ['pipe', 'pipe', 'pipe'] })
  let output = ''
  const heard = new Set<() => void>()
  const hear = (data: Buffer): void => {
    output += data.toString('utf8')
    for (const check of heard) check()
  }
  child.stdout.on('data', hear)
  child.stderr.on('data', hear)
  const exit = new Promise<{ code: number | null; output: string }>((resolve) => {
    child.on('close', (code) => resolve({ code, output }))
  })
  return {
    pid: child.pid ?? 0,
    exit,
    line: (text) =>
      new Promise((resolve, reject) => {
        const check = (): void => {
          if (output.split('\n').includes(text)) resolve()
        }
        heard.add(check)
        check()
        void exit.then(() => reject(new Error(`the child ended without "${text}": ${output}`)))
      }),
    write: (text) => {
      child.stdin.write(`${text}\n`)
    },
    kill: () => {
      child.kill('SIGKILL')
    },
  }
}
