// The command as it is installed, as a process of its own: what it answered, and with which status.

import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { join } from 'node:path'

export const MAIN: string = join(import.meta.dirname, '..', '..', 'dist', 'bin', 'registry.js')

export interface Answer {
  /** The exit status, or null for a process that was killed. */
  readonly code: number | null
  readonly json: unknown
}

const LATEST_MS = 120_000

export async function command(home: string, ...args: readonly string[]): Promise<Answer> {
  const child = spawn(process.execPath, [MAIN, '--home', home, '--json', ...args], {
    cwd: home,
    env: { PATH: process.env.PATH ?? '', HOME: home },
    stdio: ['ignore', 'pipe', 'inherit'],
    timeout: LATEST_MS,
  })
  const parts: Buffer[] = []
  child.stdout.on('data', (part: Buffer) => parts.push(part))
  const [code] = (await once(child, 'close')) as [number | null]
  const text = Buffer.concat(parts).toString()
  return { code, json: text === '' ? undefined : JSON.parse(text) }
}

/** Throws for what was refused. */
export async function demand<T>(home: string, ...args: readonly string[]): Promise<T> {
  const { code, json } = await command(home, ...args)
  if (code !== 0) throw new Error(`registry ${args.join(' ')}: ${code} ${JSON.stringify(json)}`)
  return json as T
}
