import { execFileSync } from 'node:child_process'
import fc from 'fast-check'
import { expect, test } from 'vitest'
import { splitCommand } from '../../src/formats/command-line.ts'
import { isRegistryError } from '../../src/lib/index.ts'

test.each([
  ['npx -y server', ['npx', '-y', 'server']],
  ['  node   a.js ', ['node', 'a.js']],
  [`run "two words" 'and "these"' e\\ d`, ['run', 'two words', 'and "these"', 'e d']],
  [`a"b c"d''`, ['ab cd']],
  [`x "" ''`, ['x', '', '']],
  ['say $HOME | cat', ['say', '$HOME', '|', 'cat']],
  ['a "\\n\\"\\\\"', ['a', '\\n"\\']],
])('%s', (line, words) => {
  expect(splitCommand(line)).toEqual(words)
})

test.each(['"open', "it's", 'end\\', '', '   '])('refuses %j', (line) => {
  try {
    splitCommand(line)
    expect.unreachable()
  } catch (error) {
    expect(isRegistryError(error, 'USAGE')).toBe(true)
  }
})

test('splits quoted words as a shell does', () => {
  const word = fc.string({ unit: fc.constantFrom(...`ab '"\\`), maxLength: 6 })
  fc.assert(
    fc.property(fc.array(word, { minLength: 1, maxLength: 4 }), (words) => {
      const line = words.map((text) => `'${text.replaceAll("'", `'\\''`)}'`).join(' ')
      const shell = execFileSync('sh', ['-c', `printf '%s\\0' ${line}`], { encoding: 'utf8' })
      expect(splitCommand(line)).toEqual(shell.split('\0').slice(0, -1))
    }),
    { numRuns: 40 },
  )
})
