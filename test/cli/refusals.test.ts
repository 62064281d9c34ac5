// What people get wrong most often: the exact words, and the exit status of the table in the README.

import { chmod, readdir, readFile, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { makeFolder, registry, registryJson, type TestFolder } from '../support/registry.ts'
import { GREET, HELLO, writeToolkit } from './toolkits.ts'

const ABSENT = 'bafkreicor4p6r4am34ahq7qhbcy66qbhguomflcrs7yurdx3zzq7s3budu'

let folder: TestFolder
let home: string

beforeAll(async () => {
  folder = await makeFolder()
  home = join(folder.path, 'home')
  await registryJson(['init'], { home })
  await registryJson(['publish', await toolkit({ ...HELLO, name: 'io.github.alice/hello' })], {
    home,
  })
})
afterAll(() => folder[Symbol.asyncDispose]())

function toolkit(content: unknown): Promise<string> {
  return writeToolkit(folder.path, content)
}

/** The whole of standard error; nothing may stand on standard output. */
async function refused(args: readonly string[], status: number, from = home): Promise<string> {
  const [ran, json] = await Promise.all([
    registry(args, { home: from }),
    registry(['--json', ...args], { home: from }),
  ])
  expect({ status: ran.status, stdout: ran.stdout }).toEqual({ status, stdout: '' })
  expect(ran.stderr).toMatch(/^ {2}next {5}\S/m)
  expect(json.stderr).toBe('')
  expect(json.status).toBe(status)
  const [error] = JSON.parse(json.stdout).results ?? [JSON.parse(json.stdout)]
  expect(ran.stderr).toContain(`error ${error.verdict ?? error.error.verdict} `)
  expect(ran.stderr).toContain(`code     ${error.error.code} (exit ${status})\n`)
  return ran.stderr
}

describe('usage: 2', () => {
  test.each([
    [['publsh'], "Unknown command 'publsh'.", '(Did you mean publish?) See `registry --help`.'],
    [['frobnicate'], "Unknown command 'frobnicate'.", 'See `registry --help`.'],
    [['show'], "Missing required argument 'name-or-cid'.", 'See `registry show --help`.'],
    [['pull'], "Missing required argument 'name-or-cid'.", 'See `registry pull --help`.'],
    [
      ['show', 'a', 'b'],
      "Too many arguments for 'show'. Expected 1 argument but got 2.",
      'See `registry show --help`.',
    ],
    [
      ['list', '--jsn'],
      "Unknown option '--jsn'.",
      '(Did you mean --json?) See `registry list --help`.',
    ],
    [
      ['publish', '--mcp'],
      "Option '--mcp <value>' argument missing.",
      'See `registry publish --help`.',
    ],
  ])('%j', async (args, message, next) => {
    expect(await refused(args, 2)).toBe(
      `error USAGE ${message}\n  next     ${next}\n  code     USAGE (exit 2)\n`,
    )
  })

  test.each([
    [['publish'], 'Say what to publish: files, or one MCP server.'],
    [['publish', '--mcp', 'a', '--mcp-url', 'b'], 'Publish one MCP server at a time.'],
    [
      ['publish', '--mcp', '"open'],
      'The command has a quote or a backslash without its other half.',
    ],
    [['publish', '--mcp-url', 'nowhere'], 'This is not the URL of an MCP server.'],
    [['log', '--from', 'one'], '--from takes the number of a log entry.'],
    [['key', 'burn'], 'Say what to do with which key.'],
    [['completion', 'tcsh'], 'There is no completion for that shell.'],
    [['init', '--passphrase'], 'A passphrase was wanted, but none was given.'],
    [['pull', 'io.github.bob/x', '--from', 'nonsense'], 'This is not the address of a node.'],
    [
      ['serve', '--listen', 'nonsense'],
      'An option of the command line is not good: listen[1] is not the address of a node.',
    ],
  ])('%j', async (args, message) => {
    expect(await refused(args, 2)).toContain(`error USAGE ${message}\n  expected `)
  })
})

describe('not found: 4', () => {
  test('no publisher yet', async () => {
    const file = await toolkit(HELLO)
    expect(await refused(['publish', file], 4, join(folder.path, 'nobody'))).toBe(
      [
        'error NOT_FOUND There is no publisher in this folder yet.',
        '  expected a publisher made by `registry init`',
        '  got      none',
        '  next     Run `registry init`.',
        '  code     KEY_MISSING (exit 4)',
        '',
      ].join('\n'),
    )
  })

  test.each([
    [['show', ABSENT]],
    [['verify', ABSENT]],
    [['verify', 'io.github.alice/hello@^2']],
    [['verify', 'io.github.alice/hello#nothing']],
    [['show', 'io.github.alice/other']],
    [['key', 'export', 'nothing']],
  ])('%j', async (args) => {
    await refused(args, 4)
  })
})

describe('mismatch: 10', () => {
  test('the same version with other content', async () => {
    const file = await toolkit({ ...HELLO, name: 'io.github.alice/hello', tools: [GREET] })
    expect(await refused(['publish', file], 10)).toContain(
      'error MISMATCH io.github.alice/hello@1.0.0 was released before with other content.\n',
    )
  })
})

describe('policy: 11', () => {
  test('a namespace nobody has pinned here', async () => {
    expect(await refused(['show', 'io.github.bob/x'], 11)).toBe(
      [
        'error POLICY No publisher is pinned to io.github.bob here.',
        '  expected a publisher id that you got from the publisher itself',
        '  got      no pin',
        '  next     Compare the id with the publisher’s own word, then add `--publisher ID`.',
        '  code     PUBLISHER_UNPINNED (exit 11)',
        '',
      ].join('\n'),
    )
  })

  test('a key that others can read', async () => {
    const own = join(folder.path, 'exposed')
    await registryJson(['init'], { home: own })
    const key = join(own, 'keys', 'signing.json')
    await chmod(key, 0o644)
    const text = [
      `error POLICY Others on this machine can reach the file ${key}.`,
      '  expected mode 600',
      '  got      mode 644',
      `  next     If nobody has used that, run: chmod 600 '${key}'`,
      '  code     KEY_PERMISSIONS (exit 11)',
      '',
    ].join('\n')
    expect(await refused(['publish', await toolkit(HELLO)], 11, own)).toBe(text)
    expect(await refused(['key', 'list'], 11, own)).toBe(text)
    const doctor = await registry(['doctor'], { home: own })
    expect(doctor.status).toBe(11)
    expect(doctor.stdout).toContain(
      `FAIL  keys   Others on this machine can reach the file ${key}.\n`,
    )
  })
})

describe('corrupt: 12', () => {
  test('flipped bytes anywhere in the store are found, and nothing is served from them', async () => {
    const own = join(folder.path, 'corrupt')
    await registryJson(['init'], { home: own })
    const many = Array.from({ length: 30 }, (_, i) => ({ ...GREET, name: `tool-${i}` }))
    await registryJson(['publish', await toolkit({ ...HELLO, tools: many })], { home: own })
    const databases = await findDatabases(join(own, 'store'))
    expect(databases.length).toBeGreaterThan(0)
    for (const path of databases) {
      const bytes = await readFile(path)
      for (let at = 200; at < bytes.length; at += 97)
        bytes.writeUInt8(bytes.readUInt8(at) ^ 0xff, at)
      await writeFile(path, bytes)
    }
    for (const args of [['verify'], ['doctor'], ['list'], ['publish', await toolkit(HELLO)]]) {
      const { status, stdout, stderr } = await registry(args, { home: own })
      // LevelDB reports some damage as a failure of the file: refused all the same, with another code.
      const isRefused = status === 12 || (status === 15 && stderr.includes('STORE_UNAVAILABLE'))
      expect({ args, status, text: stdout + stderr, isRefused }).toMatchObject({ isRefused: true })
      expect(stdout).not.toContain('VERIFIED')
    }
  })
})

async function findDatabases(folder: string): Promise<string[]> {
  const names = await readdir(folder, { recursive: true })
  return names.filter((name) => /\.(ldb|log)$/.test(name)).map((name) => join(folder, name))
}

describe('malformed: 13', () => {
  test('a key that occurs twice, with its line and path', async () => {
    const file = await toolkit('{\n  "name": "x",\n  "version": "1.0.0",\n  "name": "y"\n}\n')
    expect(await refused(['publish', file], 13)).toBe(
      [
        `error MALFORMED ${file}: This key occurs twice in one object.`,
        '  at       line 4, /name',
        '  expected each key once',
        '  got      "name" again',
        '  next     Correct it there, then publish again.',
        '  code     JSON_DUPLICATE_KEY (exit 13)',
        '',
      ].join('\n'),
    )
  })

  test('a name with capitals', async () => {
    const file = await toolkit({ ...HELLO, name: 'Hello' })
    expect(await refused(['publish', file], 13)).toBe(
      [
        `error MALFORMED ${file}: This is not a name: character 1 is "H", an upper-case letter.`,
        '  at       line 1, /name',
        '  expected a bare name such as weather, or namespace/name such as com.example/weather',
        '  got      "Hello"',
        '  next     Correct it there, then publish again.',
        '  code     NAME_INVALID (exit 13)',
        '',
      ].join('\n'),
    )
  })

  test.each([
    ['cut short', '{"name":"x",', 'This is not JSON.'],
    ['no JSON at all', 'hello', 'This is not JSON.'],
    ['a version with v', { ...HELLO, version: 'v1.0.0' }, 'This is not a version.'],
    ['a misspelt field', { ...HELLO, tols: [] }, 'The field "tols" is not known here.'],
    ['no tools', { ...HELLO, tools: [] }, 'This list is too short.'],
    ['two tools of one name', { ...HELLO, tools: [GREET, GREET] }, 'Two tools are named "greet".'],
    [
      'a tool name that is a path',
      { ...HELLO, tools: [{ ...GREET, name: '../greet' }] },
      'This is not a tool name: character 3 is "/".',
    ],
    [
      'a tool without a schema',
      { ...HELLO, tools: [{ name: 'greet' }] },
      'The field "inputSchema" is missing.',
    ],
    [
      'a schema that calls an address',
      { ...HELLO, tools: [{ ...GREET, inputSchema: { $ref: 'http://127.0.0.1/x' } }] },
      'This JSON Schema is not well formed.',
    ],
  ])('%s', async (_what, content, message) => {
    const file = await toolkit(content)
    const text = await refused(['publish', file], 13)
    expect(text).toContain(`error MALFORMED ${file}: ${message}\n  at       line 1, /`)
  })

  test.each([
    [
      ['show', 'QmYwAPJzv5CZsnA625s3Xf2nemtYgPpHdWEz79ojWKsAiu'],
      'This is not a CID this registry uses',
    ],
    [['pull', ABSENT.slice(0, -1), '--from', 'x'], 'This is not a CID this registry uses'],
    [['show', 'Hello'], 'This is not a name: character 1 is "H", an upper-case letter.'],
    [['verify', 'no/such.file'], 'There is no such file here. This is not a name: '],
    [['log', 'pabc'], 'This is not a publisher id.'],
    [['verify', 'io.github.alice/hello@>'], 'This is not a version range.'],
  ])('%j', async (args, message) => {
    expect(await refused(args, 13)).toContain(`error MALFORMED ${message}`)
  })
})

test('nothing to verify: 14', async () => {
  expect(await refused(['verify'], 14, join(folder.path, 'empty'))).toBe(
    [
      'error NOTHING_TO_VERIFY There is nothing here to verify.',
      '  expected at least one release in the store',
      '  got      none',
      '  next     Pull or publish one first, or name a file or CID.',
      '  code     NOTHING_TO_VERIFY (exit 14)',
      '',
    ].join('\n'),
  )
})

describe('unavailable: 15', () => {
  test('a file that is not there', async () => {
    expect(await refused(['publish', 'no-such.json'], 15)).toBe(
      [
        'error UNAVAILABLE The file no-such.json cannot be read.',
        '  expected a file that can be read',
        '  got      ENOENT',
        '  next     Check the path.',
        '  code     FILE_UNAVAILABLE (exit 15)',
        '',
      ].join('\n'),
    )
  })

  test('no peer to ask', async () => {
    expect(await refused(['pull', 'io.github.alice/other'], 15)).toContain(
      'error UNAVAILABLE There is no peer to ask.\n',
    )
  })

  test('an MCP server that cannot be started', async () => {
    expect(await refused(['publish', '--mcp', 'no-such-program-anywhere'], 15)).toBe(
      [
        'error UNAVAILABLE The MCP server did not list its tools.',
        '  expected an answer to initialize and tools/list',
        '  got      spawn no-such-program-anywhere ENOENT',
        '  next     Run the command by hand and see that it starts a server on its standard input and output.',
        '  code     SERVER_FAILED (exit 15)',
        '',
      ].join('\n'),
    )
  })
})
