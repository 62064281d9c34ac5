// Help, made from the command table.

import { type CommandSpec, GLOBAL_OPTIONS, type OptionSpec } from './command.ts'
import { COMMANDS } from './commands.ts'

const WIDTH = 26

export function helpText(command: CommandSpec | undefined): string {
  return command === undefined ? programHelp() : commandHelp(command)
}

function programHelp(): string {
  return `Usage: registry [options] COMMAND

A content-addressed, signed, federated registry of tools for AI agents.

Commands:
${COMMANDS.map((command) => row(command.name, summary(command))).join('\n')}

Options:
${rows(GLOBAL_OPTIONS)}

\`registry COMMAND --help\` explains a command. Start with \`registry init\`.`
}

function commandHelp(command: CommandSpec): string {
  const { name, args, options = [], examples } = command
  const about = summary(command)
  return `Usage: registry ${name}${args === undefined ? '' : ` ${args}`} [options]

${about.charAt(0).toUpperCase()}${about.slice(1)}.

Options:
${rows([...options, ...GLOBAL_OPTIONS])}

Examples:
${examples.map((line) => `  ${line}`).join('\n')}`
}

/** One line, with the actions that the command is told to take. */
function summary({ about, args, actions = [] }: CommandSpec): string {
  return args?.startsWith('<action>') ? `${about} (actions: ${actions.join(', ')})` : about
}

function rows(options: readonly OptionSpec[]): string {
  return options.map(({ flags, about }) => row(flags, about)).join('\n')
}

function row(left: string, right: string): string {
  return `  ${left.padEnd(WIDTH)} ${right}`
}
