// What a verb is given and how one is described. The table in `commands.ts` is light; the code of a verb is loaded when it runs.

import type { Home } from '../node/index.ts'
import type { Workspace } from '../registry/index.ts'
import type { Streams, Terminal } from './terminal.ts'

/** What the command takes from the process it runs in. */
export interface Process extends Streams {
  readonly env: Readonly<Record<string, string | undefined>>
  readonly stdin: NodeJS.ReadStream
  cwd?(): string
  once(event: 'SIGINT' | 'SIGTERM', listener: () => void): unknown
}

export interface Invocation {
  readonly terminal: Terminal
  readonly home: Home
  readonly environment: Process['env']
  /** The current folder. */
  readonly folder: string
  readonly signal: AbortSignal
  /** Of this program. */
  version(): string
  readonly options: Readonly<Record<string, unknown>>
  readonly args: readonly string[]
  /** Every command there is, for those that speak of the others. */
  readonly commands: readonly CommandSpec[]
  /** Asks for a yes or no on the terminal; undefined with --json, or when there is nobody to ask. */
  confirm(lines: readonly string[], question: string): Promise<boolean | undefined>
  /** Opens store and keys; closed when the verb ends. */
  workspace(): Promise<Workspace>
}

/** A verb answers its exit status; undefined is 0. */
export type Verb = (invocation: Invocation) => Promise<number | undefined>

export interface OptionSpec {
  readonly flags: string
  readonly about: string
  /** May be given several times. */
  readonly many?: true
}

export const GLOBAL_OPTIONS: readonly OptionSpec[] = [
  {
    flags: '--home <dir>',
    about: 'folder of keys and store (default: $TOOLMARK_HOME, else your data folder)',
  },
  { flags: '--json', about: 'answer in JSON, with stable fields' },
  { flags: '--help', about: 'explain a command' },
  { flags: '--version', about: 'print the version' },
]

export interface CommandSpec {
  readonly name: string
  /** `<required>`, `[optional]`, `[many...]`, in this order. */
  readonly args?: string
  readonly about: string
  /** What the first argument may be, where that is one of a few words. */
  readonly actions?: readonly string[]
  readonly options?: readonly OptionSpec[]
  readonly examples: readonly string[]
  load(): Promise<{ readonly run: Verb }>
}

export function textOption(invocation: Invocation, name: string): string | undefined {
  const value = invocation.options[name]
  return typeof value === 'string' ? value : undefined
}

export function listOption(invocation: Invocation, name: string): readonly string[] {
  const value = invocation.options[name]
  return Array.isArray(value) ? value : []
}
