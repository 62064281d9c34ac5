// registry namespace, as it is installed: answers, exact words, exit statuses.

import { readFile, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest'
import { publisherIdOf } from '../../src/spec/index.ts'
import { type DnsServer, startDnsServer } from '../support/dns-server.ts'
import {
  type Authority,
  makeAuthority,
  startWebSite,
  type WebSite,
} from '../support/https-server.ts'
import {
  makeFolder,
  type Ran,
  registry,
  registryJson,
  type TestFolder,
} from '../support/registry.ts'

const ALICE = publisherIdOf(Buffer.from('alice'))
const MALLORY = publisherIdOf(Buffer.from('mallory'))
const TIME = /\d{4}-\d\d-\d\dT[\d:.]+Z/

let folder: TestFolder
let authority: Authority
let dns: DnsServer
let site: WebSite
let home: string
let count = 0

beforeAll(async () => {
  folder = await makeFolder()
  authority = makeAuthority()
  dns = await startDnsServer()
  site = await startWebSite(authority.issue('acme.com'))
})
afterAll(async () => {
  await site[Symbol.asyncDispose]()
  await dns[Symbol.asyncDispose]()
  authority[Symbol.dispose]()
  await folder[Symbol.asyncDispose]()
})
beforeEach(async () => {
  dns.zone.clear()
  dns.setTxt('_toolmark.acme.com', `toolmark=${ALICE}`)
  site.serve(JSON.stringify({ publishers: [ALICE] }))
  home = join(folder.path, `home-${count++}`)
  await registryJson(['init'], { home })
})

const words = (...more: readonly string[]): readonly string[] => {
  const asking = ['verify', 'recheck'].includes(more[0] ?? '')
  const connect = ['--connect', `127.0.0.1:${site.port}`]
  return ['namespace', ...more, ...(asking ? ['--dns-server', dns.address, ...connect] : [])]
}
const env = () => ({ NODE_EXTRA_CA_CERTS: authority.file })
const run = (...more: readonly string[]): Promise<Ran> =>
  registry(words(...more), { home, env: env() })
const json = (...more: readonly string[]) => registryJson(words(...more), { home, env: env() })

describe('verify', () => {
  test('says where the domain lists the publisher, and that this is half of the proof', async () => {
    const { status, stdout, stderr } = await run('verify', 'com.acme')
    expect({ status, stderr }).toEqual({ status: 0, stderr: '' })
    expect(stdout).toBe(
      [
        'LISTED com.acme',
        `  publisher  ${ALICE}`,
        `  listed at  _toolmark.acme.com (asked ${dns.address})`,
        `  listed at  https://acme.com/.well-known/toolmark.json (asked 127.0.0.1:${site.port})`,
        '  log        not held here, or older than a claim of the namespace',
        '',
      ].join('\n'),
    )
  })

  test('--json, one way only', async () => {
    const answer = await json('verify', 'com.acme', '--method', 'dns', '--publisher', ALICE)
    const [bundle] = answer.evidence
    expect(answer).toEqual({
      finding: 'LISTED',
      namespace: 'com.acme',
      publisher: ALICE,
      claimed: null,
      listings: [
        {
          method: 'dns-txt',
          where: '_toolmark.acme.com',
          observed: `toolmark=${ALICE}`,
          publishers: [ALICE],
          via: dns.address,
        },
      ],
      refused: [],
      evidence: [bundle],
    })
    expect(bundle.mediaType).toBe('application/vnd.dev.sigstore.bundle.v0.3+json')
  })

  test('of one’s own namespace without a claim is refused', async () => {
    const { publisher } = await registryJson(['init'], { home })
    dns.setTxt('_toolmark.acme.com', `toolmark=${publisher}`)
    const { status, stderr } = await run('verify', 'com.acme', '--method', 'dns')
    expect(status).toBe(11)
    expect(stderr).toContain('does not claim com.acme')
  })

  test('tells why one way gave nothing', async () => {
    site.serve('', {}, 404)
    const { status, stdout, stderr } = await run('verify', 'com.acme')
    expect({ status, stderr }).toEqual({
      status: 0,
      stderr: 'https://acme.com/.well-known/toolmark.json has no document. (NAMESPACE_UNPROVEN)\n',
    })
    expect(stdout).not.toContain('https:')
  })

  test('keeps nothing without a key to sign with, and says so', async () => {
    const empty = join(folder.path, `empty-${count++}`)
    const ran = await registry(words('verify', 'com.acme'), { home: empty, env: env() })
    expect(ran).toMatchObject({
      status: 0,
      stderr: 'Not kept: there is no key here to sign with. Next: `registry init`.\n',
    })
    const { namespaces } = await registryJson(['namespace', 'list'], { home: empty })
    expect(namespaces).toEqual([])
  })
})

test('t12-rebind-exit-8: a domain that names another publisher than before', async () => {
  await json('verify', 'com.acme')
  dns.setTxt('_toolmark.acme.com', `toolmark=${MALLORY}`)
  site.serve(JSON.stringify({ publishers: [MALLORY] }))
  expect(await run('verify', 'com.acme')).toEqual({
    status: 8,
    stdout: '',
    stderr: [
      'error REBIND acme.com now lists another publisher.',
      `  expected ${ALICE}, which it listed before`,
      `  got      ${MALLORY}`,
      '  next     Do not accept it unless the publisher you know announces the change. Domains expire and are taken over.',
      '  code     PUBLISHER_CHANGED (exit 8)',
      '',
    ].join('\n'),
  })
  expect((await run('verify', 'com.acme', '--publisher', MALLORY)).status).toBe(8)
  expect(await run('forget', 'com.acme')).toMatchObject({
    status: 0,
    stdout: 'Forgot what com.acme answered before. Its pin, if any, stays.\n',
  })
  expect((await json('verify', 'com.acme')).publisher).toBe(MALLORY)
})

describe('evidence', () => {
  test('is listed, exported, carried, and asked again', async () => {
    await json('verify', 'com.acme')
    const { stdout } = await run('list')
    expect(stdout.replaceAll(new RegExp(TIME, 'g'), 'TIME')).toBe(
      [
        'com.acme',
        `  listed     ${ALICE}  at _toolmark.acme.com  on TIME`,
        `  listed     ${ALICE}  at https://acme.com/.well-known/toolmark.json  on TIME`,
        '',
      ].join('\n'),
    )
    const { namespaces } = await json('list')
    expect(namespaces).toEqual([
      {
        namespace: 'com.acme',
        pin: null,
        claims: [],
        evidence: [
          {
            publisher: ALICE,
            method: 'dns-txt',
            where: '_toolmark.acme.com',
            checkedAt: expect.stringMatching(TIME),
            own: true,
          },
          {
            publisher: ALICE,
            method: 'https-well-known',
            where: 'https://acme.com/.well-known/toolmark.json',
            checkedAt: expect.stringMatching(TIME),
            own: true,
          },
        ],
      },
    ])
    const file = join(folder.path, 'evidence.jsonl')
    await writeFile(file, (await run('export', 'com.acme')).stdout)
    expect((await readFile(file, 'utf8')).trim().split('\n')).toHaveLength(2)
    expect((await json('export', 'com.acme')).bundles).toHaveLength(2)

    home = join(folder.path, `carol-${count++}`)
    const { results } = await json('recheck', file)
    expect(results.map((result: { publisher: string }) => result.publisher)).toEqual([ALICE, ALICE])
    dns.setTxt('_toolmark.acme.com', `toolmark=${MALLORY}`)
    const { status, stderr } = await run('recheck', file)
    expect(status).toBe(11)
    expect(stderr).toContain('error POLICY acme.com lists another publisher.\n')
  })

  test('that is none', async () => {
    const file = join(folder.path, 'none.jsonl')
    await writeFile(file, '\n')
    expect(await run('recheck', file)).toMatchObject({
      status: 13,
      stderr: [
        `error MALFORMED ${file} is not a file of evidence.`,
        '  expected 1 to 8 bundles, one a line',
        '  got      0 lines',
        '  next     Make one with `registry namespace export NAMESPACE`.',
        '  code     DOCUMENT_INVALID (exit 13)',
        '',
      ].join('\n'),
    })
    await writeFile(file, '{"dsseEnvelope":{"payload":"e30="}}\n')
    expect((await run('recheck', file)).status).toBe(13)
    for (const action of ['export', 'forget']) {
      expect(await run(action, 'com.acme')).toMatchObject({
        status: 4,
        stderr: [
          'error NOT_FOUND No evidence of com.acme is kept here.',
          '  expected a namespace in `registry namespace list` that was asked for',
          '  got      com.acme',
          '  next     Ask its domain: `registry namespace verify NAMESPACE`.',
          '  code     NOT_FOUND (exit 4)',
          '',
        ].join('\n'),
      })
    }
  })
})

describe('words', () => {
  test.each([
    [['burn'], 'Say what to do with which namespace.'],
    [['verify'], 'Say what to do with which namespace.'],
    [['list', 'com.acme'], 'Say what to do with which namespace.'],
    [['list', '--method', 'x'], undefined],
  ])('%j', async (args, message) => {
    const { status, stderr } = await registry(['namespace', ...args], { home })
    if (message === undefined) expect(status).toBe(0)
    else
      expect({ status, is: stderr.startsWith(`error USAGE ${message}\n`) }).toEqual({
        status: 2,
        is: true,
      })
  })

  test.each([
    [['--method', 'post'], '--method takes a way of asking.'],
    [['--connect', 'acme.com:443'], '--connect takes an address and a port.'],
    [['--connect', '127.0.0.1'], '--connect takes an address and a port.'],
    [['--connect', '127.0.0.1:0'], '--connect takes an address and a port.'],
    [['--connect', '[127.0.0]:443'], '--connect takes an address and a port.'],
    [['--dns-server', 'dns.example'], 'This is not the address of a DNS server.'],
  ])('%j', async (args, message) => {
    const { status, stderr } = await registry(['namespace', 'verify', 'com.acme', ...args], {
      home,
    })
    expect(stderr).toContain(`error USAGE ${message}\n  expected `)
    expect(status).toBe(2)
  })

  test('t41-hostile-answers: what a domain says cannot move the cursor', async () => {
    dns.setTxt('_toolmark.acme.com', `toolmark=\u001b[2J${ALICE}`)
    const { status, stderr, stdout } = await run('verify', 'com.acme')
    expect(status).toBe(13)
    expect(stdout + stderr).not.toContain('\u001b')
    dns.zone.clear()
    site.answer = (_request, response) => {
      response.writeHead(302, { location: 'https://x/\t\u009b' }).end()
    }
    const redirected = await run('verify', 'com.acme', '--method', 'https')
    expect(redirected.status).toBe(11)
    expect(redirected.stderr).not.toMatch(/[\t\u0080-\u009f]/)
  })
})
