// registry diff: what it prints, what it answers with --json, how it ends.

import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { findUnsafe, PAYLOADS } from '../support/payloads.ts'
import { makeFolder, registry, registryJson, type TestFolder } from '../support/registry.ts'
import { GREET, HELLO, writeToolkit } from './toolkits.ts'

let folder: TestFolder
let home: string
let name: string
let first: string
let second: string

const NEXT = {
  ...HELLO,
  version: '1.1.0',
  bindings: [{ kind: 'module', module: 'hello' }],
  tools: [
    {
      ...GREET,
      annotations: { readOnlyHint: true },
      inputSchema: { ...GREET.inputSchema, required: ['name', 'tone'] },
    },
    { name: 'wave', inputSchema: { type: 'object' } },
  ],
}

beforeAll(async () => {
  folder = await makeFolder()
  home = join(folder.path, 'home')
  await registryJson(['init'], { home })
  const files = [await writeToolkit(folder.path, HELLO), await writeToolkit(folder.path, NEXT)]
  const { releases } = await registryJson(['publish', ...files], { home })
  name = releases[0].name
  first = releases[0].release
  second = releases[1].release
})
afterAll(() => folder[Symbol.asyncDispose]())

describe('text', () => {
  test('each change with its class, then what it means', async () => {
    const { status, stdout, stderr } = await registry(['diff', `${name}@1.0.0`, name], { home })
    expect([status, stderr]).toEqual([0, ''])
    expect(stdout).toBe(
      [
        `${name}@1.0.0 → ${name}@1.1.0`,
        `  VERIFIED  ${first}  ${name}@1.0.0`,
        `  VERIFIED  ${second}  ${name}`,
        'release  changed',
        '  + /bindings  binding',
        '      + [{"kind":"module","module":"hello"}]',
        'tool greet  changed',
        '  ~ /inputSchema/required  schema-breaking (newly required)',
        '      - ["name"]',
        '      + ["name","tone"]',
        '  + /annotations/readOnlyHint  effects-narrowed (absent means false)',
        '      + true',
        'tool part  removed',
        '  - schema-breaking  calls of it fail now',
        'tool wave  added',
        '  + schema-compatible  a new tool; it may change things, destroy things, reach the outside world',
        'risks  schema-breaking, binding, schema-compatible, effects-narrowed',
        'A model would see a difference.',
        'step  minor; the changes ask for major',
        'The version is raised by less than the changes ask for.',
        '',
      ].join('\n'),
    )
  })

  test('nothing differs', async () => {
    const { status, stdout } = await registry(['diff', first, `${name}@1.0.0`], { home })
    expect(status).toBe(0)
    expect(stdout).toContain('\nunchanged  greet, part\nNothing differs.\n')
  })

  test('the end of a long text is shown', async () => {
    const long = { ...HELLO, description: `${'a'.repeat(500)} end` }
    const other = { ...HELLO, description: `${'a'.repeat(500)} END` }
    const files = [await writeToolkit(folder.path, long), await writeToolkit(folder.path, other)]
    const { stdout } = await registry(['diff', ...files], { home })
    expect(stdout).toContain(` - …${'a'.repeat(39)} end"\n`)
    expect(stdout).toContain(` + …${'a'.repeat(39)} END"\n`)
  })

  test('t41-hidden-text: what strangers write is escaped', async () => {
    const text = PAYLOADS.join(' | ')
    const schema = { type: 'object', properties: { [text]: { description: text } } }
    const hostile = { ...HELLO, description: text, tools: [{ ...GREET, inputSchema: schema }] }
    const file = await writeToolkit(folder.path, hostile)
    const { stdout } = await registry(['diff', name, file], { home })
    expect(findUnsafe(stdout.replaceAll('→', ''))).toEqual(findUnsafe(''))
    const json = await registry(['--json', 'diff', name, file], { home })
    expect(json.stdout).toMatch(/^[\x20-\x7e]+\n$/)
  })
})

describe('--exit-code', () => {
  test('10 when a model would see a difference', async () => {
    const { status, stdout } = await registry(['diff', first, second, '--exit-code'], { home })
    expect(status).toBe(10)
    expect(stdout).toContain('A model would see a difference.')
  })

  test('0 when it would not, though other code would run', async () => {
    const bound = { ...HELLO, bindings: [{ kind: 'module', module: 'other' }] }
    const file = await writeToolkit(folder.path, bound)
    const args = ['--json', 'diff', `${name}@1.0.0`, file, '--exit-code']
    const { status, stdout } = await registry(args, { home })
    expect(status).toBe(0)
    expect(JSON.parse(stdout)).toMatchObject({ differs: true, visible: false, risks: ['binding'] })
  })
})

test('--json: the fields that docs/cli.md names', async () => {
  const answer = await registryJson(['diff', first, second], { home })
  expect(Object.keys(answer)).toEqual([
    ...['kind', 'before', 'after', 'differs', 'visible', 'risks', 'changes', 'tools', 'unchanged'],
    'step',
  ])
  expect(answer.tools.map((tool: { kind: string }) => tool.kind)).toEqual([
    'changed',
    'removed',
    'added',
  ])
})

describe('refusals', () => {
  test('a word that is neither file nor name', async () => {
    const { status, stderr } = await registry(['diff', 'nope.json', name], { home })
    expect(status).toBe(13)
    expect(stderr).toContain('error MALFORMED There is no such file here. ')
    expect(stderr).toContain('  expected a toolkit file, a CID, or namespace/name\n')
    expect(stderr).toContain(
      '  next     Check the path, or write the name as its publisher does.\n',
    )
  })

  test('a tool and a release', async () => {
    const { status, stderr } = await registry(['diff', `${name}#greet`, name], { home })
    expect(status).toBe(2)
    expect(stderr).toBe(
      [
        'error USAGE A tool and a release cannot be compared.',
        '  expected two releases, or two tools',
        '  got      a tool and a release',
        '  next     Name the tool on both sides: NAME@VERSION#TOOL, or its CID.',
        '  code     USAGE (exit 2)',
        '',
      ].join('\n'),
    )
  })

  test('a file that is no toolkit, and a version that is not here', async () => {
    const file = await writeToolkit(folder.path, { name: 'a' })
    expect((await registry(['diff', name, file], { home })).status).toBe(13)
    expect((await registry(['diff', name, `${name}@9.0.0`], { home })).status).toBe(4)
    expect((await registry(['diff', name], { home })).status).toBe(2)
  })
})
