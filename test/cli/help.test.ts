// Help and shell completion are made from the command table: every verb has an example, and every shell can read its script.

import { execFileSync } from 'node:child_process'
import { accessSync, constants } from 'node:fs'
import { writeFile } from 'node:fs/promises'
import { delimiter, join } from 'node:path'
import { describe, expect, test } from 'vitest'
import { COMMANDS } from '../../src/cli/commands.ts'
import { makeFolder, REGISTRY, registry } from '../support/registry.ts'

const VERBS = COMMANDS.map(({ name }) => name)

describe('help', () => {
  test('names every verb', async () => {
    for (const args of [['--help'], ['-h'], []]) {
      const { status, stdout, stderr } = await registry(args)
      expect({ args, status, stderr }).toEqual({ args, status: 0, stderr: '' })
      for (const { name, about, args, actions = [] } of COMMANDS) {
        const words = args?.startsWith('<action>') ? ` (actions: ${actions.join(', ')})` : ''
        expect(stdout).toContain(`  ${name.padEnd(26)} ${about}${words}\n`)
      }
    }
  })

  test.each(COMMANDS)(
    '$name: explains itself with examples',
    async ({ name, options, examples }) => {
      const { status, stdout } = await registry([name, '--help'])
      expect(status).toBe(0)
      expect(stdout.startsWith(`Usage: registry ${name}`)).toBe(true)
      expect(examples.length).toBeGreaterThan(0)
      const [, shown = ''] = stdout.split('\nExamples:\n')
      expect(shown.trimEnd().split('\n')).toEqual(examples.map((line) => `  ${line}`))
      for (const { flags, about } of options ?? []) {
        expect(stdout).toContain(flags)
        expect(stdout).toContain(about)
      }
    },
  )

  test.each(COMMANDS)(
    '$name: its examples are words that it accepts',
    ({ name, options = [], examples }) => {
      const known = [...options.map(({ flags }) => flags.split(' ')[0]), '--home', '--json']
      for (const example of examples) {
        expect(example).toMatch(new RegExp(`registry (--home \\S+ )?${name}\\b`))
        for (const flag of example.match(/ --[a-z-]+/g) ?? []) expect(known).toContain(flag.trim())
      }
    },
  )
})

const ACTIONS_OF_PEER = ['add', 'list', 'remove', 'ping', 'key']

describe('completion', () => {
  test('bash completes verbs and options', async () => {
    await using folder = await makeFolder()
    const script = join(folder.path, 'registry.bash')
    const { stdout } = await registry(['completion', 'bash'])
    await writeFile(script, stdout)
    execFileSync('bash', ['-n', script])
    const complete = (...words: readonly string[]): readonly string[] => {
      const program = [
        `source '${script}'`,
        `COMP_WORDS=(${words.map((word) => `'${word}'`).join(' ')})`,
        `COMP_CWORD=${words.length - 1}`,
        '_registry',
        `printf "%s\\n" "\${COMPREPLY[@]}"`,
      ].join('\n')
      const cwd = folder.path
      return execFileSync('bash', ['-c', program], { encoding: 'utf8', cwd }).trim().split('\n')
    }
    expect(complete('registry', 'ver')).toEqual(['verify', 'verify-bundle'])
    expect(complete('registry', 'p')).toEqual(['publish', 'pull', 'publisher', 'pin', 'peer'])
    expect(complete('registry', '').filter((word) => VERBS.includes(word))).toEqual(VERBS)
    expect(complete('registry', 'publish', '--mcp')).toEqual(['--mcp', '--mcp-url'])
    expect(complete('registry', '--json', 'pull', '--f')).toEqual(['--from'])
    expect(complete('registry', 'publish', 'reg')).toEqual(['registry.bash'])
    expect(complete('registry', 'list', '--f')).toEqual([''])
    expect(complete('registry', '--json', 'peer', '')).toEqual(ACTIONS_OF_PEER)
    expect(complete('registry', 'peer', 'add', 'reg')).toEqual(['registry.bash'])
    expect(complete('registry', 'nothing-known', 'reg')).toEqual([''])
  })

  test('fish completes verbs, their actions and options', async () => {
    const fish = findProgram('fish')
    if (fish === undefined) {
      console.warn('skipped: fish is not installed, so what it completes is not looked at')
      return
    }
    await using folder = await makeFolder()
    const script = join(folder.path, 'registry.fish')
    const { stdout } = await registry(['completion', 'fish'])
    await writeFile(script, stdout)
    const complete = (line: string): readonly string[] =>
      execFileSync(fish, ['-c', `source '${script}'; complete -C '${line}'`], {
        encoding: 'utf8',
        cwd: folder.path,
        env: { ...process.env, HOME: folder.path },
      })
        .trim()
        .split('\n')
        .map((found) => found.split('\t')[0] ?? '')
    expect(complete('registry --home x ver')).toEqual(['verify', 'verify-bundle'])
    expect(complete('registry peer ')).toEqual(ACTIONS_OF_PEER.toSorted())
    expect(complete('registry peer add reg')).toEqual(['registry.fish'])
    expect(complete('registry pull --fro')).toEqual(['--from'])
    expect(complete('registry list --fro')).toEqual([''])
  })

  test.each([
    ['zsh', ['-n']],
    ['fish', ['--no-execute']],
  ])('%s can read its script', async (shell, flags) => {
    const { status, stdout } = await registry(['completion', shell])
    expect(status).toBe(0)
    for (const { name, options = [] } of COMMANDS) {
      expect(stdout).toContain(name)
      for (const option of options) expect(stdout).toContain(option.flags.split(' ')[0]?.slice(2))
    }
    if (findProgram(shell) === undefined) {
      console.warn(`skipped: ${shell} is not installed, so the syntax of its script is not checked`)
      return
    }
    await using folder = await makeFolder()
    const script = join(folder.path, `registry.${shell}`)
    await writeFile(script, stdout)
    execFileSync(shell, [...flags, script])
  })
})

test('a Node that is too old is told so', () => {
  const old = oldNode()
  if (old === undefined) {
    console.warn('skipped: no Node before 22.22.2 is installed here')
    return
  }
  try {
    execFileSync(old, [REGISTRY, 'list'], { stdio: 'pipe' })
    expect.unreachable()
  } catch (error) {
    const { status, stderr } = error as { status: number; stderr: Buffer }
    expect(status).toBe(2)
    expect(stderr.toString()).toMatch(
      /^error USAGE This version of Node is too old\.\n {2}expected Node 22\.22\.2 or newer\n {2}got {6}Node \S+\n {2}next {5}\S/,
    )
  }
})

function oldNode(): string | undefined {
  return findPrograms('node').find((path) => {
    const [major = 0] = execFileSync(path, ['-p', 'process.versions.node'], { encoding: 'utf8' })
      .split('.')
      .map(Number)
    return major >= 18 && major < 22
  })
}

function findProgram(name: string): string | undefined {
  return findPrograms(name)[0]
}

function findPrograms(name: string): readonly string[] {
  const folders = (process.env.PATH ?? '').split(delimiter)
  return folders.map((folder) => join(folder, name)).filter(isExecutable)
}

function isExecutable(path: string): boolean {
  try {
    accessSync(path, constants.X_OK)
    return true
  } catch {
    return false
  }
}
