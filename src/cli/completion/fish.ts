// Completion for fish: a line for each word, under the condition that it fits.

import { type Completed, type Flag, GLOBAL_FLAGS } from './words.ts'

export function fish(commands: readonly Completed[]): string {
  const names = commands.map(({ name }) => name).join(' ')
  const none = quoted(`not __fish_seen_subcommand_from ${names}`)
  return [
    '# fish completion for registry',
    ...GLOBAL_FLAGS.map((flag) => `complete -c registry ${option(flag)}`),
    ...commands.map(
      ({ name, about }) => `complete -c registry -n ${none} -f -a ${name} -d ${quoted(about)}`,
    ),
    ...commands.flatMap((command) => linesOf(command)),
  ].join('\n')
}

function linesOf({ name, actions, flags }: Completed): readonly string[] {
  const seen = `__fish_seen_subcommand_from ${name}`
  const words = actions.join(' ')
  const first = quoted(`${seen}; and not __fish_seen_subcommand_from ${words}`)
  return [
    ...(words === '' ? [] : [`complete -c registry -n ${first} -f -a ${quoted(words)}`]),
    ...flags.map((flag) => `complete -c registry -n ${quoted(seen)} ${option(flag)}`),
  ]
}

function option({ name, about, value }: Flag): string {
  // -r offers files, -x nothing.
  const takes = value === 'file' || value === 'dir' ? ' -r' : ' -x'
  return `-l ${name.slice(2)}${value === undefined ? '' : takes} -d ${quoted(about)}`
}

function quoted(text: string): string {
  return `'${text.replaceAll('\\', '\\\\').replaceAll("'", '’')}'`
}
