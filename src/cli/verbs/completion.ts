// registry completion: scripts made from the command table, so that they cannot fall behind it.

import { RegistryError } from '../../lib/index.ts'
import type { CommandSpec, Invocation } from '../command.ts'

const GLOBAL = ['--home', '--json', '--help']

const SHELLS: Readonly<Record<string, (commands: readonly CommandSpec[]) => string>> = {
  bash,
  zsh,
  fish,
}

export async function run({ terminal, args, commands }: Invocation): Promise<undefined> {
  const [shell = ''] = args
  const script = SHELLS[shell]
  if (script === undefined) {
    throw new RegistryError('USAGE', 'There is no completion for that shell.', {
      expected: Object.keys(SHELLS).join(', '),
      got: shell,
      next: 'For example `registry completion bash`.',
    })
  }
  if (terminal.isJson) terminal.json({ shell, script: script(commands) })
  else terminal.line(script(commands))
}

function flagsOf(command: CommandSpec): readonly string[] {
  const own = (command.options ?? []).map(({ flags }) => flags.split(/[ ,]/)[0] ?? '')
  return [...own, ...GLOBAL]
}

function bash(commands: readonly CommandSpec[]): string {
  const cases = commands.map((c) => `    ${c.name}) words="${flagsOf(c).join(' ')}" ;;`).join('\n')
  return `# bash completion for registry
_registry() {
  local current="\${COMP_WORDS[COMP_CWORD]}" verb="" word words
  for word in "\${COMP_WORDS[@]:1:COMP_CWORD-1}"; do
    case " ${commands.map((c) => c.name).join(' ')} " in *" $word "*) verb="$word"; break ;; esac
  done
  case "$verb" in
    "") words="${commands.map((c) => c.name).join(' ')} ${GLOBAL.join(' ')}" ;;
${cases}
  esac
  COMPREPLY=($(compgen -W "$words" -- "$current"))
  [[ "$current" == -* ]] || COMPREPLY+=($(compgen -f -- "$current"))
}
complete -o filenames -F _registry registry`
}

function zsh(commands: readonly CommandSpec[]): string {
  const lines = commands.map(
    (c) => `    '${c.name}:${c.about.replaceAll("'", '’').replaceAll(':', '\\:')}'`,
  )
  const cases = commands.map((c) => `    ${c.name}) compadd -- ${flagsOf(c).join(' ')}; _files ;;`)
  return `#compdef registry
_registry() {
  local -a verbs
  verbs=(
${lines.join('\n')}
  )
  if (( CURRENT == 2 )); then _describe 'command' verbs; return; fi
  case "$words[2]" in
${cases.join('\n')}
  esac
}
compdef _registry registry`
}

function fish(commands: readonly CommandSpec[]): string {
  const quoted = (text: string): string => `'${text.replaceAll("'", '’')}'`
  const verbs = commands.map(
    (c) => `complete -c registry -n __fish_use_subcommand -a ${c.name} -d ${quoted(c.about)}`,
  )
  const options = commands.flatMap((c) =>
    flagsOf(c).map(
      (flag) =>
        `complete -c registry -n '__fish_seen_subcommand_from ${c.name}' -l ${flag.slice(2)}`,
    ),
  )
  return ['# fish completion for registry', ...verbs, ...options].join('\n')
}
