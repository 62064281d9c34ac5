// registry witness, and a publish that has itself cosigned: from two home folders, over HTTP, to a third that demands the cosignature.

import { readFile, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { openHttp, serveWitness } from '../../src/http/index.ts'
import { parseWitness } from '../../src/log/index.ts'
import { homeAt } from '../../src/node/home.ts'
import { openWorkspace } from '../../src/node/workspace.ts'
import { createWitness } from '../../src/registry/index.ts'
import { localSource } from '../../src/resolve/index.ts'
import { openMemoryStore } from '../../src/store/index.ts'
import { openLibp2pNetwork, serveSource } from '../../src/sync/index.ts'
import { createSigner } from '../log/helpers.ts'
import { registryHere } from '../support/in-process.ts'
import { makeFolder, type Ran, type TestFolder } from '../support/registry.ts'
import { openWitness } from '../support/witness.ts'
import { HELLO, writeToolkit } from './toolkits.ts'

let folder: TestFolder
let home: string
beforeAll(async () => {
  folder = await makeFolder()
  home = join(folder.path, 'alice')
})
afterAll(() => folder[Symbol.asyncDispose]())

const run = (...args: readonly string[]): Promise<Ran> => registryHere(args, { home })
const json = async (...args: readonly string[]) => JSON.parse((await run('--json', ...args)).stdout)

describe('list, add, remove', () => {
  const [a, b] = [openWitness('witness.example/a'), openWitness('witness.example/b')]

  test('in words', async () => {
    const none = 'No witnesses here yet. Next: `registry witness add VKEY [--url URL]`.\n'
    expect((await run('witness', 'list')).stderr).toBe(none)
    const added = await run('witness', 'add', a.vkey)
    expect(added.stdout).toBe('witness.example/a is a witness here: its word is kept\n')
    const url = ['--url', 'https://witness.example/prefix/']
    const asked = 'publishing asks it at https://witness.example/prefix'
    const put = ['witness', 'add', b.vkey, ...url]
    expect((await run(...put)).stdout).toBe(`witness.example/b is a witness here: ${asked}\n`)
    expect((await run(...put)).stdout).toBe(
      `witness.example/b is a witness here already: ${asked}\n`,
    )
    expect((await run('witness', 'list')).stdout).toBe(
      `witness.example/a\n  ${a.vkey}\nwitness.example/b  asked at https://witness.example/prefix\n  ${b.vkey}\n`,
    )
    const gone = await run('witness', 'remove', 'witness.example/a')
    expect(gone.stdout).toBe('witness.example/a is no witness here any more\n')
    expect((await run('witness', 'remove', b.vkey)).status).toBe(0)
  })

  test('with --json', async () => {
    const shown = { name: a.name, vkey: a.vkey, url: null }
    expect(await json('witness', 'add', a.vkey)).toEqual({ ...shown, added: true })
    expect(await json('witness', 'add', a.vkey)).toEqual({ ...shown, added: false })
    expect(await json('witness', 'list')).toEqual({ witnesses: [shown] })
    const removed = { name: a.name, vkey: a.vkey, removed: true }
    expect(await json('witness', 'remove', a.name)).toEqual(removed)
  })

  test.each<[string[], number, string]>([
    [['turn'], 2, 'list, add VKEY, remove NAME, or show'],
    [['add'], 2, 'list, add VKEY, remove NAME, or show'],
    [['list', 'x'], 2, 'list, add VKEY, remove NAME, or show'],
    [['add', 'x'], 13, 'NAME+KEYID+BASE64'],
    [
      ['add', a.vkey, '--url', 'http://witness.example'],
      2,
      'https://HOST/PATH, or http:// on this machine',
    ],
    [
      ['add', a.vkey, '--url', 'https://u:p@witness.example'],
      2,
      'https://HOST/PATH, or http:// on this machine',
    ],
    [['remove', 'nobody'], 4, 'a witness that was added'],
  ])('%j is refused', async (args, status, expected) => {
    const ran = await run('witness', ...args)
    expect([ran.status, ran.stdout]).toEqual([status, ''])
    expect(ran.stderr).toContain(`  expected ${expected}`)
    expect(ran.stderr).toMatch(/^ {2}next {5}\S/m)
  })
})

describe('show', () => {
  test('the key of this node, under its peer id', async () => {
    const shown = await json('witness', 'show')
    const key = await readFile(join(home, 'node.key'))
    await using network = await openLibp2pNetwork({ listen: [], privateKey: key })
    expect(shown).toMatchObject({
      name: `toolmark.node/${network.peerId}`,
      enabled: false,
      listen: null,
    })
    expect(parseWitness(shown.vkey).name).toBe(shown.name)
    const words = await run('witness', 'show')
    expect(words.stdout).toBe(`${shown.vkey}\n`)
    expect(words.stderr).toContain('This node cosigns nothing until')
  })

  test('under the name that its configuration gives', async () => {
    const config =
      '[witness]\nenabled = true\nname = "witness.example/w1"\nlisten = "127.0.0.1:8080"\n'
    const file = join(folder.path, 'node.toml')
    await writeFile(file, config)
    const shown = await json('witness', 'show', '--config', file)
    expect(shown).toMatchObject({
      name: 'witness.example/w1',
      enabled: true,
      listen: '127.0.0.1:8080',
    })
  })
})

test('a publish has itself cosigned; who demands it, gets it', async () => {
  const cosigner = { name: 'witness.example/w1', signer: createSigner('ed25519') }
  const { publisher } = await json('init')
  const { stdout: pem } = await run('key', 'export', 'log')
  const raw = Buffer.from(pem.replace(/-----.*-----|\n/g, ''), 'base64').subarray(-32)
  const origin = `toolmark/${publisher}`
  const { createHash } = await import('node:crypto')
  const bytes = Buffer.concat([Buffer.of(1), raw])
  const id = createHash('sha256').update(`${origin}\n`).update(bytes).digest('hex').slice(0, 8)
  const logs = [`${origin}+${id}+${bytes.toString('base64')}`]
  const witness = createWitness(openMemoryStore(), cosigner, { now: () => new Date(), logs })
  await using server = await serveWitness('127.0.0.1:0', witness)
  await using broken = await openHttp('127.0.0.1:0', async () => ({ status: 404 }))
  await json('witness', 'add', witness.vkey, '--url', server.url)
  const other = openWitness('witness.example/w2')
  await json('witness', 'add', other.vkey, '--url', broken.url)
  const file = await writeToolkit(folder.path, HELLO)
  const { releases, cosigned } = await json('publish', file)
  const message = `The witness at ${broken.url} did not cosign: it does not witness this log.`
  expect(cosigned).toEqual([
    { name: cosigner.name, url: server.url, error: null },
    { name: other.name, url: broken.url, error: { code: 'PEER_MISBEHAVED', message } },
  ])
  const again = await run('publish', file)
  expect([again.status, again.stderr]).toEqual([0, `warning: ${message}\n`])
  expect(again.stdout).toMatch(/^ {2}cosigned {3}witness\.example\/w1$/m)
  await using workspace = await openWorkspace(homeAt(home, {}))
  await using node = await openLibp2pNetwork({ listen: ['/ip4/127.0.0.1/tcp/0'] })
  node.handle((channel) => serveSource(channel, localSource(workspace.store)))
  const bob = { home: join(folder.path, 'bob') }
  const from = ['--from', String(node.addresses[0]), '--publisher', publisher]
  const { name } = releases[0]
  const good = await registryHere(['pull', name, ...from, '--witness', witness.vkey], bob)
  expect([good.status, good.stderr]).toEqual([0, expect.any(String)])
  expect(good.stdout).toMatch(/^ {2}cosigned {3}\S+Z by witness\.example\/w1$/m)
  const carol = { home: join(folder.path, 'carol') }
  const bad = await registryHere(['pull', name, ...from, '--witness', other.vkey], carol)
  expect(bad.status).toBe(6)
})
