// Keys under a passphrase that comes from TOOLMARK_PASSPHRASE.

import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { makeFolder, registry, registryJson, type TestFolder } from '../support/registry.ts'
import { HELLO, writeToolkit } from './toolkits.ts'

const env = { TOOLMARK_PASSPHRASE: 'correct horse' }

let folder: TestFolder
let home: string
let file: string

beforeAll(async () => {
  folder = await makeFolder()
  home = join(folder.path, 'home')
  file = await writeToolkit(folder.path, HELLO)
  await registryJson(['init', '--passphrase'], { home, env })
})
afterAll(() => folder[Symbol.asyncDispose]())

test('both keys are locked on disk, and listed as such', async () => {
  for (const name of ['signing', 'log']) {
    const text = await readFile(join(home, 'keys', `${name}.json`), 'utf8')
    expect(text).toContain('BEGIN ENCRYPTED PRIVATE KEY')
    expect(text).not.toContain('BEGIN PRIVATE KEY')
    expect(text).not.toContain('correct horse')
  }
  const { stdout } = await registry(['key', 'list'], { home })
  expect(stdout.match(/ {2}\(passphrase\)$/gm)).toHaveLength(2)
})

test('without one nothing is signed', async () => {
  const locked = (got: string): string =>
    [
      'error POLICY This secret key needs its passphrase.',
      '  expected the passphrase it was locked with',
      `  got      ${got}`,
      '  next     Set TOOLMARK_PASSPHRASE, or run the command on a terminal and answer the question.',
      '  code     KEY_LOCKED (exit 11)',
      '',
    ].join('\n')
  const none = await registry(['publish', file], { home })
  expect(none).toEqual({ status: 11, stdout: '', stderr: locked('none') })
  const wrong = await registry(['publish', file], { home, env: { TOOLMARK_PASSPHRASE: 'wrong' } })
  expect(wrong).toEqual({
    status: 11,
    stdout: '',
    stderr: locked('another one, or the file is damaged'),
  })
  expect((await registryJson(['list'], { home })).releases).toEqual([])
})

test('with it, everything is as without a passphrase', async () => {
  const { releases } = await registryJson(['publish', file], { home, env })
  expect(releases[0].kind).toBe('published')
  expect((await registryJson(['verify'], { home })).results[0].verdict).toBe('VERIFIED')
})

test('an empty one is none', async () => {
  const empty = { TOOLMARK_PASSPHRASE: '' }
  const made = await registry(['init', '--passphrase'], {
    home: join(folder.path, 'x'),
    env: empty,
  })
  expect(made.status).toBe(2)
})
