// Completion for bash: words only, it shows no descriptions.

import { type Completed, GLOBAL_FLAGS } from './words.ts'

export function bash(commands: readonly Completed[]): string {
  const verbs = commands.map(({ name }) => name).join(' ')
  const globals = GLOBAL_FLAGS.map(({ name }) => name).join(' ')
  const cases = commands.map(
    ({ name, actions, flags }) =>
      `    ${name}) actions="${actions.join(' ')}" flags="${flags.map((flag) => flag.name).join(' ')}" ;;`,
  )
  return `# bash completion for registry
_registry() {
  local current="\${COMP_WORDS[COMP_CWORD]}" verb="" said="" actions="" flags="" words="" word
  for word in "\${COMP_WORDS[@]:1:COMP_CWORD-1}"; do
    if [[ -n "$verb" ]]; then [[ "$word" == -* ]] || said="$word"; continue; fi
    case " ${verbs} " in *" $word "*) verb="$word" ;; esac
  done
  case "$verb" in
    "") words="${verbs}" ;;
${cases.join('\n')}
  esac
  if [[ "$current" == -* ]]; then words="$flags ${globals}"
  elif [[ -n "$verb" && -z "$said" ]]; then words="$actions"; fi
  COMPREPLY=($(compgen -W "$words" -- "$current"))
  if [[ "$current" != -* && -z "$words" ]]; then COMPREPLY=($(compgen -f -- "$current")); fi
}
complete -o filenames -F _registry registry`
}
