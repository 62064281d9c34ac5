// Names, descriptions and errors come from strangers: whatever they hold, a terminal is not moved by it and a reader sees it.

import { execFile } from 'node:child_process'
import { join } from 'node:path'
import { promisify } from 'node:util'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { findUnsafe, PAYLOADS } from '../support/payloads.ts'
import {
  type Answer,
  makeFolder,
  type Ran,
  REGISTRY,
  type RunningNode,
  registry,
  registryJson,
  startNode,
  type TestFolder,
} from '../support/registry.ts'
import { writeToolkit } from './toolkits.ts'

const ALL = PAYLOADS.join(' | ')
const SERVER = join(import.meta.dirname, '..', 'support', 'mcp-server.ts')

let folder: TestFolder
let alice: string
let bob: string
let node: RunningNode
let release: Answer

beforeAll(async () => {
  folder = await makeFolder()
  alice = join(folder.path, 'alice')
  bob = join(folder.path, 'bob')
  await registryJson(['init'], { home: alice })
  const file = await writeToolkit(folder.path, hostileToolkit('hostile'))
  release = (await registryJson(['publish', file], { home: alice })).releases[0]
  node = await startNode({ home: alice })
})
afterAll(async () => {
  await node[Symbol.asyncDispose]()
  await folder[Symbol.asyncDispose]()
})

/** Every field that takes free text, and every key that does. */
function hostileToolkit(name: string): Answer {
  return {
    name,
    version: '1.0.0',
    description: ALL,
    bindings: [{ kind: 'mcp-stdio', command: 'node', args: [ALL], env: { KEY: ALL } }],
    auth: { methods: [{ type: 'token', description: ALL }] },
    patterns: [
      {
        name: 'pattern',
        description: ALL,
        steps: [{ command: ALL, description: ALL }],
        variables: { [ALL]: ALL },
      },
    ],
    'x-note': { [ALL]: [ALL] },
    tools: [
      {
        name: 'tool',
        description: ALL,
        inputSchema: {
          type: 'object',
          title: ALL,
          description: ALL,
          properties: { [ALL]: { type: 'string', enum: [ALL], default: ALL, description: ALL } },
        },
        effects: { creates: [ALL], filesystem: { paths: [ALL] } },
        examples: [{ description: ALL, input: { [ALL]: ALL }, output: ALL }],
        hints: { search: ALL.slice(0, 900) },
        _meta: { [ALL]: ALL },
      },
    ],
  }
}

function assertSafe({ stdout, stderr }: Ran): void {
  expect(findUnsafe(stdout)).toBeUndefined()
  expect(findUnsafe(stderr)).toBeUndefined()
  // A line break inside a value would begin a line of the attacker's own.
  expect(`${stdout}\n${stderr}`).not.toMatch(/^VERIFIED forged/m)
}

function assertAscii({ stdout, stderr }: Ran): void {
  expect(stderr).toBe('')
  expect(stdout).toMatch(/^[\x20-\x7e]+\n$/)
  JSON.parse(stdout)
}

test('the oracle sees every payload', () => {
  expect(PAYLOADS.length).toBeGreaterThanOrEqual(40)
  for (const payload of PAYLOADS.filter((text) => !text.startsWith('\n')))
    expect(findUnsafe(payload), JSON.stringify(payload)).toBeDefined()
})

describe('a release full of payloads', () => {
  test.each(['publish', 'list', 'show', 'show#tool', 'verify', 'log', 'doctor', 'pull'])(
    '%s',
    async (verb) => {
      const file = await writeToolkit(folder.path, hostileToolkit('hostile'))
      const args: Readonly<Record<string, readonly string[]>> = {
        publish: ['publish', file],
        show: ['show', release.name],
        'show#tool': ['show', `${release.name}#tool`],
        verify: ['verify', release.name],
        pull: ['pull', release.name, '--from', String(node.addresses[0])],
      }
      const home = verb === 'pull' ? bob : alice
      const text = await registry(args[verb] ?? [verb], { home })
      expect(text.status).toBe(0)
      assertSafe(text)
      const json = await registry(['--json', ...(args[verb] ?? [verb])], { home })
      expect(json.status).toBe(0)
      assertAscii(json)
    },
  )

  test('the blocks, as they are, by CID', async () => {
    for (const cid of [release.release, release.tools[0].cid]) {
      assertSafe(await registry(['show', cid], { home: alice }))
      const json = await registry(['--json', 'show', cid], { home: alice })
      assertAscii(json)
      expect(JSON.parse(json.stdout).block.description).toBe(ALL)
    }
  })

  test('what is hidden is shown', async () => {
    const { stdout } = await registry(['show', release.name], { home: alice })
    for (const seen of ['\\u{1b}[2J', '\\u{202e}evil', '\\u{e0049}', 'zero\\u{200b}width'])
      expect(stdout).toContain(seen)
  })
})

describe('errors that repeat what they were given', () => {
  const words = PAYLOADS.filter((text) => !text.includes('\0'))

  test('words on the command line', async () => {
    const targets = words.map((text) => `x${text}`)
    for (const args of [
      ['verify', ...targets],
      ['show', ALL.replaceAll('\0', '')],
      ['publish', words.join('')],
      ['publish', '--as', words.join(''), '--mcp', words.join('')],
      ['publish', '--mcp-url', words.join('')],
      ['pull', 'a.b/c', '--from', words.join('')],
      ['pull', 'a.b/c', '--publisher', words.join('')],
      ['log', '--from', words.join('')],
      ['key', 'export', words.join('')],
      ['completion', words.join('')],
      [words.join('')],
      ['list', `--${words.join('')}`],
    ]) {
      const text = await registry(args, { home: alice })
      expect(text.status).toBeGreaterThan(1)
      assertSafe(text)
      const json = await registry(['--json', ...args], { home: alice })
      expect(json.status).toBe(text.status)
      assertAscii(json)
    }
  })

  test.each(
    Object.entries({
      name: (text: string) => ({ name: text }),
      version: (text: string) => ({ version: text }),
      title: (text: string) => ({ title: text }),
      license: (text: string) => ({ license: text }),
      homepage: (text: string) => ({ homepage: text }),
      'unknown field': (text: string) => ({ [text]: 1 }),
      'tool name': (text: string) => ({ tools: [{ name: text, inputSchema: {} }] }),
      'schema type': (text: string) => ({ tools: [{ name: 'a', inputSchema: { type: text } }] }),
      'binding kind': (text: string) => ({ bindings: [{ kind: text }] }),
    }),
  )('a toolkit’s %s', async (_field, make) => {
    const documents = await Promise.all(
      [ALL, ...PAYLOADS.slice(0, 4)].map((text) =>
        writeToolkit(folder.path, { ...hostileToolkit('other'), ...make(text) }),
      ),
    )
    for (const file of documents) {
      const text = await registry(['publish', file], { home: alice })
      expect(text.status).toBe(13)
      assertSafe(text)
    }
    assertAscii(await registry(['--json', 'publish', documents[0] ?? ''], { home: alice }))
  })

  test('JSON with a payload where none can be', async () => {
    for (const text of [`{${ALL}`, `{"a${ALL}": 1, `, `{"a": "\\q${ALL}"}`]) {
      const refused = await registry(['publish', await writeToolkit(folder.path, text)], {
        home: alice,
      })
      expect(refused.status).toBe(13)
      assertSafe(refused)
    }
  })

  test('what an MCP server says of itself', async () => {
    const command = (mode: string): string => `'${process.execPath}' '${SERVER}' ${mode}`
    for (const [mode, status] of [
      ['hostile', 0],
      ['hostile-exit', 15],
    ] as const) {
      const ran = await registry(['publish', '--mcp', command(mode)], { home: alice })
      expect(ran.status).toBe(status)
      expect(ran.stderr).toContain('\\u{1b}')
      assertSafe(ran)
    }
  })
})

describe('on a terminal', () => {
  /** Runs under a pseudo-terminal; both streams come back as one. */
  const onTerminal = async (args: readonly string[], env: object = {}): Promise<string> => {
    const line = [process.execPath, REGISTRY, '--home', alice, ...args]
      .map((w) => `'${w}'`)
      .join(' ')
    const options = { env: { PATH: process.env.PATH, TERM: 'xterm', ...env } }
    const child = await promisify(execFile)('script', ['-qc', line, '/dev/null'], options as object)
    return String(child.stdout)
  }

  test('colour is there, and nowhere else', async ({ skip }) => {
    if (!(await hasScript())) skip('script is not installed')
    expect(await onTerminal(['frobnicate'])).toContain('\u001b[31merror USAGE\u001b[39m ')
    expect(await onTerminal(['frobnicate'], { NO_COLOR: '1' })).not.toContain('\u001b')
    const piped = await registry(['frobnicate'], { home: alice, env: { TERM: 'xterm' } })
    expect(piped.stderr).not.toContain('\u001b')
  })

  test('payloads are as harmless as elsewhere', async ({ skip }) => {
    if (!(await hasScript())) skip('script is not installed')
    for (const args of [['show', release.name], ['list'], ['verify', release.name]]) {
      const seen = (await onTerminal(args)).replaceAll('\r\n', '\n')
      expect(findUnsafe(seen)).toBeUndefined()
    }
  })
})

async function hasScript(): Promise<boolean> {
  return promisify(execFile)('script', ['--version']).then(
    () => true,
    () => {
      console.warn('skipped: script is not installed, so no terminal can be had')
      return false
    },
  )
}
