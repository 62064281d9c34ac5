import { generateKeyPairSync } from 'node:crypto'
import { readdirSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import {
  createKey,
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

test('export and import are a round trip, locked or not', async () => {
  for (const lock of [{}, { passphrase: 'p' }]) {
    const [from, to] = [makeFolder(), makeFolder()]
    const info = await createKey(from, { ...P256, ...lock })
    const text = await exportKey(from, 'signing', { secret: true })
    const back = await importKey(to, { name: 'backup', text })
    expect(back).toMatchObject({ key: info.key, encrypted: info.encrypted, name: 'backup' })
    const signer = await openSigner(to, 'backup', lock)
    expect(verifySignature(info.key, DATA, await signer.sign(DATA))).toBe(true)
  }
})

test('the public export is the PEM that openssl verifies with', async () => {
  const folder = makeFolder()
  await createKey(folder, P256)
  const paths = ['key.pem', 'sig', 'data'].map((name) => join(folder, name)) as [
    string,
    string,
    string,
  ]
  writeFileSync(paths[0], await exportKey(folder, 'signing'))
  writeFileSync(paths[1], await (await openSigner(folder, 'signing')).sign(DATA))
  writeFileSync(paths[2], DATA)
  expect(
    openssl('dgst', '-sha256', '-verify', paths[0], '-signature', paths[1], paths[2]),
  ).toContain('OK')
})

test('keys that openssl made are imported', async () => {
  const folder = makeFolder()
  const ed = openssl('genpkey', '-algorithm', 'ED25519')
  const sec1 = openssl('ecparam', '-name', 'prime256v1', '-genkey', '-noout')
  const locked = openssl(
    ...['genpkey', '-algorithm', 'EC', '-pkeyopt', 'ec_paramgen_curve:P-256'],
    ...['-aes-256-cbc', '-pass', 'pass:p'],
  )
  expect((await importKey(folder, { name: 'pkcs8', text: opensslPem() })).type).toBe('ecdsa-p256')
  expect((await importKey(folder, { name: 'sec1', text: sec1 })).type).toBe('ecdsa-p256')
  expect((await importKey(folder, { name: 'ed', text: ed })).type).toBe('ed25519')
  expectError('KEY_LOCKED', await rejection(importKey(folder, { name: 'locked', text: locked })))
  const info = await importKey(folder, { name: 'locked', text: locked, passphrase: 'p' })
  expect(info.encrypted).toBe(true)
  for (const { name, key } of await listKeys(folder)) {
    const signer = await openSigner(folder, name, { passphrase: 'p' })
    expect(verifySignature(key, DATA, await signer.sign(DATA))).toBe(true)
  }
})

test('other algorithms and public keys are not imported', async () => {
  const folder = makeFolder()
  const p384 = openssl('genpkey', '-algorithm', 'EC', '-pkeyopt', 'ec_paramgen_curve:P-384')
  const { publicKey } = generateKeyPairSync('ec', { namedCurve: 'P-256' })
  const texts = [
    p384,
    openssl('genpkey', '-algorithm', 'X25519'),
    publicKey.export({ format: 'pem', type: 'spki' }).toString(),
    'not a key',
    '{"kind":"key/v1"}',
    '',
  ]
  for (const text of texts) {
    expectError('KEY_INVALID', await rejection(importKey(folder, { name: 'x', text })))
  }
  expect(readdirSync(folder)).toEqual([])
})
