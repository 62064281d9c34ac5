// registry trust refresh-roots and roots: from a file, and from a real TUF repository on loopback. Nothing is fetched unless it is asked for.

import { createHash } from 'node:crypto'
import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest'
import { STAGING_ROOT } from '../../src/trust/sigstore/root/staging-root.ts'
import { registryHere } from '../support/in-process.ts'
import { startTuf, type TufRepository } from '../support/tuf.ts'

const hex = (text: string) => createHash('sha256').update(text).digest('hex')
const OTHER_ROOT = JSON.stringify(JSON.parse(STAGING_ROOT))
const ISSUER = 'https://id.corp.example'
const SHIPPED = '6494e21ea73fa7ee769f85f57d5a3e6a08725eae1e38c755fc3517c9e6bc0b66'

let folder: string
let home: string
let file: string
let tuf: TufRepository

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'toolmark-roots-'))
  file = join(folder, 'root.json')
  await writeFile(file, STAGING_ROOT)
  tuf = await startTuf(folder, OTHER_ROOT)
})

afterAll(async () => {
  await tuf[Symbol.asyncDispose]()
  await rm(folder, { recursive: true })
})

beforeEach(async () => {
  home = await mkdtemp(join(folder, 'home-'))
})

async function trust(...args: readonly string[]) {
  const { status, stdout, stderr } = await registryHere(['trust', ...args, '--json'], { home })
  expect(stderr).toBe('')
  const answer = JSON.parse(stdout)
  return { status, answer, error: answer.error }
}

const fromFile = ['refresh-roots', '--from', '']
const add = (name: string, ...issuers: readonly string[]) =>
  trust(...fromFile.with(2, file), '--name', name, ...issuers.flatMap((url) => ['--issuer', url]))

describe('from a file', () => {
  test('a private root speaks for the issuers that it names', async () => {
    const { status, answer } = await add('corp', ISSUER)
    const root = { name: 'corp', digest: hex(STAGING_ROOT), issuers: [ISSUER] }
    expect(status).toBe(0)
    expect(answer).toEqual({ ...root, since: expect.any(String), old: null })
    const listed = (await trust('roots')).answer.roots
    expect(listed).toEqual([
      { name: 'public-good', digest: SHIPPED, since: null, ageHours: null, issuers: null },
      { ...root, since: answer.since, ageHours: 0 },
    ])
  })

  test('a newer one replaces it, and says which it was', async () => {
    await add('corp', ISSUER)
    await writeFile(join(folder, 'newer.json'), OTHER_ROOT)
    const path = join(folder, 'newer.json')
    const { answer } = await trust(
      'refresh-roots',
      '--from',
      path,
      '--name',
      'corp',
      '--issuer',
      ISSUER,
    )
    expect(answer).toMatchObject({ digest: hex(OTHER_ROOT), old: hex(STAGING_ROOT) })
  })

  test('removed, it is gone', async () => {
    await add('corp', ISSUER)
    expect((await trust('roots', 'remove', 'corp')).answer).toEqual({ name: 'corp', removed: true })
    expect((await trust('roots')).answer.roots).toHaveLength(1)
    expect((await trust('roots', 'remove', 'corp')).error).toMatchObject({
      code: 'NOT_FOUND',
      message: 'There is no trusted root corp here.',
      expected: 'a root that was added',
      next: 'See `registry trust roots`. The one that ships with this program cannot be removed.',
    })
  })

  test('two roots never speak for one issuer', async () => {
    await add('corp', ISSUER)
    const { status, error } = await add('other', 'https://x.example', ISSUER)
    expect(status).toBe(2)
    expect(error).toMatchObject({
      message: 'Another trusted root speaks for this issuer already.',
      got: `${ISSUER}, named by corp`,
      next: 'Remove that one first: `registry trust roots remove corp`.',
    })
  })

  test.each([
    ['no name', ['--from', 'x'], '--name NAME with --from FILE'],
    [
      'no issuer',
      ['--from', 'FILE', '--name', 'corp'],
      'a name of a-z, 0-9, `.` and `-`, and at least one issuer',
    ],
    [
      'an issuer for the public-good root',
      ['--from', 'FILE', '--name', 'public-good', '--issuer', ISSUER],
      '--issuer only with the --name of a private instance',
    ],
  ])('refused: %s', async (_, words, expected) => {
    const args = words.map((word) => (word === 'FILE' ? file : word))
    expect((await trust('refresh-roots', ...args)).error).toMatchObject({ code: 'USAGE', expected })
  })

  test('a file that is no trusted root changes nothing', async () => {
    const bad = join(folder, 'bad.json')
    await writeFile(bad, '{"mediaType":"x"}')
    const args = ['refresh-roots', '--from', bad, '--name', 'corp', '--issuer', ISSUER]
    expect((await trust(...args)).error).toMatchObject({ code: 'ROOT_INVALID' })
    expect((await trust('roots')).answer.roots).toHaveLength(1)
  })
})

describe('over TUF', () => {
  const from = (site: string) => [
    'refresh-roots',
    '--mirror',
    `${tuf.url}/${site}`,
    '--tuf-root',
    tuf.rootFile,
  ]

  test('the public-good root is refreshed', async () => {
    const { status, answer } = await trust(...from('good'))
    expect(status).toBe(0)
    expect(answer).toMatchObject({ name: 'public-good', digest: hex(OTHER_ROOT), old: SHIPPED })
    expect((await trust('roots')).answer.roots).toMatchObject([
      { name: 'public-good', digest: hex(OTHER_ROOT), ageHours: 0, issuers: null },
    ])
    expect((await trust(...from('good'))).answer.old).toBe(hex(OTHER_ROOT))
  })

  test('so is that of a private instance', async () => {
    const { answer } = await trust(...from('good'), '--name', 'corp', '--issuer', ISSUER)
    expect(answer).toMatchObject({ name: 'corp', digest: hex(OTHER_ROOT), issuers: [ISSUER] })
  })

  test.each(['swapped', 'foreign', 'absent'])('refused: a repository that is %s', async (site) => {
    const { status, error } = await trust(...from(site))
    expect(status).toBe(15)
    expect(error).toMatchObject({
      code: 'SERVER_FAILED',
      message: 'The trusted root could not be refreshed.',
      expected: `signed TUF metadata and trusted_root.json from ${tuf.url}/${site}`,
    })
    expect(error.got).not.toBe('')
    expect((await trust('roots')).answer.roots).toMatchObject([{ digest: SHIPPED, since: null }])
  })

  test('another mirror does not vouch for itself', async () => {
    const { error } = await trust('refresh-roots', '--mirror', `${tuf.url}/good`)
    expect(error).toMatchObject({
      code: 'USAGE',
      expected: '--tuf-root FILE, from whoever runs the instance',
    })
  })

  test('nothing but the command asks', async () => {
    await trust(...from('good'))
    const before = await tuf.asked()
    await trust('roots')
    await trust('check')
    expect(await tuf.asked()).toBe(before + 1)
  })
})
