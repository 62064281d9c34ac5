// Every verb that needs one home folder only: what it prints, what it answers with --json, how it ends.

import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import {
  type Answer,
  makeFolder,
  registry,
  registryJson,
  type TestFolder,
} from '../support/registry.ts'
import { HELLO, writeToolkit } from './toolkits.ts'

const CID = /^bafkrei[a-z2-7]{52}$/
const FINGERPRINT = /^SHA256:[A-Za-z0-9+/]{43}$/

let folder: TestFolder
let home: string
let publisher: string
let published: Answer

beforeAll(async () => {
  folder = await makeFolder()
  home = join(folder.path, 'home')
  publisher = (await registryJson(['init'], { home })).publisher
  const file = await writeToolkit(folder.path, HELLO)
  published = (await registryJson(['publish', file], { home })).releases[0]
})
afterAll(() => folder[Symbol.asyncDispose]())

describe('init', () => {
  test('makes a publisher, and says what comes next', async () => {
    const fresh = join(folder.path, 'fresh')
    const made = await registry(['init'], { home: fresh })
    expect(made.status).toBe(0)
    expect(made.stderr).toBe('')
    expect(made.stdout).toMatch(
      new RegExp(
        [
          '^Made publisher p[a-z2-7]{52}',
          '  log      ed25519     SHA256:\\S{43}',
          '  signing  ecdsa-p256  SHA256:\\S{43}',
          `Keys and store are in ${fresh}\\. Keep a backup of both\\.`,
          'Next: registry publish FILE, or registry publish --mcp "COMMAND"\n$',
        ].join('\n'),
      ),
    )
  })

  test('twice is once', async () => {
    const again = await registry(['init'], { home })
    expect(again.status).toBe(0)
    expect(again.stdout).toContain(`This folder has a publisher already: ${publisher}\n`)
    expect(await registryJson(['init'], { home })).toEqual({
      publisher,
      created: false,
      home,
      keys: [
        {
          name: 'log',
          type: 'ed25519',
          fingerprint: expect.stringMatching(FINGERPRINT),
          encrypted: false,
        },
        {
          name: 'signing',
          type: 'ecdsa-p256',
          fingerprint: expect.stringMatching(FINGERPRINT),
          encrypted: false,
        },
      ],
    })
  })

  test('takes its folder from TOOLMARK_HOME, else from XDG_DATA_HOME', async () => {
    const one = join(folder.path, 'one')
    expect((await registryJson(['init'], { env: { TOOLMARK_HOME: one } })).home).toBe(one)
    const data = join(folder.path, 'data')
    expect((await registryJson(['init'], { env: { XDG_DATA_HOME: data } })).home).toBe(
      join(data, 'toolmark'),
    )
  })
})

describe('publish', () => {
  test('answers what it published', () => {
    expect(published).toEqual({
      kind: 'published',
      publisher,
      name: `${publisher}/hello`,
      version: '1.0.0',
      release: expect.stringMatching(CID),
      statement: expect.stringMatching(CID),
      seq: 1,
      tools: [
        { name: 'greet', cid: expect.stringMatching(CID) },
        { name: 'part', cid: expect.stringMatching(CID) },
      ],
      warnings: [],
    })
  })

  test('the same again says that there is nothing to do', async () => {
    const file = await writeToolkit(folder.path, HELLO)
    const again = await registry(['publish', file], { home })
    expect(again).toEqual({
      status: 0,
      stderr: '',
      stdout: [
        `${publisher}/hello@1.0.0 is published already, with exactly this content: nothing to do.`,
        `  release    ${published.release}`,
        `  statement  ${published.statement}`,
        `  tool       ${published.tools[0].cid}  greet`,
        `  tool       ${published.tools[1].cid}  part`,
        '',
      ].join('\n'),
    })
    const { releases } = await registryJson(['publish', file], { home })
    expect(releases).toEqual([{ ...published, kind: 'unchanged' }])
  })

  test('the same version with other content is refused', async () => {
    const file = await writeToolkit(folder.path, { ...HELLO, description: 'Other.' })
    const refused = await registry(['publish', file], { home })
    expect(refused.status).toBe(10)
    expect(refused.stdout).toBe('')
    expect(refused.stderr.replace(/got .*/, 'got CID')).toBe(
      [
        `error MISMATCH ${publisher}/hello@1.0.0 was released before with other content.`,
        `  expected ${published.release}`,
        '  got CID',
        '  next     Raise the version: what a version names never changes.',
        '  code     VERSION_EXISTS (exit 10)',
        '',
      ].join('\n'),
    )
  })

  test('several files are one commit', async () => {
    const own = join(folder.path, 'several')
    await registryJson(['init'], { home: own })
    const files = await Promise.all(
      ['a', 'b', 'c'].map((name) => writeToolkit(folder.path, { ...HELLO, name })),
    )
    const text = await registry(['publish', ...files], { home: own })
    expect(text.status).toBe(0)
    expect(text.stdout.match(/^Published \S+@1\.0\.0 as entry \d of your log$/gm)).toHaveLength(3)
    const { entries } = await registryJson(['log'], { home: own })
    expect(entries.map(({ kind }: { kind: string }) => kind)).toEqual([
      'genesis',
      'release',
      'release',
      'release',
    ])
  })
})

describe('list', () => {
  test('one line a release', async () => {
    expect(await registry(['list'], { home })).toEqual({
      status: 0,
      stdout: `${publisher}/hello@1.0.0  published  ${publisher}\n`,
      stderr: '',
    })
    expect(await registryJson(['list'], { home })).toEqual({
      releases: [{ name: `${publisher}/hello`, version: '1.0.0', publisher, from: 'published' }],
    })
  })

  test('says where to begin when there is nothing', async () => {
    expect(await registry(['list'], { home: join(folder.path, 'empty') })).toEqual({
      status: 0,
      stdout: '',
      stderr:
        'Nothing here yet. Next: `registry publish FILE`, or `registry pull NAME --from MULTIADDR`.\n',
    })
  })
})

describe('show', () => {
  test('a release by name', async () => {
    const { status, stdout } = await registry(['show', `${publisher}/hello@^1`], { home })
    expect(status).toBe(0)
    expect(stdout).toBe(
      [
        `${publisher}/hello@1.0.0  Hello`,
        '  Greets people.',
        `  publisher  ${publisher}`,
        `  release    ${published.release}`,
        '  log        entry 1 of 2',
        '  versions   1.0.0',
        `  tool       ${published.tools[0].cid}  greet`,
        '             Greets a person by name.',
        `  tool       ${published.tools[1].cid}  part`,
        '             Says good-bye.',
        '',
      ].join('\n'),
    )
  })

  test('a release with --json', async () => {
    const shown = await registryJson(['show', `${publisher}/hello`], { home })
    expect(shown).toEqual({
      name: `${publisher}/hello`,
      version: '1.0.0',
      versions: ['1.0.0'],
      publisher,
      cid: published.release,
      statement: published.statement,
      log: { index: 1, size: 2 },
      release: expect.objectContaining({ kind: 'release/v1', name: `${publisher}/hello` }),
      tools: [
        {
          name: 'greet',
          cid: published.tools[0].cid,
          surface: expect.stringMatching(/^sha256-[0-9a-f]{64}$/),
          tool: { kind: 'tool/v1', ...HELLO.tools[0] },
        },
        expect.objectContaining({ name: 'part' }),
      ],
      warnings: [],
    })
  })

  test('one tool, and a block by its CID', async () => {
    const tool = await registry(['show', `${publisher}/hello#greet`], { home })
    expect(JSON.parse(tool.stdout)).toEqual({ kind: 'tool/v1', ...HELLO.tools[0] })
    const cid = published.tools[0].cid
    const block = await registry(['show', cid], { home })
    expect(block.stdout).toBe(tool.stdout)
    expect(await registryJson(['show', cid], { home })).toEqual({
      cid,
      bytes: expect.any(Number),
      block: { kind: 'tool/v1', ...HELLO.tools[0] },
    })
  })
})

describe('verify', () => {
  test('everything, a name, a tool, a CID', async () => {
    const targets = [
      [],
      [`${publisher}/hello`],
      [`${publisher}/hello@1.0.0#greet`],
      [published.release],
    ]
    for (const target of targets) {
      const { status, stdout } = await registry(['verify', ...target], { home })
      expect(status).toBe(0)
      expect(stdout).toBe(
        [
          `VERIFIED ${target[0] ?? `${publisher}/hello@1.0.0`}`,
          `  is         ${publisher}/hello@1.0.0${target[0]?.includes('#') ? '#greet' : ''}`,
          `  publisher  ${publisher}`,
          '  log        entry 1 of 2',
          '',
        ].join('\n'),
      )
    }
  })

  test('with --json', async () => {
    const { results } = await registryJson(['verify', `${publisher}/hello#greet`], { home })
    expect(results).toEqual([
      {
        target: `${publisher}/hello#greet`,
        verdict: 'VERIFIED',
        cid: published.tools[0].cid,
        tool: 'greet',
        name: `${publisher}/hello`,
        version: '1.0.0',
        publisher,
        release: published.release,
        statement: published.statement,
        log: { index: 1, size: 2 },
        warnings: [],
      },
    ])
  })
})

describe('log', () => {
  test('every entry, and a part of it', async () => {
    const { stdout } = await registry(['log'], { home })
    expect(stdout).toMatch(
      new RegExp(
        `^     0  genesis   bafkrei[a-z2-7]{52}\n     1  release   ${published.statement}  ${publisher}/hello@1\\.0\\.0\n$`,
      ),
    )
    const part = await registryJson(['log', publisher, '--from', '1', '--to', '2'], { home })
    expect(part).toEqual({
      publisher,
      entries: [
        {
          seq: 1,
          kind: 'release',
          statement: published.statement,
          subject: published.release,
          name: `${publisher}/hello`,
          version: '1.0.0',
        },
      ],
    })
  })
})

describe('key', () => {
  test('list', async () => {
    const { stdout } = await registry(['key', 'list'], { home })
    expect(stdout).toMatch(
      /^log {8}ed25519 {5}SHA256:\S{43}\nsigning {4}ecdsa-p256 {2}SHA256:\S{43}\n$/,
    )
  })

  test('export gives the public key, and the secret one only when told to', async () => {
    const text = await registry(['key', 'export', 'signing'], { home })
    expect(text.stdout).toMatch(/^-----BEGIN PUBLIC KEY-----\n[\s\S]+\n-----END PUBLIC KEY-----\n$/)
    expect(text.stdout).not.toContain('PRIVATE')
    const { name, text: secret } = await registryJson(['key', 'export', 'signing', '--secret'], {
      home,
    })
    expect(name).toBe('signing')
    expect(secret).toContain('PRIVATE KEY')
  })

  test('a backup comes back under any free name', async () => {
    const { text } = await registryJson(['key', 'export', 'signing', '--secret'], { home })
    const backup = await writeToolkit(folder.path, text)
    const other = join(folder.path, 'restored')
    const { keys } = await registryJson(['key', 'import', 'signing', backup], { home: other })
    const [, original] = (await registryJson(['key', 'list'], { home })).keys
    expect(keys).toEqual([original])
    const twice = await registry(['key', 'import', 'signing', backup], { home: other })
    expect(twice.status).toBe(15)
    expect(twice.stderr).toContain('code     FILE_EXISTS (exit 15)')
  })
})

describe('doctor', () => {
  test('finds nothing wrong', async () => {
    const { status, stdout } = await registry(['doctor'], { home })
    expect(status).toBe(0)
    expect(stdout).toMatch(
      new RegExp(
        [
          '^ok    store  \\d+ blocks and \\d+ records read, all intact',
          'ok    log    2 entries replay to root [0-9a-f]{64}',
          'ok    keys   log, signing: readable by their owner only',
          'ok    clock  \\S+Z\n$',
        ].join('\n'),
      ),
    )
    const { ok, checks } = await registryJson(['doctor'], { home })
    expect(ok).toBe(true)
    expect(checks.map(({ check }: { check: string }) => check)).toEqual([
      'store',
      'log',
      'keys',
      'clock',
    ])
    expect(Object.keys(checks[0])).toEqual(['check', 'ok', 'detail'])
  })
})

test('--version is that of the package', async () => {
  const manifest = await readFile(join(import.meta.dirname, '..', '..', 'package.json'), 'utf8')
  const { stdout } = await registry(['--version'])
  expect(stdout).toBe(`${JSON.parse(manifest).version}\n`)
})
