// registry alias, and bare words in the other verbs.

import { once } from 'node:events'
import { createServer } from 'node:net'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { registryHere } from '../support/in-process.ts'
import { makeFolder, type Ran, type TestFolder } from '../support/registry.ts'
import { HELLO, writeToolkit } from './toolkits.ts'

let folder: TestFolder
let home: string

beforeAll(async () => {
  folder = await makeFolder()
  home = join(folder.path, 'home')
  await registryHere(['init'], { home })
  const file = await writeToolkit(folder.path, { ...HELLO, name: 'com.example/hello' })
  await registryHere(['publish', file], { home })
})
afterAll(() => folder[Symbol.asyncDispose]())

const run = (...args: readonly string[]): Promise<Ran> => registryHere(args, { home })
const json = async (...args: readonly string[]) => JSON.parse((await run('--json', ...args)).stdout)

describe('add, list, remove', () => {
  test('in words', async () => {
    const none = await run('alias', 'list')
    expect(none).toEqual({
      status: 0,
      stdout: '',
      stderr: 'No aliases here yet. Next: `registry alias add WORD NAME`.\n',
    })
    const add = ['alias', 'add', 'hi', 'com.example/hello@^1']
    const added = 'hi stands for com.example/hello@^1'
    expect(await run(...add)).toEqual({ status: 0, stdout: `${added}\n`, stderr: '' })
    expect((await run(...add)).stdout).toBe(`${added} already\n`)
    expect((await run('alias', 'list')).stdout).toBe(`${'hi'.padEnd(16)} com.example/hello@^1\n`)
    expect((await run('alias', 'remove', 'hi')).stdout).toBe('hi stands for nothing any more\n')
    expect((await run('alias', 'remove', 'hi')).status).toBe(4)
  })

  test('with --json', async () => {
    const added = { word: 'hi', reference: 'com.example/hello', added: true, warnings: [] }
    expect(await json('alias', 'add', 'hi', 'com.example/hello')).toEqual(added)
    const again = await json('alias', 'add', 'hi', 'com.example/hello')
    expect(again).toEqual({ ...added, added: false })
    const aliases = [{ word: 'hi', reference: 'com.example/hello' }]
    expect(await json('alias', 'list')).toEqual({ aliases })
    expect(await json('alias', 'remove', 'hi')).toEqual({ word: 'hi', removed: true })
  })

  test('a name that looks like one that is here is warned of', async () => {
    const text =
      'com.examp1e looks like com.example, which is known here. Be sure that you mean it.'
    const added = await run('alias', 'add', 'odd', 'com.examp1e/hello')
    expect([added.status, added.stderr]).toEqual([0, `warning: ${text}\n`])
    const { warnings } = await json('alias', 'add', 'odd2', 'com.examp1e/hello')
    expect(warnings).toEqual([
      {
        kind: 'confusable',
        asked: 'com.examp1e',
        known: 'com.example',
        punycode: false,
        message: text,
      },
    ])
  })

  test.each([
    [[], 2],
    [['add'], 2],
    [['add', 'hi'], 2],
    [['list', 'hi'], 2],
    [['remove'], 2],
    [['remove', 'hi', 'com.example/hello'], 2],
    [['turn', 'hi'], 2],
    [['add', 'Hi', 'com.example/hello'], 13],
    [['add', `b${'a'.repeat(30)}`, 'com.example/hello'], 13],
    [['add', 'hi', 'hello'], 13],
    [['add', 'hi', 'com.example/hello#greet'], 13],
  ])('%j is refused', async (args, status) => {
    const ran = await run('alias', ...args)
    expect([ran.status, ran.stdout]).toEqual([status, ''])
    expect(ran.stderr).toMatch(/^ {2}next {5}\S/m)
  })
})

describe('a bare word', () => {
  test('is what its alias says, in show and verify', async () => {
    await run('alias', 'add', 'greetings', 'com.example/hello@^1')
    expect((await json('show', 'greetings')).name).toBe('com.example/hello')
    const { results } = await json('verify', 'greetings', 'greetings@1.0.0#greet')
    expect(results).toMatchObject([
      { target: 'greetings', verdict: 'VERIFIED', name: 'com.example/hello' },
      { target: 'greetings@1.0.0#greet', verdict: 'VERIFIED', tool: 'greet' },
    ])
  })

  test('without an alias is refused with candidates', async () => {
    const text = [
      'error NOT_FOUND hello stands for nothing here: a bare word is looked up among your own aliases only.',
      '  expected namespace/name, or a word among your own aliases',
      '  got      hello',
      '  next     Write the name you mean: com.example/hello. `registry alias add hello NAME` makes the word stand for it.',
      '  code     NOT_FOUND (exit 4)',
      '',
    ].join('\n')
    for (const verb of ['pull', 'show']) {
      expect(await run(verb, 'hello')).toEqual({ status: 4, stdout: '', stderr: text })
    }
    const { error } = await json('show', 'hello')
    expect(error).toMatchObject({ exit: 4, evidence: { candidates: ['com.example/hello'] } })
    const verified = await run('verify', 'hello')
    expect(verified.status).toBe(4)
    expect(verified.stderr).toContain(
      'error NOT_FOUND There is no such file here. hello stands for nothing here: ',
    )
  })

  test('t10-bare-words: pull reaches no peer for it', async () => {
    let dialled = 0
    const server = createServer((socket) => {
      dialled += 1
      socket.destroy()
    }).listen(0, '127.0.0.1')
    await once(server, 'listening')
    const { port } = server.address() as { port: number }
    const from = `/ip4/127.0.0.1/tcp/${port}/p2p/12D3KooWPjceQrSwdWXPyLLeABRXmuqt69Rg3sBYbU1Nft9HyQ6X`
    try {
      for (const word of ['nobody-knows', 'nobody-knows@^1', 'nobody-knows#x']) {
        expect((await run('pull', word, '--from', from)).status).toBe(4)
      }
      expect(dialled).toBe(0)
      // The same peer is reached for a name.
      expect((await run('pull', 'com.nobody/knows', '--from', from)).status).toBe(15)
      expect(dialled).toBeGreaterThan(0)
    } finally {
      server.close()
    }
  })
})
