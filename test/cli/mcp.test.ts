// `publish --mcp` and `--mcp-url` with a server that others wrote, and with servers that misbehave.

import { join } from 'node:path'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { everythingPath, startEverythingHttp } from '../support/everything.ts'
import { makeFolder, registry, registryJson, type TestFolder } from '../support/registry.ts'

const SERVER = join(import.meta.dirname, '..', 'support', 'mcp-server.ts')

let folder: TestFolder
let home: string
let publisher: string

beforeAll(async () => {
  folder = await makeFolder()
  home = join(folder.path, 'home')
  publisher = (await registryJson(['init'], { home })).publisher
})
afterAll(() => folder[Symbol.asyncDispose]())

const command = (mode: string): string => `'${process.execPath}' '${SERVER}' ${mode}`

test('the reference server over stdio, twice', async () => {
  const args = ['publish', '--mcp', `'${process.execPath}' '${everythingPath()}' stdio`]
  const first = await registry(args, { home })
  expect(first.status).toBe(0)
  expect(first.stderr).toBe(
    'The server’s name "mcp-servers/everything" became mcp-servers-everything.\n',
  )
  expect(first.stdout).toMatch(
    new RegExp(`^Published ${publisher}/mcp-servers-everything@2\\.0\\.0 as entry 1 of your log\n`),
  )
  expect(first.stdout).toMatch(/^ {2}tool {7}bafkrei\S+ {2}echo$/m)
  const second = await registry(args, { home })
  expect(second.stdout).toContain('with exactly this content: nothing to do.\n')
  const shown = await registryJson(['show', `${publisher}/mcp-servers-everything`], { home })
  expect(shown.release.bindings).toEqual([
    { kind: 'mcp-stdio', command: process.execPath, args: [everythingPath(), 'stdio'] },
  ])
})

test('the reference server over HTTP, under a name of one’s own', async () => {
  await using everything = await startEverythingHttp()
  const as = 'io.github.alice/everything@1.4.2'
  const { releases } = await registryJson(['publish', '--mcp-url', everything.url, '--as', as], {
    home,
  })
  const [release] = releases
  expect(`${release.name}@${release.version}`).toBe(as)
  const shown = await registryJson(['show', as], { home })
  expect(shown.release.bindings).toEqual([{ kind: 'mcp-http', url: everything.url }])
  // The same tools as over stdio: the same blocks.
  const stdio = await registryJson(['show', `${publisher}/mcp-servers-everything`], { home })
  expect(release.tools.length).toBeGreaterThan(5)
  expect(shown.release.tools).toEqual(stdio.release.tools)
})

test('a list of three pages', async () => {
  const { releases } = await registryJson(['publish', '--mcp', command('pages')], { home })
  expect(releases[0].name).toBe(`${publisher}/scope-paged-tools`)
  expect(releases[0].tools.map(({ name }: { name: string }) => name)).toEqual([
    'tool_0',
    'tool_1',
    'tool_2',
  ])
})

test.each([
  ['endless', 'the list of tools does not end'],
  ['exit', 'MCP error -32000: Connection closed; no API key: set EXAMPLE_API_KEY'],
])('a server that fails: %s', async (mode, got) => {
  const refused = await registry(['publish', '--mcp', command(mode)], { home })
  expect(refused).toEqual({
    status: 15,
    stdout: '',
    stderr: [
      'error UNAVAILABLE The MCP server did not list its tools.',
      '  expected an answer to initialize and tools/list',
      `  got      ${got}`,
      '  next     Run the command by hand and see that it starts a server on its standard input and output.',
      '  code     SERVER_FAILED (exit 15)',
      '',
    ].join('\n'),
  })
})

test('a server without a version asks for one, and takes it', async () => {
  const args = ['publish', '--mcp', command('odd-version')]
  const refused = await registry(args, { home })
  expect(refused.status).toBe(13)
  expect(refused.stderr).toBe(
    [
      'error MALFORMED The server’s own version is not a semantic version.',
      '  expected MAJOR.MINOR.PATCH',
      '  got      "v2 (nightly)"',
      '  next     Give one: `--as NAME@1.0.0`.',
      '  code     VERSION_INVALID (exit 13)',
      '',
    ].join('\n'),
  )
  const { releases } = await registryJson([...args, '--as', 'paged@3.0.0'], { home })
  expect(releases[0]).toMatchObject({ name: `${publisher}/paged`, version: '3.0.0' })
})

test('a name that cannot be made asks for one', async () => {
  const refused = await registry(['publish', '--mcp', command('odd-name')], { home })
  expect(refused.status).toBe(13)
  expect(refused.stderr).toContain('  next     Give one: `--as NAME`.\n')
})

test.each(['a@1.0.0@2.0.0', '@scope/name@1.0.0', 'a@', ''])('--as %j is refused', async (as) => {
  const refused = await registry(['publish', '--mcp', command('pages'), '--as', as], { home })
  expect(refused.status).toBe(2)
  expect(refused.stderr).toContain('error USAGE This is not a name to publish under.\n')
})
