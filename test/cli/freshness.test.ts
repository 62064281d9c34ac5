// registry pull and verify with witnesses: from a folder on a web server, whose checkpoint others have cosigned.

import { readFile, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { type FileServer, serveFiles } from '../support/file-server.ts'
import { registryHere } from '../support/in-process.ts'
import { makeFolder, type Ran, type TestFolder } from '../support/registry.ts'
import { cosigned, openWitness } from '../support/witness.ts'
import { HELLO, writeToolkit } from './toolkits.ts'

const DAY = 24 * 60 * 60_000
const ago = (days: number): Date => new Date(Math.floor(Date.now() / 1000) * 1000 - days * DAY)
const [w1, w2] = [openWitness('w1.example'), openWitness('w2.example')]
const WITNESSES = ['--witness', w1.vkey, '--witness', w2.vkey]

let folder: TestFolder
let server: FileServer
let name: string
let note: Buffer
let file: string
let homes = 0

const newHome = (): string => join(folder.path, `home-${homes++}`)
const here = (home: string, ...args: readonly string[]): Promise<Ran> =>
  registryHere(args, { home })

beforeAll(async () => {
  folder = await makeFolder()
  const alice = newHome()
  const { publisher } = JSON.parse((await here(alice, '--json', 'init')).stdout)
  await here(alice, 'publish', await writeToolkit(folder.path, HELLO))
  const root = join(folder.path, 'public')
  await here(alice, 'export', '--static', root)
  name = `${publisher}/hello`
  file = join(root, publisher, 'checkpoint')
  note = await readFile(file)
  server = await serveFiles(root)
})
afterAll(async () => {
  await server[Symbol.asyncDispose]()
  await folder[Symbol.asyncDispose]()
})

describe('t02-freeze', () => {
  test('t02-freeze: pull ends with 6, verify with 0 and a warning', async () => {
    const home = newHome()
    const time = ago(8)
    await writeFile(file, cosigned(note, [w1, time], [w2, time]))
    const pull = ['pull', name, '--from', server.url, ...WITNESSES]
    const stale = await here(home, ...pull)
    expect(stale).toMatchObject({ status: 6, stdout: '' })
    expect(stale.stderr).toContain(
      `error STALE What ${server.url} shows of this log: nothing says that this is still its newest state.\n  expected cosigned by 2 of 2 witnesses within the last 7 days\n`,
    )
    expect(stale.stderr).toContain(`  got      ${time.toISOString()}, 8 days ago\n`)
    expect(stale.stderr).toContain(
      '  next     Ask other peers as well: these may hide what came later. Check this machine’s clock, and that the witnesses are at work.\n  code     STALE (exit 6)\n',
    )
    expect((await here(home, 'list')).stdout).not.toContain(name)

    const pulled = await here(home, ...pull, '--max-age', '30d')
    expect(pulled.status).toBe(0)
    expect(pulled.stdout).toMatch(/^ {2}cosigned {3}\S+Z by w1\.example, w2\.example$/m)

    const held = await here(home, 'verify', ...WITNESSES)
    expect(held.status).toBe(0)
    expect(held.stdout).toContain('VERIFIED ')
    expect(held.stderr).toContain(`warning: ${name}@1.0.0 goes on here, but it is STALE: `)
    const strict = await here(home, 'verify', ...WITNESSES, '--require-fresh')
    expect(strict).toMatchObject({ status: 6, stdout: '' })
    expect(strict.stderr).toContain(`error STALE The log of ${name}@1.0.0: nothing says`)
    const fine = await here(home, 'verify', ...WITNESSES, '--require-fresh', '--max-age', '9d')
    expect(fine).toMatchObject({ status: 0, stderr: '' })
    const plain = await here(home, 'verify')
    expect(plain).toMatchObject({ status: 0, stderr: '' })
  })

  test('as JSON', async () => {
    const home = newHome()
    const time = ago(1)
    await writeFile(file, cosigned(note, [w1, time], [w2, ago(-1)]))
    const bare = await here(home, '--json', 'pull', name, '--from', server.url)
    expect(JSON.parse(bare.stdout)).not.toHaveProperty('cosigned')
    const args = ['--json', 'pull', name, '--from', server.url, ...WITNESSES, '--quorum', '1']
    const { cosigned: said, warnings } = JSON.parse((await here(home, ...args)).stdout)
    expect(said).toEqual({ time: time.toISOString(), by: ['w1.example'] })
    const clock = {
      kind: 'clock',
      name,
      version: '1.0.0',
      message: expect.stringMatching(
        /^The clock of the witness w2\.example, or of this machine, is wrong: its cosignature is 2\d hours ahead, and does not count\.$/,
      ),
    }
    expect(warnings).toEqual([clock])
    const asked = ['--json', 'verify', ...WITNESSES]
    const [result] = JSON.parse((await here(home, ...asked)).stdout).results
    expect(result).toMatchObject({ verdict: 'VERIFIED', warnings: [{ kind: 'stale' }, clock] })
    const strict = await here(home, ...asked, '--require-fresh')
    const [refused] = JSON.parse(strict.stdout).results
    expect(strict.status).toBe(6)
    expect(refused).toMatchObject({
      verdict: 'STALE',
      error: { code: 'STALE', got: '1 of them; 1 from the future' },
    })
  })
})

describe('words that ask for nothing', () => {
  test.each([
    [['pull', '--max-age', '7d'], '--witness beside --max-age'],
    [['pull', '--quorum', '2'], '--witness beside --quorum'],
    [['verify', '--quorum', '1', '--require-fresh'], '--witness beside --quorum, --require-fresh'],
  ])('%j', async ([verb = '', ...flags], expected) => {
    const { status, stderr } = await here(newHome(), verb, name, ...flags)
    expect(status).toBe(2)
    expect(stderr).toBe(
      [
        'error USAGE Only witnesses can say how old a state of a log is.',
        `  expected ${expected}`,
        '  got      no witness',
        '  next     Name those you trust: `--witness NAME+KEYID+KEY`, once for each.',
        '  code     USAGE (exit 2)',
        '',
      ].join('\n'),
    )
  })

  test.each([
    [
      ['--witness', 'w1'],
      13,
      'error MALFORMED This is not the key of a witness.\n  expected NAME+KEYID+BASE64\n',
    ],
    [
      [...WITNESSES, '--quorum', '3'],
      2,
      'error USAGE That many witnesses cannot be asked for.\n  expected a number from 1 to 2\n',
    ],
    [
      [...WITNESSES, '--max-age', 'week'],
      2,
      'error USAGE This is not an age.\n  expected a number and s, m, h or d, such as 7d\n',
    ],
    [[...WITNESSES, ...WITNESSES], 2, 'error USAGE Freshness needs witnesses to ask.\n'],
  ] as const)('%j', async (flags, status, text) => {
    const ran = await here(newHome(), 'verify', name, ...flags)
    expect(ran.status).toBe(status)
    expect(ran.stderr).toContain(text)
  })
})
