// A publisher exports a log; a web server serves the folder; somebody else pulls from it, over HTTPS too, and needs no node.

import { readdir } from 'node:fs/promises'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { makeCertificate } from '../support/certificates.ts'
import { type FileServer, serveFiles } from '../support/file-server.ts'
import {
  type Answer,
  makeFolder,
  registry,
  registryJson,
  type TestFolder,
} from '../support/registry.ts'
import { HELLO, writeToolkit } from './toolkits.ts'

let folder: TestFolder
let alice: string
let root: string
let publisher: string
let hello: Answer
let server: FileServer

beforeAll(async () => {
  folder = await makeFolder()
  alice = join(folder.path, 'alice')
  root = join(folder.path, 'public')
  publisher = (await registryJson(['init'], { home: alice })).publisher
  const file = await writeToolkit(folder.path, HELLO)
  hello = (await registryJson(['publish', file], { home: alice })).releases[0]
  server = await serveFiles(root)
})

afterAll(async () => {
  await server[Symbol.asyncDispose]()
  await folder[Symbol.asyncDispose]()
})

const homeOf = (name: string): string => join(folder.path, name)

describe('export', () => {
  test('says what it wrote, and then that there is nothing to do', async () => {
    const args = ['export', '--static', root]
    const first = await registry(args, { home: alice })
    expect(first).toEqual({
      status: 0,
      stderr: '',
      stdout: expect.stringMatching(
        new RegExp(
          `^Wrote \\d+ files \\(\\d+ bytes\\) to ${root}\n  publisher  ${publisher}\n  log        2 entries\nServe the folder over HTTPS; pull with .--from https://HOST/PATH.\\.\n$`,
        ),
      ),
    })
    expect((await readdir(root)).sort()).toEqual(['block', publisher].sort())
    const again = await registry([...args, publisher], { home: alice })
    expect(again.stdout.split('\n')[0]).toBe(`Nothing to do: ${root} is up to date.`)
    expect(await registryJson(args, { home: alice })).toEqual({
      publisher,
      folder: root,
      log: { size: 2, root: expect.stringMatching(/^[0-9a-f]{64}$/) },
      written: { files: 0, bytes: 0 },
      missing: [],
      withdrawn: [],
    })
  })

  test('without a folder', async () => {
    const refused = await registry(['export'], { home: alice })
    expect(refused).toEqual({
      status: 2,
      stdout: '',
      stderr: [
        'error USAGE Where to export to is not said.',
        '  expected --static DIR',
        '  got      no folder',
        '  next     See `registry export --help`.',
        '  code     USAGE (exit 2)',
        '',
      ].join('\n'),
    })
  })

  test('without a log', async () => {
    const none = await registry(['export', '--static', homeOf('x')], { home: homeOf('none') })
    expect(none.status).toBe(4)
    expect(none.stderr).toContain('code     KEY_MISSING (exit 4)')
    const other = await registry(['export', '--static', homeOf('x'), publisher], {
      home: homeOf('none'),
    })
    expect(other.status).toBe(4)
    expect(other.stderr).toContain('error NOT_FOUND This node does not hold that publisher’s log.')
  })
})

describe('pull from files', () => {
  test('over HTTP on this machine; the address is remembered, and doctor finds it', async () => {
    const home = homeOf('http')
    const pulled = await registryJson(['pull', hello.name, '--from', server.url], { home })
    expect(pulled).toMatchObject({
      verdict: 'VERIFIED',
      release: hello.release,
      statement: hello.statement,
      log: { index: 1, size: 2 },
      from: server.url,
      fetched: 3,
      refused: [],
    })
    expect(await registryJson(['pull', hello.name], { home })).toEqual({ ...pulled, fetched: 0 })
    expect((await registryJson(['verify'], { home })).results[0].verdict).toBe('VERIFIED')
    const { checks } = await registryJson(['doctor'], { home })
    expect(checks.at(-1)).toMatchObject({ check: 'peer', ok: true })
  })

  test('a block by its CID, with or without a slash at the end of the address', async () => {
    const { cid } = hello.tools[0]
    for (const [i, from] of [server.url, server.url.slice(0, -1)].entries()) {
      const home = homeOf(`cid-${i}`)
      const answer = await registryJson(['pull', cid, '--from', from], { home })
      expect(answer).toMatchObject({ verdict: 'UNSIGNED', cid, from: server.url, fetched: 1 })
    }
  })

  test('over HTTPS, with an authority of one’s own, and not without', async () => {
    const tls = makeCertificate(folder.path)
    await using secure = await serveFiles(root, tls)
    const args = ['pull', hello.name, '--from', secure.url]
    const pulled = await registryJson(args, {
      home: homeOf('https'),
      env: { NODE_EXTRA_CA_CERTS: tls.authority },
    })
    expect(pulled).toMatchObject({ verdict: 'VERIFIED', from: secure.url, fetched: 3 })
    const stranger = await registry(args, { home: homeOf('stranger') })
    expect(stranger).toEqual({
      status: 15,
      stdout: '',
      stderr: [
        `error UNAVAILABLE ${secure.url}${publisher}/checkpoint cannot be read: unable to verify the first certificate (UNABLE_TO_VERIFY_LEAF_SIGNATURE).`,
        '  next     Check the address. For a certificate authority of your own, set NODE_EXTRA_CA_CERTS.',
        '  code     PEER_UNAVAILABLE (exit 15)',
        '',
      ].join('\n'),
    })
  })

  test('over HTTP from elsewhere: refused, with the reason', async () => {
    const refused = await registry(['pull', hello.name, '--from', 'http://tools.example/public'], {
      home: homeOf('plain'),
    })
    expect(refused).toEqual({
      status: 2,
      stdout: '',
      stderr: [
        'error USAGE A static log is read over HTTPS: without it, anyone on the way sees which tools you pull and can hold back newer ones.',
        '  expected https://HOST/PATH, or http:// on this machine (localhost, 127.0.0.1, [::1])',
        '  got      "http://tools.example/public"',
        '  next     Name the folder that `registry export --static` wrote, as it is served: `--from https://HOST/PATH`.',
        '  code     USAGE (exit 2)',
        '',
      ].join('\n'),
    })
  })

  test('from a folder without this publisher', async () => {
    const stranger = (await registryJson(['init'], { home: homeOf('bob') })).publisher
    const missing = await registry(['pull', `${stranger}/hello`, '--from', server.url], {
      home: homeOf('missing'),
    })
    expect(missing.status).toBe(4)
    expect(missing.stderr).toBe(
      [
        `error NOT_FOUND There is no file at ${server.url}${stranger}/checkpoint.`,
        '  expected HTTP 200',
        '  got      HTTP 404',
        '  next     Check the address: it is that of the folder which `registry export --static` wrote. Or ask another peer.',
        '  code     NOT_FOUND (exit 4)',
        '',
      ].join('\n'),
    )
  })

  test('after a server that is down', async () => {
    const down = 'http://127.0.0.1:9'
    const args = ['pull', hello.name, '--from', down, '--from', server.url]
    const pulled = await registryJson(args, { home: homeOf('down') })
    expect(pulled.from).toBe(server.url)
    expect(pulled.refused).toEqual([
      { from: down, code: 'PEER_UNAVAILABLE', message: expect.stringContaining(`${down}/`) },
    ])
  })
})
