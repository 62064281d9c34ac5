// attest and attestations: what a person types, what they are told, and what a consumer gets from a node.

import { mkdir, readdir, readFile, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { type Cid, cidOf } from '../../src/cid/index.ts'
import { parsePublisherId } from '../../src/spec/index.ts'
import { openLibp2pNetwork, serveSource } from '../../src/sync/index.ts'
import { toKeyObject } from '../../src/trust/index.ts'
import {
  BUILDER,
  carry,
  PROVENANCE,
  provenance,
  REVIEW,
  statementAbout,
} from '../support/attestations.ts'
import { registryHere } from '../support/in-process.ts'
import { openPublisher } from '../support/publisher.ts'
import { type Answer, makeFolder, type TestFolder } from '../support/registry.ts'
import { makeSigner } from '../trust/setup.ts'
import { HELLO, writeToolkit } from './toolkits.ts'

let folder: TestFolder
let home: string
let name: string
let cid: Cid
let predicate: string

beforeEach(async () => {
  folder = await makeFolder()
  home = join(folder.path, 'alice')
  await ok('init')
  const { releases } = await ok('publish', await writeToolkit(folder.path, HELLO))
  ;[{ name, release: cid }] = releases
  predicate = await write('predicate.json', '{"verdict":"good"}')
})
afterEach(() => folder[Symbol.asyncDispose]())

async function write(file: string, text: string | Uint8Array): Promise<string> {
  const path = join(folder.path, file)
  await writeFile(path, text)
  return path
}

async function ok(...args: readonly string[]): Promise<Answer> {
  const { status, stdout, stderr } = await registryHere(['--json', ...args], { home })
  expect([status, stderr], stdout).toEqual([0, ''])
  return JSON.parse(stdout)
}

async function refused(...args: readonly string[]): Promise<Answer> {
  const { status, stdout } = await registryHere(['--json', ...args], { home })
  const { error } = JSON.parse(stdout)
  expect(status).toBe(error.exit)
  expect(error.message).toMatch(/^[A-Z].*\.$/)
  expect(error.next).toMatch(/\S/)
  return error
}

describe('attest', () => {
  test('signs, once; attestations shows who', async () => {
    const asked = ['attest', name, '--type', REVIEW, '--predicate', predicate]
    const attested = await ok(...asked)
    expect(attested).toEqual({
      kind: 'attested',
      subject: cid,
      predicateType: REVIEW,
      statement: expect.stringMatching(/^bafkrei/),
      signer: { kind: 'key', fingerprint: expect.stringMatching(/^SHA256:/) },
    })
    expect((await ok(...asked)).kind).toBe('unchanged')
    const { attestations, refused: bad } = await ok('attestations', name)
    expect(bad).toEqual([])
    expect(attestations).toEqual([
      {
        verdict: 'VERIFIED',
        predicateType: REVIEW,
        statement: attested.statement,
        signer: attested.signer,
        owners: [
          { kind: 'file', name: 'signing' },
          { kind: 'publisher', publisher: name.split('/')[0], role: 'root' },
          { kind: 'publisher', publisher: name.split('/')[0], role: 'release' },
        ],
        since: expect.any(String),
      },
    ])
  })

  test('says it in words', async () => {
    const said = await registryHere(
      ['attest', `${name}#greet`, '--type', REVIEW, '--predicate', predicate],
      { home },
    )
    expect(said.stdout).toMatch(
      new RegExp(
        `^Attested ${REVIEW} about ${name}@1.0.0#greet\n  statement  bafk.*\n  signer     SHA256:`,
      ),
    )
    const listed = await registryHere(['attestations', `${name}#greet`], { home })
    expect(listed.stdout).toMatch(
      /^VERIFIED https:\/\/example.com\/review\/v1\n {2}signer {5}SHA256:/,
    )
    expect(listed.stdout).toContain('             key file signing\n')
    const none = await registryHere(['attestations', name], { home })
    expect([none.status, none.stdout]).toEqual([0, ''])
    expect(none.stderr).toContain('No attestations here.')
  })

  test('signs with the key file that is named', async () => {
    const { keys } = await ok('key', 'list')
    await mkdir(join(home, 'spare'))
    const backup = (await ok('key', 'export', 'signing', '--secret')).text
    await ok(
      'key',
      'import',
      'other',
      await write('other.json', backup.replace('"signing"', '"other"')),
    )
    const { signer } = await ok(
      'attest',
      name,
      '--type',
      REVIEW,
      '--predicate',
      predicate,
      '--key-file',
      'other',
    )
    expect(keys.map(({ fingerprint }: Answer) => fingerprint)).toContain(signer.fingerprint)
  })

  test('attaches provenance as it is, and shows its builder', async () => {
    const bob = makeSigner()
    const statement = statementAbout(cid, { type: PROVENANCE, predicate: provenance() })
    const { bundle } = await carry(Buffer.from(JSON.stringify(statement, undefined, 2)), bob)
    const file = await write('bundle.json', bundle)
    const pem = toKeyObject(bob.key).export({ format: 'pem', type: 'spki' }).toString()
    expect((await refused('attest', name, '--bundle', file)).code).toBe('SIGNER_UNAUTHORIZED')
    const attached = await ok(
      'attest',
      name,
      '--bundle',
      file,
      '--key',
      await write('bob.pem', pem),
    )
    expect(attached).toMatchObject({ kind: 'attested', builder: BUILDER })
    const { attestations } = await ok('attestations', name, '--type', PROVENANCE)
    expect(attestations[0]).toMatchObject({
      verdict: 'POLICY',
      builder: BUILDER,
      owners: [],
      error: { code: 'SIGNER_UNAUTHORIZED' },
    })
    expect((await ok('attestations', name, '--type', REVIEW)).attestations).toEqual([])
    const out = join(folder.path, 'out')
    const { files } = await ok('attestations', name, '--out', out)
    expect((await readdir(out)).sort()).toEqual(
      files.map((path: string) => path.slice(out.length + 1)).sort(),
    )
    expect(await readFile(files[1])).toEqual(Buffer.from(bundle))
    expect(cidOf(await readFile(files[0]))).toBe(attached.statement)
    await writeFile(files[0], 'changed')
    expect((await refused('attestations', name, '--out', out)).code).toBe('FILE_EXISTS')
  })

  test.each<[string, readonly string[], string, string]>([
    ['nothing', [], 'USAGE', 'neither'],
    ['half', ['--type', REVIEW], 'USAGE', '--type'],
    [
      'both',
      ['--type', REVIEW, '--predicate', 'FILE', '--bundle', 'FILE'],
      'USAGE',
      '--type, --predicate, --bundle',
    ],
    [
      'a key to verify what it signs',
      ['--type', REVIEW, '--predicate', 'FILE', '--key', 'FILE'],
      'USAGE',
      '--key',
    ],
    [
      'a key file for a bundle',
      ['--bundle', 'FILE', '--key-file', 'signing'],
      'USAGE',
      '--key-file, --bundle',
    ],
    [
      'two signers',
      ['--type', REVIEW, '--predicate', 'FILE', '--key-file', 'x', '--identity', 'github'],
      'USAGE',
      '--identity',
    ],
    [
      'a type of the log',
      ['--type', 'https://toolmark.dev/release/v1', '--predicate', 'FILE'],
      'STATEMENT_INVALID',
      'toolmark.dev',
    ],
    [
      'a type that is none',
      ['--type', 'review', '--predicate', 'FILE'],
      'STATEMENT_INVALID',
      'review',
    ],
    ['no such file', ['--type', REVIEW, '--predicate', '/nowhere'], 'FILE_UNAVAILABLE', 'ENOENT'],
    [
      'no such key',
      ['--type', REVIEW, '--predicate', 'FILE', '--key-file', 'x'],
      'KEY_MISSING',
      'no file',
    ],
    ['a bundle that is none', ['--bundle', 'FILE'], 'BUNDLE_INVALID', 'only mediaType'],
    ['a PEM that is none', ['--bundle', 'FILE', '--key', 'FILE'], 'KEY_INVALID', 'other text'],
  ])('refuses %s', async (_, words, code, text) => {
    const args = words.map((word) => (word === 'FILE' ? predicate : word))
    const error = await refused('attest', name, ...args)
    expect(error.code).toBe(code)
    expect(`${error.got} ${error.expected}`).toContain(text)
    expect((await ok('attestations', name)).attestations).toEqual([])
  })

  test('refuses a predicate that is no object', async () => {
    const list = await write('list.json', '[1]')
    const error = await refused('attest', name, '--type', REVIEW, '--predicate', list)
    expect(error).toMatchObject({
      code: 'STATEMENT_INVALID',
      message: 'A predicate is an object.',
      got: 'a list',
    })
  })
})

describe('a node', () => {
  test('has what others said, and pull --attestations brings it along', async () => {
    await using alice = await openPublisher()
    await alice.publish({
      name: `${alice.id}/hello`,
      version: '1.0.0',
      tools: HELLO.tools,
    } as never)
    const { attest, attestationSubject } = await import('../../src/registry/index.ts')
    const reference = `${alice.id}/hello`
    const subject = await attestationSubject(alice.workspace.store, reference)
    const said = { verdict: '\u001b[31mgood\u202e' }
    await attest(alice.workspace, { subject, predicateType: REVIEW, predicate: said })
    await using network = await openLibp2pNetwork({ listen: ['/ip4/127.0.0.1/tcp/0'] })
    network.handle((channel) => serveSource(channel, alice.source))
    const [address] = network.addresses as [string]
    await ok('pull', reference, '--from', address)
    expect((await ok('attestations', reference)).attestations).toEqual([])
    const pulled = await ok('pull', reference, '--from', address, '--attestations')
    expect(pulled.attestations).toEqual({ added: 1, refused: [] })
    const { attestations } = await ok('attestations', reference)
    expect(attestations[0]).toMatchObject({
      verdict: 'VERIFIED',
      from: address,
      owners: [{ publisher: parsePublisherId(alice.id), role: 'root' }, { role: 'release' }],
    })
    const again = await ok('attestations', reference, '--from', address)
    expect(again.peers).toEqual([{ from: address, added: 0, refused: [] }])
    const shown = await registryHere(['attestations', reference], { home })
    expect(shown.stdout).not.toMatch(/[\u001b\u202e]/)
    const nobody = await ok('attestations', reference, '--from', '/ip4/127.0.0.1/tcp/1')
    expect(nobody.peers[0]).toMatchObject({ added: 0, refused: [{ code: 'PEER_UNAVAILABLE' }] })
  })
})
