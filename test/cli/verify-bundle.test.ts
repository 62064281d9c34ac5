// registry verify-bundle: exit 0 for exactly the signer that was named, and for nobody else.

import { createHash } from 'node:crypto'
import { open, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { registryHere } from '../support/in-process.ts'
import { makeFolder, type TestFolder } from '../support/registry.ts'
import { fixturePath, looseFixture, readFixture, whoIs } from '../trust/sigstore/bundles.ts'

const ISSUER = 'https://token.actions.githubusercontent.com'
const IDENTITY = whoIs()[1] ?? ''
const FILE = fixturePath('a.txt')
const DIGEST = `sha256:${createHash('sha256').update(readFixture('a.txt')).digest('hex')}`
const BUNDLE = fixturePath('happy-path-v0.1.sigstore.json')

let folder: TestFolder
beforeAll(async () => {
  folder = await makeFolder()
})
afterAll(() => folder[Symbol.asyncDispose]())

const run = (...words: readonly string[]) =>
  registryHere(['verify-bundle', ...words], { home: folder.path })
const judge = (...words: readonly string[]) => run('--bundle', BUNDLE, ...words)

describe('verify-bundle', () => {
  test.each([FILE, DIGEST, DIGEST.toUpperCase().replace('SHA', 'sha')])(
    'accepts %s',
    async (target) => {
      const { status, stdout, stderr } = await judge(...whoIs(), target)
      expect({ status, stderr }).toEqual({ status: 0, stderr: '' })
      expect(stdout).toContain(
        `accepted ${DIGEST}\n  signer     ${IDENTITY}\n  issuer     ${ISSUER}`,
      )
    },
  )

  test('--json says who, what and when', async () => {
    const { stdout } = await run('--json', '--bundle', BUNDLE, ...whoIs(), FILE)
    expect(JSON.parse(stdout)).toEqual({
      accepted: true,
      content: 'message',
      sha256: DIGEST.slice(7),
      signer: { kind: 'keyless', issuer: ISSUER, san: IDENTITY, claims: expect.any(Object) },
      times: [{ by: 'log', at: '2023-07-12T15:56:36.000Z' }],
      root: '6494e21ea73fa7ee769f85f57d5a3e6a08725eae1e38c755fc3517c9e6bc0b66',
    })
  })

  test.each([
    IDENTITY.slice(0, -1),
    `${IDENTITY}x`,
    IDENTITY.toUpperCase(),
    IDENTITY.replace('main', 'mai.'),
    'https://github.com/',
    '.',
    '.*',
    '^.*$',
    ' ',
  ])('%j is somebody else', async (identity) => {
    const { status, stdout, stderr } = await judge(...whoIs(identity), FILE)
    expect({ status, stdout }).toEqual({ status: 11, stdout: '' })
    expect(stderr).toContain(`got      ${IDENTITY}`)
    expect(stderr).toContain('SIGNER_UNAUTHORIZED')
  })

  test.each([`${ISSUER}/`, `${ISSUER}.evil.example`, 'https://', '.*'])(
    'the issuer %s is another',
    async (issuer) => {
      const { status, stderr } = await judge(...whoIs(IDENTITY, issuer), FILE)
      expect(status).toBe(11)
      expect(stderr).toContain(`expected the issuer ${issuer}`)
    },
  )

  test.each<readonly [string, readonly string[]]>([
    ['nobody named', []],
    ['an empty identity', whoIs('')],
    ['an empty issuer', whoIs(IDENTITY, '')],
    ['an identity without an issuer', ['--certificate-identity', IDENTITY]],
    ['an issuer without an identity', ['--certificate-oidc-issuer', ISSUER]],
    ['an identity and a key', [...whoIs(), '--key', fixturePath('managed-key.pub')]],
  ])('%s is a mistake of the caller', async (_what, words) => {
    const { status, stderr } = await judge(...words, FILE)
    expect(status).toBe(2)
    expect(stderr).toContain('Say which bundle, and who must have signed it.')
    expect(stderr).toContain('See `registry verify-bundle --help`.')
  })

  test('no bundle, no file', async () => {
    expect((await run(...whoIs(), FILE)).status).toBe(2)
    expect((await run('--bundle', BUNDLE, ...whoIs())).status).toBe(2)
    expect((await run('--bundle', join(folder.path, 'none'), ...whoIs(), FILE)).status).toBe(15)
    const gone = await judge(...whoIs(), join(folder.path, 'none'))
    expect(gone.status).toBe(15)
    expect(gone.stderr).toContain('a file that can be read, or sha256: and 64 hexadecimal digits')
  })

  test('another file, and one that is large', async () => {
    const other = join(folder.path, 'other.bin')
    await using file = await open(other, 'w')
    await file.truncate(64 * 1024 * 1024)
    const { status, stderr } = await judge(...whoIs(), other)
    expect(status).toBe(10)
    expect(stderr).toContain('The bundle is for another file.')
  })

  test('a file of the name of a digest is a file', async () => {
    const name = `sha256:${'0'.repeat(64)}`
    await writeFile(join(folder.path, name), readFixture('a.txt'))
    const before = process.cwd()
    process.chdir(folder.path)
    try {
      expect((await judge(...whoIs(), name)).status).toBe(0)
    } finally {
      process.chdir(before)
    }
  })
})

describe('with a key', () => {
  const keyed = ['--bundle', fixturePath('managed-key.sigstore.json')]
  const key = ['--key', fixturePath('managed-key.pub')]

  test.each([FILE, DIGEST])('accepts %s', async (target) => {
    const { status, stdout } = await run(...keyed, ...key, target)
    expect(status).toBe(0)
    expect(stdout).toContain('signer     the key given')
  })

  test('the key in hand decides, not who is in the bundle', async () => {
    expect((await run(...keyed, ...whoIs(), FILE)).stderr).toContain('SIGNER_UNAUTHORIZED')
    expect((await run('--bundle', BUNDLE, ...key, FILE)).stderr).toContain('SIGNER_UNAUTHORIZED')
  })

  test('another key, a secret key, no key', async () => {
    const { generateKeyPairSync } = await import('node:crypto')
    const pair = generateKeyPairSync('ec', { namedCurve: 'P-256' })
    const path = join(folder.path, 'key.pem')
    const judgeKey = async (pem: string) => {
      await writeFile(path, pem)
      return await run(...keyed, '--key', path, FILE)
    }
    const other = await judgeKey(pair.publicKey.export({ type: 'spki', format: 'pem' }).toString())
    expect(other.stderr).toContain('SIGNATURE_INVALID')
    const secret = await judgeKey(
      pair.privateKey.export({ type: 'pkcs8', format: 'pem' }).toString(),
    )
    expect(secret.stderr).toContain('the secret one stays with them')
    expect((await judgeKey('hello')).status).toBe(13)
    expect((await run(...keyed, '--key', join(folder.path, 'none'), FILE)).status).toBe(15)
  })

  test('without a log entry it is not enough that the key fits', async () => {
    const bundle = looseFixture('managed-key.sigstore.json')
    bundle.verificationMaterial.tlogEntries = []
    const path = join(folder.path, 'no-log.json')
    await writeFile(path, JSON.stringify(bundle))
    const { status, stderr } = await run('--bundle', path, ...key, FILE)
    expect(status).toBe(11)
    expect(stderr).toContain('EVIDENCE_MISSING')
  })
})

describe('trusted roots', () => {
  const staged = ['--bundle', fixturePath('rekor2.sigstore.json'), ...whoIs()]

  test('the public-good one unless said', async () => {
    const { status, stderr } = await run(...staged, FILE)
    expect(status).toBe(11)
    expect(stderr).toContain('The trusted root does not know the log.')
  })

  test.each([['--staging'], ['--trusted-root', fixturePath('rekor2.trusted_root.json')]])(
    '%s',
    async (...words) => {
      expect((await run(...staged, ...words, FILE)).status).toBe(0)
      expect((await run(...staged, ...words, DIGEST)).status).toBe(0)
    },
  )

  test('a file that is none', async () => {
    const { status, stderr } = await run(...staged, '--trusted-root', FILE, FILE)
    expect(status).toBe(13)
    expect(stderr).toContain('This trusted root cannot be used.')
  })
})

describe('statements', () => {
  const bundle = looseFixture('statement-with-timestamp.sigstore.json')
  const statement = JSON.parse(Buffer.from(bundle.dsseEnvelope.payload, 'base64').toString())
  const san =
    'https://github.com/kubewarden/kubewarden-controller/.github/workflows/release.yml@refs/tags/v1.34.0'
  const words = ['--bundle', fixturePath('statement-with-timestamp.sigstore.json'), ...whoIs(san)]

  test('about this artifact', async () => {
    const digest = `sha256:${statement.subject[0].digest.sha256}`
    const { status, stdout } = await run('--json', ...words, digest)
    expect(status).toBe(0)
    expect(JSON.parse(stdout)).toMatchObject({
      content: 'statement',
      predicateType: statement.predicateType,
    })
  })

  test('about another', async () => {
    const { status, stderr } = await run(...words, FILE)
    expect(status).toBe(10)
    expect(stderr).toContain('The signed statement is about something else.')
  })
})
