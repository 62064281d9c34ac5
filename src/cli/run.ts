// One command from words to exit status: parse, open what the verb asks for, run it, close everything, report.

import { readFileSync } from 'node:fs'
import { RegistryError } from '../lib/index.ts'
import { homeAt } from '../node/home.ts'
import { openWorkspace } from '../node/workspace.ts'
import type { Workspace } from '../registry/index.ts'
import { awake } from './awake.ts'
import type { Invocation, Process } from './command.ts'
import { COMMANDS } from './commands.ts'
import { confirmOn } from './confirm.ts'
import { helpText } from './help.ts'
import { passphraseFrom } from './passphrase.ts'
import { type Choice, choose } from './program.ts'
import { createTerminal, writeTo } from './terminal.ts'

export function run(argv: readonly string[], process: Process): Promise<number> {
  return awake(() => runOnce(argv, process))
}

async function runOnce(argv: readonly string[], process: Process): Promise<number> {
  // What stands after -- is meant for another program.
  const isJson = argv.slice(0, [...argv, '--'].indexOf('--')).includes('--json')
  const terminal = createTerminal(process, isJson)
  let workspace: Promise<Workspace & AsyncDisposable> | undefined
  const signal = stopSignal(process)
  try {
    const choice = await choose(argv)
    if (choice.kind !== 'run') return explain(choice, process)
    const { chosen } = choice
    const home = homeAt(stringOf(chosen.options.home), process.env)
    const folder = process.cwd?.() ?? home.folder
    const policy = { file: stringOf(chosen.options.policy), environment: process.env, folder }
    const open = async (): Promise<Workspace & AsyncDisposable> => {
      const { request, signatures } = chosen.options
      const isAsked = request !== undefined || signatures !== undefined
      const elsewhere = isAsked
        ? await (await import('./signatures.ts')).signaturesAsked(chosen.options)
        : {}
      const options = { signal, policy, passphrase: passphraseFrom(process) }
      return { ...(await openWorkspace(home, options)), ...elsewhere }
    }
    const invocation: Invocation = {
      terminal,
      home,
      environment: process.env,
      folder,
      signal,
      version: packageVersion,
      args: chosen.args,
      options: chosen.options,
      commands: COMMANDS,
      confirm: async (lines, question) => {
        terminal.clear()
        return terminal.isJson ? undefined : confirmOn(process, { lines, question, signal })
      },
      workspace: () => {
        workspace ??= open()
        return workspace
      },
    }
    return (await chosen.verb(invocation)) ?? 0
  } catch (error) {
    return terminal.fail(signal.aborted && error === signal.reason ? stopped(error) : error)
  } finally {
    await (await workspace?.catch(() => undefined))?.[Symbol.asyncDispose]()
  }
}

function explain(choice: Exclude<Choice, { kind: 'run' }>, process: Process): number {
  const text = choice.kind === 'version' ? packageVersion() : helpText(choice.command)
  writeTo(process.stdout, `${text}\n`)
  return 0
}

function packageVersion(): string {
  const text = readFileSync(new URL('../../package.json', import.meta.url), 'utf8')
  return (JSON.parse(text) as { version: string }).version
}

/** The first Ctrl-C or TERM asks the verb to stop and clean up; a second one ends the process as usual. */
function stopSignal(process: Process): AbortSignal {
  const controller = new AbortController()
  for (const name of ['SIGINT', 'SIGTERM'] as const) {
    process.once(name, () => controller.abort(new DOMException(`stopped by ${name}`, 'AbortError')))
  }
  return controller.signal
}

/** `reason` is what the signal was aborted with. */
function stopped(reason: unknown): RegistryError {
  const how = reason instanceof Error ? reason.message : 'stopped'
  return new RegistryError('STOPPED', `The command was ${how} before it was done.`, {
    next: 'Run it again: it goes on from what it has done, and nothing is half stored.',
  })
}

function stringOf(value: unknown): string | undefined {
  return typeof value === 'string' ? value : undefined
}
