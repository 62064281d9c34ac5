// Turns the command table into a commander program. Wrong words become USAGE errors like any other, with a next step.

import { Command, CommanderError, Option } from 'commander'
import { RegistryError } from '../lib/index.ts'
import type { CommandSpec, OptionSpec, Verb } from './command.ts'
import { COMMANDS } from './commands.ts'

export interface Chosen {
  readonly verb: Verb
  readonly args: readonly string[]
  readonly options: Readonly<Record<string, unknown>>
}

/** Parses the words after the program’s name. Undefined when help or the version was printed instead. */
export async function choose(
  argv: readonly string[],
  version: string,
): Promise<Chosen | undefined> {
  let chosen: Chosen | undefined
  const program = new Command('registry')
    .description('A content-addressed, signed, federated registry of tools for AI agents.')
    .version(version, '-V, --version')
    .option(
      '--home <dir>',
      'folder of keys and store (default: $TOOLMARK_HOME, else your data folder)',
    )
    .option('--json', 'answer in JSON, with stable fields')
    .configureOutput({ writeErr: () => {} })
    .showSuggestionAfterError(true)
    .exitOverride()
    .addHelpText('after', '\nStart with `registry init`. Documentation: README.md')
  for (const spec of COMMANDS) {
    const command = describe(program, spec)
    command.action(async () => {
      const { run } = await spec.load()
      chosen = { verb: run, args: command.args, options: command.optsWithGlobals() }
    })
  }
  try {
    await program.parseAsync([...argv], { from: 'user' })
  } catch (error) {
    if (!(error instanceof CommanderError)) throw error
    if (error.exitCode === 0) return undefined
    throw usage(error, argv)
  }
  return chosen
}

function describe(program: Command, spec: CommandSpec): Command {
  const command = program
    .command(
      spec.args === undefined
        ? spec.name
        : `${spec.name} ${spec.args.replace('<list|export|import>', '<action>')}`,
    )
    .summary(spec.about)
    .description(spec.about)
    .addHelpText('after', `\nExamples:\n${spec.examples.map((line) => `  ${line}`).join('\n')}`)
  for (const option of spec.options ?? []) command.addOption(toOption(option))
  return command
}

function toOption({ flags, about, many }: OptionSpec): Option {
  const option = new Option(flags, about)
  if (many !== true) return option
  return option.argParser<readonly string[]>((value, before) => [...(before ?? []), value])
}

function usage(error: CommanderError, argv: readonly string[]): RegistryError {
  const verb = COMMANDS.find(({ name }) => argv.includes(name))?.name
  const [message = '', ...hint] = error.message.replace(/^error: /, '').split('\n')
  const suggestion = hint.join(' ').trim()
  return new RegistryError('USAGE', `${message.charAt(0).toUpperCase()}${message.slice(1)}.`, {
    next: `${suggestion === '' ? '' : `${suggestion} `}See \`registry ${verb === undefined ? '' : `${verb} `}--help\`.`,
  })
}
