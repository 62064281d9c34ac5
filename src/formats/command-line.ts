// Splits a command line into words as a POSIX shell would, without running one: quotes and backslashes only. Anything that
// would need a shell (variables, pipes, substitutions) stays the literal text it is.

import { RegistryError } from '../lib/index.ts'

const WORD = /(?:[^\s"'\\]|\\[\s\S]|"(?:[^"\\]|\\[\s\S])*"|'[^']*')+/gy
const PIECE = /\\([\s\S])|"((?:[^"\\]|\\[\s\S])*)"|'([^']*)'/g

export function splitCommand(line: string): readonly string[] {
  const words: string[] = []
  let at = line.length - line.trimStart().length
  while (at < line.length) {
    WORD.lastIndex = at
    const word = WORD.exec(line)?.[0]
    if (word === undefined) {
      throw new RegistryError(
        'USAGE',
        'The command has a quote or a backslash without its other half.',
        {
          expected: 'quotes in pairs',
          got: line,
          next: 'Quote the whole command once for the shell: `--mcp "npx -y SERVER"`.',
        },
      )
    }
    words.push(unquote(word))
    at += word.length
    while (at < line.length && /\s/.test(line.charAt(at))) at++
  }
  if (words.length > 0) return words
  throw new RegistryError('USAGE', 'The command is empty.', {
    expected: 'a program and its arguments',
    got: JSON.stringify(line),
    next: 'For example `--mcp "npx -y @modelcontextprotocol/server-everything"`.',
  })
}

function unquote(word: string): string {
  return word.replaceAll(
    PIECE,
    (_all, escaped?: string, double?: string, single?: string) =>
      escaped ?? (double === undefined ? (single ?? '') : double.replaceAll(/\\(["\\$`])/g, '$1')),
  )
}
