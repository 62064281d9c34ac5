// Child processes whose output is kept: programs of this folder from source, and the command as it is installed.

import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { REGISTRY } from './registry.ts'

export interface Ended {
  readonly code: number | null
  /** Both streams. */
  readonly output: string
}

export interface Running {
  readonly child: ChildProcess
  readonly ended: Promise<Ended>
  /** Resolves once this has been printed; rejects when the process ends without it. */
  printed(text: string): Promise<void>
}

export function runProgram(program: string, ...args: readonly string[]): Running {
  return run([join(import.meta.dirname, `${program}.ts`), ...args])
}

export function runCommand(home: string, ...args: readonly string[]): Running {
  return run([REGISTRY, '--home', home, ...args])
}

/** The command, in another network namespace. */
export function runCommandIn(namespace: string, home: string, ...args: readonly string[]): Running {
  return run([REGISTRY, '--home', home, ...args], ['ip', 'netns', 'exec', namespace])
}

export function runProgramIn(
  namespace: string,
  program: string,
  ...args: readonly string[]
): Running {
  const file = join(import.meta.dirname, `${program}.ts`)
  return run([file, ...args], ['ip', 'netns', 'exec', namespace])
}

function run(args: readonly string[], within: readonly string[] = []): Running {
  const [command = '', ...rest] = [...within, process.execPath, ...args]
  const { PATH = '', NODE_COMPILE_CACHE } = process.env
  const child = spawn(command, rest, {
    cwd: tmpdir(),
    env: { PATH, HOME: tmpdir(), NODE_COMPILE_CACHE },
    stdio: ['pipe', 'pipe', 'pipe'],
  })
  let output = ''
  const hear = (data: Buffer): void => {
    output += data.toString('utf8')
    child.emit('heard')
  }
  child.stdout.on('data', hear)
  child.stderr.on('data', hear)
  child.stdin.on('error', () => {})
  const ended = (async (): Promise<Ended> => {
    const [code] = (await once(child, 'close')) as [number | null]
    return { code, output }
  })()
  const printed = async (text: string): Promise<void> => {
    const end = ended.then(() => true)
    while (!output.includes(text)) {
      const isOver = await Promise.race([end, once(child, 'heard')])
      if (isOver === true && !output.includes(text))
        throw new Error(`not printed: ${text}\n${output}`)
    }
  }
  return { child, ended, printed }
}
