// One node serves, another pulls, verifies and writes files that other programs check; each as its own process and home.

import { execFile } from 'node:child_process'
import { createHash } from 'node:crypto'
import { readdir, readFile, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { promisify } from 'node:util'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { digestOf, parseCid } from '../../src/cid/index.ts'
import { toHex } from '../../src/lib/index.ts'
import {
  type Answer,
  makeFolder,
  type RunningNode,
  registry,
  registryJson,
  startNode,
  type TestFolder,
} from '../support/registry.ts'
import { HELLO, writeToolkit } from './toolkits.ts'

let folder: TestFolder
let alice: string
let node: RunningNode
let address: string
let publisher: string
let hello: Answer
let claimed: Answer

beforeAll(async () => {
  folder = await makeFolder()
  alice = join(folder.path, 'alice')
  publisher = (await registryJson(['init'], { home: alice })).publisher
  const files = [
    await writeToolkit(folder.path, HELLO),
    await writeToolkit(folder.path, { ...HELLO, name: 'io.github.alice/hello' }),
  ]
  const { releases } = await registryJson(['publish', ...files], { home: alice })
  hello = releases[0]
  claimed = releases[1]
  node = await startNode({ home: alice })
  address = String(node.addresses[0])
})

afterAll(async () => {
  await node[Symbol.asyncDispose]()
  await folder[Symbol.asyncDispose]()
})

const homeOf = (name: string): string => join(folder.path, name)
const sha256 = (bytes: Uint8Array): string => createHash('sha256').update(bytes).digest('hex')

test('serve answers its addresses, all with its peer id', () => {
  expect(node.peerId).toMatch(/^12D3KooW\w{44}$/)
  expect(node.addresses.length).toBeGreaterThan(0)
  for (const each of node.addresses) expect(each).toContain(`/p2p/${node.peerId}`)
})

describe('pull by name', () => {
  test('says what was proven, from whom it came, and what it wrote', async () => {
    const out = homeOf('text-out')
    const pulled = await registry(['pull', hello.name, '--from', address, '--out', out], {
      home: homeOf('text'),
    })
    expect(pulled).toEqual({
      status: 0,
      stderr: '',
      stdout: [
        `VERIFIED ${hello.name}@1.0.0`,
        `  publisher  ${publisher}`,
        `  release    ${hello.release}`,
        '  log        entry 1 of 3',
        `  from       ${address} (3 blocks fetched)`,
        `  tool       ${hello.tools[0].cid}  greet`,
        `  tool       ${hello.tools[1].cid}  part`,
        `  wrote      ${out}/release.json`,
        `  wrote      ${out}/tools/greet.json`,
        `  wrote      ${out}/tools/part.json`,
        `  wrote      ${out}/SHA256SUMS`,
        '',
      ].join('\n'),
    })
  })

  test('--json has the same in stable fields', async () => {
    const home = homeOf('json')
    const pulled = await registryJson(['pull', hello.name, '--from', address], { home })
    expect(pulled).toEqual({
      verdict: 'VERIFIED',
      name: hello.name,
      version: '1.0.0',
      publisher,
      release: hello.release,
      statement: hello.statement,
      log: { index: 1, size: 3 },
      tools: hello.tools.map((tool: Answer) => ({
        ...tool,
        surface: expect.stringMatching(/^sha256-[0-9a-f]{64}$/),
      })),
      from: address,
      fetched: 3,
      refused: [],
      behind: [],
      files: [],
      warnings: [],
    })
    const again = await registryJson(['pull', hello.name], { home })
    expect(again).toEqual({ ...pulled, fetched: 0 })
    const { releases } = await registryJson(['list'], { home })
    expect(releases).toEqual([{ name: hello.name, version: '1.0.0', publisher, from: 'pulled' }])
    expect((await registryJson(['verify'], { home })).results[0].verdict).toBe('VERIFIED')
    expect((await registryJson(['doctor'], { home })).checks.at(-1)).toEqual({
      check: 'peer',
      ok: true,
      detail: `${address} answers`,
    })
  })

  test('file, CID and signed subject name one digest, and sha256sum agrees', async () => {
    const home = homeOf('sums')
    const out = homeOf('sums-out')
    await registryJson(['pull', hello.name, '--from', address, '--out', out], { home })
    const { stdout } = await promisify(execFile)('sha256sum', ['-c', 'SHA256SUMS'], { cwd: out })
    expect(stdout).toBe('release.json: OK\ntools/greet.json: OK\ntools/part.json: OK\n')

    const digest = sha256(await readFile(join(out, 'release.json')))
    const sums = await readFile(join(out, 'SHA256SUMS'), 'utf8')
    expect(sums.split('\n')[0]).toBe(`${digest}  release.json`)
    expect(toHex(digestOf(parseCid(hello.release)))).toBe(digest)
    const { block } = await registryJson(['show', hello.statement], { home })
    expect(block.subject).toEqual([{ name: hello.release, digest: { sha256: digest } }])
    for (const { name, cid } of hello.tools) {
      const bytes = await readFile(join(out, 'tools', `${name}.json`))
      expect(toHex(digestOf(parseCid(cid)))).toBe(sha256(bytes))
    }
  })

  test('a file of the release verifies; one changed byte and it does not', async () => {
    const home = homeOf('files')
    const out = homeOf('files-out')
    await registryJson(['pull', hello.name, '--from', address, '--out', out], { home })
    const path = join(out, 'tools', 'greet.json')
    const good = await registry(['verify', path], { home })
    expect(good.status).toBe(0)
    expect(good.stdout).toContain(`  is         ${hello.name}@1.0.0#greet\n`)

    const bytes = await readFile(path)
    bytes.writeUInt8(bytes.readUInt8(20) ^ 1, 20)
    await writeFile(path, bytes)
    const bad = await registry(['verify', path, join(out, 'release.json')], { home })
    expect(bad.status).toBe(10)
    expect(bad.stderr.replace(/got {6}bafkrei.*/, 'got      CID')).toBe(
      [
        `error MISMATCH The file ${path} is not what was pulled: its bytes have changed.`,
        `  expected ${hello.tools[0].cid}`,
        '  got      CID',
        '  next     Do not use it. Remove it and pull again.',
        '  code     HASH_MISMATCH (exit 10)',
        '',
      ].join('\n'),
    )
    expect(bad.stdout).toContain(`VERIFIED ${join(out, 'release.json')}\n`)
  })
})

describe('pull by CID', () => {
  test('proves the bytes and says that it proves no more', async () => {
    const home = homeOf('cid')
    const cid = hello.tools[0].cid
    const text = await registry(['pull', cid, '--from', address], { home })
    expect(text.status).toBe(0)
    expect(text.stdout).toBe(
      [
        `Pulled ${cid}: the bytes are exactly the ones this CID names.`,
        '  A CID does not say who published them; pull by name for a publisher’s signature.',
        `  from       ${address} (1 blocks fetched)`,
        '',
      ].join('\n'),
    )
    const out = homeOf('cid-out')
    const answer = await registryJson(['pull', cid, '--from', address, '--out', out], { home })
    expect(answer).toEqual({
      verdict: 'UNSIGNED',
      cid,
      bytes: expect.any(Number),
      from: address,
      fetched: 0,
      files: [join(out, `${cid}.json`)],
    })
    expect(await readdir(out)).toEqual([`${cid}.json`])
    const verified = await registry(['verify', cid], { home })
    expect(verified.status).toBe(3)
    expect(verified.stderr).toContain('code     UNSIGNED (exit 3)')
  })
})

describe('a claimed namespace', () => {
  test('is refused until the publisher is named, pinned then, and kept', async () => {
    const home = homeOf('claim')
    const unpinned = await registry(['pull', claimed.name, '--from', address], { home })
    expect(unpinned).toEqual({
      status: 11,
      stdout: '',
      stderr: [
        'error POLICY No publisher is pinned to io.github.alice here.',
        '  expected a publisher id that you got from the publisher itself',
        `  got      claims by ${publisher}`,
        '  next     Compare the id with the publisher’s own word, then add `--publisher ID`.',
        '  code     PUBLISHER_UNPINNED (exit 11)',
        '',
      ].join('\n'),
    })
    const args = ['pull', claimed.name, '--from', address]
    await registryJson([...args, '--publisher', publisher], { home })
    await registryJson(args, { home })
    await registryJson(['verify', claimed.name], { home })

    const mallory = (await registryJson(['init'], { home: homeOf('mallory') })).publisher
    const rebound = await registry([...args, '--publisher', mallory], { home })
    expect(rebound.status).toBe(8)
    expect(rebound.stderr).toContain(
      'error REBIND io.github.alice belongs to another publisher here.',
    )
    expect(rebound.stderr).toContain('code     PUBLISHER_CHANGED (exit 8)')
  })
})

describe('what is not there', () => {
  test('a name that the publisher does not offer', async () => {
    const missing = await registry(['pull', `${publisher}/other`, '--from', address], {
      home: homeOf('missing'),
    })
    expect(missing.status).toBe(4)
    expect(missing.stderr).toContain(
      `error NOT_FOUND The publisher does not offer ${publisher}/other.`,
    )
    expect(missing.stderr).toContain('code     NOT_FOUND (exit 4)')
  })

  test('a version that the publisher does not offer', async () => {
    const missing = await registry(['pull', `${hello.name}@^2`, '--from', address], {
      home: homeOf('missing'),
    })
    expect(missing.status).toBe(4)
    expect(missing.stderr).toContain('  expected ^2\n  got      1.0.0\n')
  })

  test('a peer that is down, and one that is up after it', async () => {
    const down = '/ip4/127.0.0.1/tcp/1/p2p/12D3KooWPjceQrSwdWXPyLLeABRXmuqt69Rg3sBYbU1Nft9HyQ6X'
    const home = homeOf('down')
    const alone = await registry(['pull', hello.name, '--from', down], { home })
    expect(alone.status).toBe(15)
    expect(alone.stderr).toContain(`error UNAVAILABLE The peer at ${down} cannot be reached: `)
    expect(alone.stderr).toContain(
      '  next     Is the node running there? Start one with `registry serve`, and copy the address it prints.\n  code     PEER_UNAVAILABLE (exit 15)\n',
    )
    const second = await registryJson(['pull', hello.name, '--from', down, '--from', address], {
      home,
    })
    expect(second.from).toBe(address)
    expect(second.refused).toEqual([
      { from: down, code: 'PEER_UNAVAILABLE', message: expect.stringContaining(down) },
    ])
  })
})

test('other commands share the store of the node that serves it', async () => {
  const { releases } = await registryJson(['list'], { home: alice })
  expect(releases).toHaveLength(2)
  const file = await writeToolkit(folder.path, { ...HELLO, name: 'later' })
  const { releases: published } = await registryJson(['publish', file], { home: alice })
  const later = published[0]
  const pulled = await registryJson(['pull', later.name, '--from', address], {
    home: homeOf('late'),
  })
  expect(pulled.release).toBe(later.release)
})
