// One node publishes, takes back and changes its keys, another one pulls: each as its own process and home, as it is installed.

import { writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { registryHere } from '../support/in-process.ts'
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
let from: string
let publisher: string

beforeAll(async () => {
  folder = await makeFolder()
  alice = join(folder.path, 'alice')
  publisher = (await registryJson(['init'], { home: alice })).publisher
  node = await startNode({ home: alice })
  from = String(node.addresses[0])
})

afterAll(async () => {
  await node[Symbol.asyncDispose]()
  await folder[Symbol.asyncDispose]()
})

const homeOf = (name: string): string => join(folder.path, name)
const nameOf = (name: string): string => `${publisher}/${name}`

async function publish(name: string, ...versions: readonly string[]): Promise<Answer> {
  const files = await Promise.all(
    versions.map((version) =>
      writeToolkit(folder.path, { ...HELLO, name, version, title: `${name} ${version}` }),
    ),
  )
  return await registryJson(['publish', ...files], { home: alice })
}

const pull = (reference: string, home: string) =>
  registry(['pull', reference, '--from', from], { home })

describe('yank', () => {
  test('who has it goes on, nobody new gets it', async () => {
    const name = nameOf('yanked')
    await publish('yanked', '1.0.0', '1.1.0')
    const home = homeOf('yank')
    expect((await pull(`${name}@1.1.0`, home)).status).toBe(0)
    const args = ['yank', `${name}@1.1.0`, '--reason', 'wrong \u001b[2Junits']
    const refused = await registry(args, { home: alice })
    expect(refused.status).toBe(13)
    expect(refused.stderr).not.toContain('\u001b')
    args[3] = 'wrong units'
    const said = await registry(args, { home: alice })
    expect(said.status).toBe(0)
    expect(said.stdout).toMatch(/^Yanked .*@1\.1\.0: nobody new will get it\. \(entry \d+ of/)
    const again = await registryJson(args, { home: alice })
    expect(again).toMatchObject({ kind: 'unchanged', name, version: '1.1.0', publisher })
    const stranger = await pull(`${name}@1.1.0`, homeOf('yank-stranger'))
    expect(stranger).toEqual({
      status: 11,
      stdout: '',
      stderr: [
        `error POLICY ${name}@1.1.0 was yanked by its publisher.`,
        '  expected a version for new use',
        '  got      wrong units',
        '  next     Use another version: 1.0.0.',
        '  code     YANKED (exit 11)',
        '',
      ].join('\n'),
    })
    const range = await registryJson(['pull', name, '--from', from], { home: homeOf('yank-range') })
    expect(range.version).toBe('1.0.0')
    // The holder asks again, and hears of it.
    const held = await pull(`${name}@1.1.0`, home)
    expect(held.status).toBe(0)
    const warning = `warning: ${name}@1.1.0 was yanked by its publisher: wrong units. It goes on here; move to another version.`
    expect(held.stderr).toContain(warning)
    const { results } = await registryJson(['verify'], { home })
    expect(results[0]).toMatchObject({ verdict: 'VERIFIED', warnings: [{ kind: 'yanked' }] })
    expect((await registry(['list'], { home })).stdout).toMatch(/ yanked\n$/)
  })
})

describe('deprecate', () => {
  test('pull, show, verify and list tell of the successor', async () => {
    const name = nameOf('old')
    await publish('old', '1.0.0')
    const words = ['--message', 'No longer looked after.', '--successor', nameOf('new@^2')]
    await registryJson(['deprecate', `${name}@1.0.0`, ...words], { home: alice })
    const home = homeOf('deprecate')
    const pulled = await registryJson(['pull', name, '--from', from], { home })
    const warnings = [
      {
        kind: 'deprecated',
        name,
        version: '1.0.0',
        successor: nameOf('new@^2'),
        message: `${name}@1.0.0 is deprecated: No longer looked after. Use ${nameOf('new@^2')} instead.`,
      },
    ]
    expect(pulled.warnings).toEqual(warnings)
    expect((await registryJson(['show', name], { home })).warnings).toEqual(warnings)
    expect((await registryJson(['verify', name], { home })).results[0].warnings).toEqual(warnings)
    const { releases } = await registryJson(['list'], { home })
    expect(releases).toMatchObject([{ name, said: 'deprecated' }])
    const other = ['deprecate', `${name}@1.0.0`, '--message', 'Other words.']
    const refused = await registry(other, { home: alice })
    expect(refused.status).toBe(10)
    expect(refused.stderr).toContain('is deprecated already, in other words.')
  })
})

describe('t18-stale-revocation', () => {
  test('one contact about something else, and held use ends with 9', async () => {
    const name = nameOf('bad')
    await publish('bad', '1.0.0')
    await publish('good', '1.0.0')
    const home = homeOf('revoke')
    expect((await pull(`${name}@1.0.0`, home)).status).toBe(0)
    const args = ['revoke', `${name}@1.0.0`, '--reason', 'sends its input away']
    const asked = await registry(args, { home: alice })
    expect(asked.status).toBe(2)
    expect(asked.stderr).toContain('This cannot be undone, and nobody said yes.')
    const revoked = await registryJson([...args, '--yes'], { home: alice })
    expect(revoked).toMatchObject({ kind: 'appended', target: 'block' })
    // Nobody has told yet.
    expect((await registry(['verify', name], { home })).status).toBe(0)
    expect((await pull(nameOf('good'), home)).status).toBe(0)
    const held = await registry(['verify', name], { home })
    expect(held).toEqual({
      status: 9,
      stdout: '',
      stderr: [
        `error REVOKED ${name}@1.0.0 was revoked by its publisher.`,
        '  expected bytes that may be used',
        '  got      sends its input away',
        '  next     Stop using it, and ask the publisher what to use instead.',
        '  code     REVOKED (exit 9)',
        '',
      ].join('\n'),
    })
    expect((await registry(['show', name], { home })).status).toBe(9)
    expect((await pull(name, home)).status).toBe(9)
    const { releases } = await registryJson(['list'], { home })
    expect(releases.find((listed: Answer) => listed.name === name).said).toBe('revoked')
    const reasonless = await registry(['revoke', `${name}@1.0.0`, '--yes'], { home: alice })
    expect(reasonless.status).toBe(2)
    expect(reasonless.stderr).toContain('--reason is missing.')
    // Who pulled it for use is told until it is gone; in the log itself it stays for ever, and is nobody's fault.
    expect((await registry(['verify'], { home })).status).toBe(9)
    const { forgotten } = await registryJson(['forget', name], { home })
    expect(forgotten).toEqual([{ name, version: '1.0.0', publisher, blocks: 1 }])
    expect((await registry(['verify'], { home })).status).toBe(0)
    const others = await registry(['verify'], { home: alice })
    expect(others.status).toBe(0)
    expect(others.stdout).not.toContain(name)
    expect(others.stderr).toMatch(
      /^1 release of logs here, withdrawn by the publisher, left out\.$/m,
    )
    expect((await registry(['verify', name], { home: alice })).status).toBe(9)
    const nothing = await registry(['revoke', '--reason', 'x', '--yes'], { home: alice })
    expect(nothing.status).toBe(2)
    expect(nothing.stderr).toContain('Say what to revoke: one thing.')
  })
})

describe('tombstone', () => {
  test('the bytes are absent, and pull says why', async () => {
    const name = nameOf('secret')
    const { releases } = await publish('secret', '1.0.0')
    const [{ release }] = releases
    const args = ['tombstone', `${name}@1.0.0`, '--reason', 'a password in a description']
    const gone = await registryJson([...args, '--yes'], { home: alice })
    expect(gone).toMatchObject({ kind: 'appended', subject: release, dropped: true })
    expect((await registry(['show', release], { home: alice })).status).toBe(4)
    const pulled = await pull(name, homeOf('tombstone'))
    expect(pulled.status).toBe(4)
    expect(pulled.stderr).toContain('a password in a description')
    expect(pulled.stderr).toContain('TOMBSTONED (exit 4)')
    expect((await pull(release, homeOf('tombstone'))).status).toBe(4)
  })
})

describe('a question before what cannot be undone', () => {
  test.each([
    ['n\n', 2, 'Nothing was signed.'],
    ['y\n', 0, ''],
  ])('%j', async (answer, status, text) => {
    const home = homeOf(`asked-${status}`)
    const { publisher: id } = await registryJson(['init'], { home })
    const file = await writeToolkit(folder.path, HELLO)
    const { releases } = await registryJson(['publish', file], { home })
    const args = ['revoke', releases[0].release, '--reason', 'x']
    const ran = await registryHere(args, { home, stdin: true, stderr: true, answer })
    expect(ran.status).toBe(status)
    expect(ran.stderr).toContain('There is no way back.')
    expect(ran.stderr).toContain('Revoke it? [y/N]')
    expect(ran.stderr).toContain(text)
    const { size } = await registryJson(['publisher', 'show'], { home })
    expect([id !== undefined, size]).toEqual([true, status === 0 ? 3 : 2])
  })
})

describe('publisher', () => {
  test('rotate: consumers of before go on, and the old key is refused', async () => {
    const name = nameOf('rotated')
    await publish('rotated', '1.0.0')
    const home = homeOf('rotate')
    expect((await pull(name, home)).status).toBe(0)
    const old = await registryJson(['publisher', 'show'], { home: alice })
    expect(old.roles.release.keys[0].file).toBe('signing')
    const rotated = await registryJson(['publisher', 'rotate', '--log'], { home: alice })
    expect(rotated.made).toMatchObject([{ name: 'log-2', type: 'ed25519' }])
    const keys = await registryJson(['publisher', 'rotate'], { home: alice })
    expect(keys.made).toMatchObject([{ name: 'signing-2', type: 'ecdsa-p256' }])
    await publish('rotated', '2.0.0')
    const pulled = await registryJson(['pull', name, '--from', from], { home })
    expect(pulled).toMatchObject({ version: '2.0.0', publisher, refused: [] })
    expect((await registry(['verify', `${name}@1.0.0`], { home })).status).toBe(0)
    // A consumer that begins now as well.
    expect((await pull(`${name}@1.0.0`, homeOf('rotate-new'))).status).toBe(0)
    const refused = await registry(['yank', `${name}@1.0.0`, '--key-file', 'signing'], {
      home: alice,
    })
    expect(refused.status).toBe(11)
    expect(refused.stderr).toContain('SIGNER_UNAUTHORIZED (exit 11)')
    const shown = await registry(['publisher', 'show', publisher], { home })
    expect(shown.status).toBe(0)
    expect(shown.stdout).toContain(keys.made[0].fingerprint)
    expect(shown.stdout).not.toContain(old.roles.release.keys[0].fingerprint)
    const revoke = ['revoke', '--key', 'signing', '--reason', 'old laptop', '--yes']
    expect(await registryJson(revoke, { home: alice })).toMatchObject({ target: 'key' })
    expect((await registry(['doctor'], { home: alice })).stdout).toMatch(/^ok +log /m)
  })

  test('delegate: a colleague’s key releases, until it is taken back', async () => {
    const bob = homeOf('delegate-bob')
    await registryJson(['init'], { home: bob })
    const pem = join(folder.path, 'bob.pem')
    await writeFile(pem, (await registry(['key', 'export', 'signing'], { home: bob })).stdout)
    const path = nameOf('team')
    const said = await registry(['publisher', 'delegate', path, '--to', pem], { home: alice })
    expect(said.stdout).toMatch(/^Delegated .*\/team to 1 signer\. \(entry \d+ of your log\)/)
    const { delegations } = await registryJson(['publisher', 'show'], { home: alice })
    expect(delegations).toMatchObject([{ path, by: null, threshold: 1 }])
    const both = ['publisher', 'delegate', path, '--to', pem, '--remove']
    expect((await registry(both, { home: alice })).status).toBe(2)
    const remove = ['publisher', 'delegate', path, '--remove']
    expect((await registry(remove, { home: alice })).status).toBe(0)
    expect((await registryJson(remove, { home: alice })).kind).toBe('unchanged')
    const after = await registryJson(['publisher', 'show'], { home: alice })
    expect(after.delegations).toEqual([])
  })

  test('namespace claim, once', async () => {
    const claim = ['namespace', 'claim', 'com.acme']
    const said = await registry(claim, { home: alice })
    expect(said.stdout).toMatch(
      /^Your log claims com\.acme; the domain or account has to name you as well\./,
    )
    expect((await registryJson(claim, { home: alice })).kind).toBe('unchanged')
    const { claims } = await registryJson(['publisher', 'show'], { home: alice })
    expect(claims).toMatchObject([{ namespace: 'com.acme' }])
  })

  test.each([
    [['publisher', 'frob'], 'Say what to do with the publisher.'],
    [['publisher', 'show', 'x', 'y'], ''],
    [
      ['publisher', 'rotate', '--threshold', 'log=2'],
      '--threshold says how many keys have to sign.',
    ],
    [['publisher', 'delegate', 'com.acme'], 'Say whom to delegate to, or take it back.'],
    [['publisher', 'recover', 'x'], 'This cannot be undone, and nobody said yes.'],
  ])('%j is a slip', async (args, text) => {
    const ran = await registry(args, { home: alice })
    expect(ran.status).toBe(2)
    expect(ran.stderr).toContain(text)
  })
})
