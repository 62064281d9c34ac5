// Completion for zsh, by its own _arguments: options with what they mean, and files where nothing better is known.

import { type Completed, type Flag, GLOBAL_FLAGS } from './words.ts'

export function zsh(commands: readonly Completed[]): string {
  const verbs = commands.map(({ name, about }) => `    ${quoted(`${name}:${colons(about)}`)}`)
  const cases = commands.map(
    ({ name, actions, flags }) =>
      `        ${name}) _arguments ${[...flags, ...GLOBAL_FLAGS].map(argument).join(' ')} ${places(actions)} ;;`,
  )
  return `#compdef registry
_registry() {
  local -a verbs
  local state line
  verbs=(
${verbs.join('\n')}
  )
  _arguments -C ${GLOBAL_FLAGS.map(argument).join(' ')} '1: :->verb' '*:: :->rest'
  case $state in
    verb) _describe -t commands command verbs ;;
    rest)
      case $words[1] in
${cases.join('\n')}
      esac ;;
  esac
}
# The first time it is the file that is called, when it was found by its name.
if [[ "$funcstack[1]" == _registry ]]; then _registry "$@"; else compdef _registry registry; fi`
}

function argument({ name, about, value, isMany }: Flag): string {
  const paths = value === 'dir' ? '_files -/' : value === 'file' ? '_files' : ' '
  const follows = value === undefined ? '' : `:${colons(value)}:${paths}`
  return quoted(`${isMany ? '*' : ''}${name}[${brackets(about)}]${follows}`)
}

function places(actions: readonly string[]): string {
  return actions.length === 0 ? "'*: :_files'" : `'1: :(${actions.join(' ')})' '*: :_files'`
}

function colons(text: string): string {
  return text.replaceAll(':', '\\:')
}

function brackets(text: string): string {
  return text.replace(/[[\]]/g, '\\$&')
}

function quoted(text: string): string {
  return `'${text.replaceAll("'", '’')}'`
}
