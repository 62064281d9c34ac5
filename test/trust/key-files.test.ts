import { execFileSync } from 'node:child_process'
import { createPrivateKey, generateKeyPairSync } from 'node:crypto'
import {
  chmodSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  renameSync,
  statSync,
  symlinkSync,
  truncateSync,
  writeFileSync,
} from 'node:fs'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import {
  createKey,
  equalKeys,
  exportKey,
  importKey,
  listKeys,
  openSigner,
  verifySignature,
} from '../../src/trust/index.ts'
import { openssl, opensslPem } from './openssl.ts'
import { expectError, makeFolder, rejection } from './setup.ts'

const DATA = Buffer.from('data')
const P256 = { name: 'signing', type: 'ecdsa-p256' } as const

test.each(['ecdsa-p256', 'ed25519'] as const)('a made %s key signs and is listed', async (type) => {
  const folder = join(makeFolder(), 'keys')
  const info = await createKey(folder, { name: 'one', type })
  expect(info).toMatchObject({
    name: 'one',
    type,
    encrypted: false,
    path: join(folder, 'one.json'),
  })
  expect(await listKeys(folder)).toEqual([info])
  const signer = await openSigner(folder, 'one')
  expect(equalKeys(signer.key, info.key)).toBe(true)
  expect(verifySignature(signer.key, DATA, await signer.sign(DATA))).toBe(true)
})

test('files are 0600 in a 0700 folder, with nothing left beside them', async () => {
  const folder = join(makeFolder(), 'keys')
  await createKey(folder, P256)
  expect(statSync(folder).mode & 0o777).toBe(0o700)
  expect(statSync(join(folder, 'signing.json')).mode & 0o777).toBe(0o600)
  expect(readdirSync(folder)).toEqual(['signing.json'])
})

test('a key is never replaced, and of two makers one wins', async () => {
  const folder = makeFolder()
  const made = await Promise.allSettled([createKey(folder, P256), createKey(folder, P256)])
  expect(made.map(({ status }) => status).sort()).toEqual(['fulfilled', 'rejected'])
  const before = readFileSync(join(folder, 'signing.json'))
  expectError('FILE_EXISTS', await rejection(createKey(folder, P256)))
  expect(readFileSync(join(folder, 'signing.json'))).toEqual(before)
  expect(readdirSync(folder)).toEqual(['signing.json'])
})

test('a passphrase locks the secret, and openssl can unlock it too', async () => {
  const folder = makeFolder()
  const info = await createKey(folder, { ...P256, passphrase: 'correct horse' })
  expect(info.encrypted).toBe(true)
  expect((await listKeys(folder))[0]?.encrypted).toBe(true)
  expectError('KEY_LOCKED', await rejection(openSigner(folder, 'signing')))
  for (const passphrase of ['', 'wrong', 'correct horse ']) {
    expectError('KEY_LOCKED', await rejection(openSigner(folder, 'signing', { passphrase })))
  }
  const signer = await openSigner(folder, 'signing', { passphrase: 'correct horse' })
  expect(verifySignature(info.key, DATA, await signer.sign(DATA))).toBe(true)
  const pem = join(folder, 'secret.pem')
  writeFileSync(pem, JSON.parse(await exportKey(folder, 'signing', { secret: true })).secret)
  expect(openssl('pkey', '-in', pem, '-passin', 'pass:correct horse', '-pubout')).toBe(
    await exportKey(folder, 'signing'),
  )
  expect(openssl('asn1parse', '-in', pem)).toMatch(/scrypt[\s\S]*:4000[\s\S]*aes-256-cbc/)
})

test.each([0o640, 0o604, 0o660, 0o644, 0o611])(
  'mode %o is refused, and the answer is a command',
  async (mode) => {
    const folder = makeFolder()
    const { path } = await createKey(folder, P256)
    chmodSync(path, mode)
    const error = expectError('KEY_PERMISSIONS', await rejection(openSigner(folder, 'signing')))
    expect(error.details.next).toContain(`chmod 600 '${path}'`)
    expectError('KEY_PERMISSIONS', await rejection(listKeys(folder)))
    expectError('KEY_PERMISSIONS', await rejection(exportKey(folder, 'signing')))
  },
)

test('a folder that others can write is refused', async () => {
  const folder = makeFolder()
  await createKey(folder, P256)
  chmodSync(folder, 0o770)
  expectError('KEY_PERMISSIONS', await rejection(openSigner(folder, 'signing')))
  expectError('KEY_PERMISSIONS', await rejection(createKey(folder, { ...P256, name: 'b' })))
})

test('a link, a folder and a pipe are not key files', async () => {
  const folder = makeFolder()
  const { path } = await createKey(folder, P256)
  renameSync(path, join(folder, 'elsewhere'))
  symlinkSync(join(folder, 'elsewhere'), path)
  expectError('KEY_PERMISSIONS', await rejection(openSigner(folder, 'signing')))
  mkdirSync(join(folder, 'dir.json'))
  expectError('KEY_PERMISSIONS', await rejection(openSigner(folder, 'dir')))
  execFileSync('mkfifo', ['-m', '600', join(folder, 'pipe.json')])
  expectError('KEY_PERMISSIONS', await rejection(openSigner(folder, 'pipe')))
})

test('a dangling link is not written through', async () => {
  const folder = makeFolder()
  symlinkSync(join(folder, 'target'), join(folder, 'signing.json'))
  expectError('FILE_EXISTS', await rejection(createKey(folder, P256)))
  expect(readdirSync(folder)).toEqual(['signing.json'])
})

test('a swapped public half is refused', async () => {
  const folder = makeFolder()
  const { path } = await createKey(folder, P256)
  const { key } = await createKey(folder, { ...P256, name: 'other' })
  const file = JSON.parse(readFileSync(path, 'utf8'))
  writeFileSync(path, JSON.stringify({ ...file, public: key.spki }))
  expectError('KEY_INVALID', await rejection(openSigner(folder, 'signing')))
})

test('a public half swapped inside the PKCS#8 as well is refused', async () => {
  const folder = makeFolder()
  const mine = generateKeyPairSync('ec', { namedCurve: 'P-256' })
  const theirs = generateKeyPairSync('ec', { namedCurve: 'P-256' })
  const der = mine.privateKey.export({ format: 'der', type: 'pkcs8' })
  const point = theirs.publicKey.export({ format: 'der', type: 'spki' }).subarray(-65)
  const swapped = Buffer.concat([der.subarray(0, -65), point])
  const text = `-----BEGIN PRIVATE KEY-----\n${swapped.toString('base64')}\n-----END PRIVATE KEY-----\n`
  // OpenSSL believes the point it is given: comparing public halves would not notice.
  expect(createPrivateKey(text).asymmetricKeyType).toBe('ec')
  expectError('KEY_INVALID', await rejection(importKey(folder, { name: 'signing', text })))
  expect(readdirSync(folder)).toEqual([])
})

test('a damaged file is refused wherever it was cut', async () => {
  const folder = makeFolder()
  const { path } = await createKey(folder, P256)
  const { size } = statSync(path)
  for (let length = size - 2; length >= 0; length -= 37) {
    truncateSync(path, length)
    expectError('KEY_INVALID', await rejection(openSigner(folder, 'signing')))
  }
  writeFileSync(path, ' '.repeat(16 * 1024 + 1))
  expectError('KEY_INVALID', await rejection(openSigner(folder, 'signing')))
})

test('fields of a key file are exact, and errors never quote the secret', async () => {
  const folder = makeFolder()
  const { path } = await createKey(folder, P256)
  const file = JSON.parse(readFileSync(path, 'utf8'))
  expect(Object.keys(file)).toEqual(['kind', 'name', 'type', 'public', 'secret'])
  const secretLine = file.secret.split('\n')[1]
  for (const change of [
    { kind: 'key/v2' },
    { name: 'other' },
    { name: 1 },
    { type: 'ed25519' },
    { public: 'AA==' },
    { secret: 7 },
    { secret: `${file.secret}`.replace('PRIVATE', 'PUBLIC') },
    { more: 1 },
    { kind: file.secret },
    { secret: undefined },
  ]) {
    writeFileSync(path, JSON.stringify({ ...file, ...change }))
    const error = expectError('KEY_INVALID', await rejection(openSigner(folder, 'signing')))
    const { cause: _cause, ...details } = error.details
    expect(JSON.stringify([error.message, details])).not.toContain(secretLine)
  }
})

test('no key, no folder, no such name', async () => {
  const folder = join(makeFolder(), 'none')
  expect(await listKeys(folder)).toEqual([])
  expectError('KEY_MISSING', await rejection(openSigner(folder, 'signing')))
  expectError('KEY_MISSING', await rejection(exportKey(folder, 'signing')))
  for (const name of ['', '../x', 'A', 'a.b', 'a/b', 'a'.repeat(41), 'a\n', 'ä', 'a b']) {
    expectError('NAME_INVALID', await rejection(openSigner(folder, name)))
    expectError('NAME_INVALID', await rejection(createKey(folder, { ...P256, name })))
    expectError('NAME_INVALID', await rejection(importKey(folder, { name, text: opensslPem() })))
  }
})
