// registry trust: from no policy to one that allows, with the reasons.

import { readFile, rm, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { allow, type Consumer, type LockedScene, openLockedScene } from '../support/locked.ts'

const NAME = 'com.example/hello'
const TOOL = { name: 'greet', description: 'Greets a person.', inputSchema: { type: 'object' } }
const FINGERPRINT = `SHA256:${'A'.repeat(43)}`

let scene: LockedScene
let consumer: Consumer
let path: string

beforeAll(async () => {
  scene = await openLockedScene()
  const tools = [TOOL, { ...TOOL, name: 'part' }]
  await scene.publish({ name: NAME, version: '1.0.0', tools })
  consumer = await scene.consumer()
  path = join(consumer.home, 'trust.toml')
  await consumer.json(['pull', NAME, '--from', scene.web.url, '--publisher', scene.publisher])
})

afterAll(() => scene[Symbol.asyncDispose]())

const policy = (text: string) => writeFile(path, text)
const read = () => readFile(path, 'utf8')
/** What a failed explanation answers: it is an answer, and no error. */
async function explained(...args: readonly string[]) {
  const { status, stdout } = await consumer.run(['--json', 'trust', 'explain', NAME, ...args])
  return { status, answer: JSON.parse(stdout) }
}

describe('init', () => {
  test('writes a policy that allows nothing, once', async () => {
    await rm(path)
    expect(await consumer.json(['trust', 'init'])).toEqual({ path, created: true })
    const written = await read()
    const checked = await consumer.json(['trust', 'check'])
    expect(checked).toMatchObject({ path, default: 'deny', quorum: 'none', publishers: [] })
    expect(await consumer.failure(['trust', 'init'])).toMatchObject({
      code: 'FILE_EXISTS',
      message: 'There is a file of that name already.',
      got: path,
      next: 'Edit it, or choose another path. A policy is never overwritten.',
    })
    expect(await read()).toBe(written)
    expect((await explained()).answer.failure.code).toBe('PUBLISHER_UNTRUSTED')
  })

  test('writes it where it is told to', async () => {
    const other = join(scene.folder, 'sub', 'mine.toml')
    expect(await consumer.json(['trust', 'init', other])).toEqual({ path: other, created: true })
    expect((await consumer.json(['trust', 'check', other])).path).toBe(other)
  })
})

describe('check', () => {
  test('says what is wrong, in which line', async () => {
    await policy(`${allow(scene.publisher)}thresold = 1\n`)
    expect(await consumer.failure(['trust', 'check'])).toMatchObject({
      code: 'POLICY_INVALID',
      exit: 13,
      line: 9,
      path: '/publisher/0/thresold',
      message: `${path}, line 9: publisher[1].thresold is not a key that a policy has.`,
      next: 'Did you mean "threshold"?',
    })
    // No command does anything with it.
    expect((await consumer.failure(['trust', 'explain', NAME])).code).toBe('POLICY_INVALID')
  })

  test('says that there is none', async () => {
    await rm(path)
    expect(await consumer.failure(['trust', 'check'])).toMatchObject({
      code: 'NOT_FOUND',
      message: 'There is no trust policy, so nothing is allowed.',
      next: 'Write one: `registry trust init`.',
    })
    expect(await explained()).toMatchObject({
      status: 11,
      answer: { decision: 'refused', policy: { path: null } },
    })
  })

  test('shows a good one in a few lines', async () => {
    await policy(`${allow(scene.publisher)}\n[private]\nnamespaces = ["com.corp"]\n`)
    const { stdout } = await consumer.run(['trust', 'check'])
    expect(stdout.split('\n').slice(0, 6)).toEqual([
      `${path} is a good policy`,
      expect.stringMatching(/^ {2}digest {5}sha256-[0-9a-f]{64}$/),
      '  default    deny',
      '  quorum     none',
      `  publisher  com.example: ${scene.publisher}, for com.example/*`,
      '  private    com.corp',
    ])
  })
})

describe('add', () => {
  test('appends a block and leaves the rest as it is', async () => {
    const before = '# My words\nversion = 1\nquorum = "none"   # and these'
    await policy(before)
    const { added } = await consumer.json(['trust', 'add', 'com.example'])
    // The pin of the pull, written down.
    expect(added).toMatchObject({ namespace: 'com.example', id: scene.publisher })
    expect(await read()).toBe(
      `${before}\n\n[[publisher]]\nnamespace = "com.example"\nid = "${scene.publisher}"\ntools = ["com.example/*"]\n`,
    )
    expect((await explained()).status).toBe(0)
  })

  test('writes signers, keys and keyless ones', async () => {
    await policy('version = 1\nquorum = "none"\n')
    const san = 'https://github.com/acme/tools/.github/workflows/release.yml@refs/tags/v*'
    const issuer = 'https://token.actions.githubusercontent.com'
    const who = ['--issuer', issuer, '--san', san, '--claim', 'repository_id=7']
    await consumer.json(['trust', 'add', 'com.acme', ...who, '--key', FINGERPRINT])
    await consumer.json(['trust', 'add', scene.publisher, '--tools', `${scene.publisher}/x#get_*`])
    const { publishers } = await consumer.json(['trust', 'check'])
    expect(publishers).toMatchObject([
      { namespace: 'com.acme', id: null, signers: 2, threshold: 1 },
      { namespace: scene.publisher, id: scene.publisher, tools: [`${scene.publisher}/x#get_*`] },
    ])
    expect(await read()).toContain('repository_id = "7"')
  })

  test.each([
    ['what a row above covers', ['com.example'], 'USAGE'],
    [
      'one tool that a row above covers',
      ['com.example', '--tools', 'com.example/hello#x'],
      'USAGE',
    ],
    ['half a keyless signer', ['com.acme', '--issuer', 'https://x.example'], 'USAGE'],
    ['a claim of nobody', ['com.acme', '--claim', 'owner=x'], 'USAGE'],
    ['nothing', [], 'USAGE'],
    ['a namespace that is none', ['*'], 'NAME_INVALID'],
    ['a quotation that would end early', ['com.acme"\nversion = 2\n#'], 'NAME_INVALID'],
    [
      'a subject that means anybody',
      ['com.acme', '--issuer', 'https://x.example', '--san', '.*'],
      'POLICY_INVALID',
    ],
    ['a key that is none', ['com.acme', '--key', 'SHA256:x'], 'POLICY_INVALID'],
  ])('refuses %s, and writes nothing', async (_, args, code) => {
    await policy(allow(scene.publisher))
    expect((await consumer.failure(['trust', 'add', ...args])).code).toBe(code)
    expect(await read()).toBe(allow(scene.publisher))
  })
})

describe('explain', () => {
  test('shows each claim with what it rests on', async () => {
    await policy(allow(scene.publisher))
    const { status, stdout, stderr } = await consumer.run(['trust', 'explain', `${NAME}#greet`])
    expect({ status, stderr }).toEqual({ status: 0, stderr: '' })
    expect(stdout).toContain(`${NAME}@1.0.0: allowed\n  policy     ${path}\n`)
    expect(stdout).toContain('  yes  the policy speaks of com.example/hello\n')
    expect(stdout).toContain(`${scene.publisher}, named by the policy`)
    expect(stdout).toMatch(/may sign\n {9}key SHA256:/)
  })

  test('ends with the status of the first claim that fails, and shows the others', async () => {
    const signer = `[[publisher.signer]]\nkind = "key"\nfingerprint = "${FINGERPRINT}"\n`
    await policy(`${allow(scene.publisher)}${signer}`)
    const { status, stdout, stderr } = await consumer.run(['trust', 'explain', NAME])
    expect(status).toBe(11)
    expect(stdout).toContain(`  NO   1 of the policy’s 1 signer signed it\n`)
    expect(stdout).toContain('  yes  it may be new\n')
    expect(stderr).toContain('error POLICY com.example/hello@1.0.0 is not signed by those whom')
    const { answer } = await explained()
    expect(answer).toMatchObject({
      name: NAME,
      version: '1.0.0',
      tools: ['greet', 'part'],
      decision: 'refused',
      failure: { code: 'SIGNER_UNAUTHORIZED', verdict: 'POLICY' },
    })
  })

  test('of another publisher than the policy’s is a rebind', async () => {
    const other = `${scene.publisher.slice(0, -2)}${scene.publisher.at(-2) === 'b' ? 'c' : 'b'}a`
    await policy(allow(other))
    expect(await consumer.failure(['trust', 'explain', NAME])).toMatchObject({
      code: 'PUBLISHER_CHANGED',
      exit: 8,
    })
  })

  test('asks where the default is to ask', async () => {
    await policy('version = 1\ndefault = "prompt"\nquorum = "none"\n')
    const { status, stdout } = await consumer.run(['trust', 'explain', NAME])
    expect(status).toBe(11)
    expect(stdout).toContain(`${NAME}@1.0.0: not allowed yet: a person has to say yes`)
  })

  test('is a verification summary as well', async () => {
    await policy(allow(scene.publisher))
    const { stdout } = await consumer.run(['trust', 'explain', NAME, '--vsa'])
    const summary = JSON.parse(stdout)
    const { digest } = await consumer.json(['trust', 'check'])
    expect(summary.predicateType).toBe('https://slsa.dev/verification_summary/v1')
    expect(summary.predicate).toMatchObject({
      verificationResult: 'PASSED',
      policy: { digest: { sha256: digest.slice('sha256-'.length) } },
    })
  })

  test('is of what is held here', async () => {
    expect((await consumer.failure(['trust', 'explain', 'com.example/absent'])).code).toBe(
      'NOT_FOUND',
    )
  })
})

test('a private name is not pulled, by the policy of the home folder', async () => {
  await policy(`${allow(scene.publisher)}\n[private]\nnamespaces = ["com.corp"]\n`)
  const pull = ['pull', 'com.corp.team/secret', '--from', scene.web.url]
  expect(await consumer.failure(pull)).toMatchObject({
    code: 'NAMESPACE_PRIVATE',
    exit: 11,
    got: 'a name of com.corp',
  })
})
