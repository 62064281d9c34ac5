// Who a certificate says signed, read exactly: extensions of the test’s own, in the shapes that readers disagree about.

import { createRequire } from 'node:module'
import type { X509Certificate } from '@sigstore/core'
import { describe, expect, test } from 'vitest'
import { isRegistryError } from '../../../src/lib/index.ts'
import { readIdentity } from '../../../src/trust/sigstore/certificate.ts'
import {
  bits,
  der,
  integer,
  octets,
  oid,
  sequence,
  text,
  truth,
} from '../../support/sigstore/der.ts'

const { ASN1Obj } = createRequire(import.meta.url)('@sigstore/core')
const FULCIO = '1.3.6.1.4.1.57264.1'
const ISSUER = 'https://token.actions.githubusercontent.com'
const SAN = 'https://github.com/acme/weather/.github/workflows/release.yml@refs/tags/v1'

type Parts = Readonly<Record<string, Buffer | undefined>>

const uri = (value: string): Buffer => der(0x86, Buffer.from(value, 'latin1'))
const GOOD: Parts = {
  '2.5.29.15': bits(Buffer.from([0x80]), 7),
  '2.5.29.37': sequence(oid('1.3.6.1.5.5.7.3.3')),
  '2.5.29.17': sequence(uri(SAN)),
  [`${FULCIO}.8`]: text(ISSUER),
  [`${FULCIO}.1`]: Buffer.from(ISSUER),
  [`${FULCIO}.15`]: text('12345'),
  [`${FULCIO}.20`]: text('push'),
}

function toCertificate(parts: Parts, more: readonly Buffer[] = []): X509Certificate {
  const known = Object.entries(parts).flatMap(([id, value]) =>
    value === undefined ? [] : [sequence(oid(id), octets(value))],
  )
  const extensions = [...known, ...more].map((bytes) => ASN1Obj.parseBuffer(bytes))
  return { extensions } as unknown as X509Certificate
}

const read = (change: Parts = {}, more: readonly Buffer[] = []) =>
  readIdentity(toCertificate({ ...GOOD, ...change }, more), 'own')

describe('a certificate of Fulcio', () => {
  test('says issuer, subject and claims', () => {
    expect(read()).toEqual({
      issuer: ISSUER,
      san: SAN,
      claims: { repository_id: '12345', trigger: 'push' },
    })
  })

  test('an e-mail address, and a user name', () => {
    const mail = sequence(der(0x81, Buffer.from('alice@example.com')))
    expect(read({ '2.5.29.17': mail }).san).toBe('alice@example.com')
    const name = der(0xa0, oid(`${FULCIO}.7`), der(0xa0, text('alice!example.com')))
    expect(read({ '2.5.29.17': sequence(name) }).san).toBe('alice!example.com')
  })

  test('the old issuer alone is enough for bundles of others, not for ours', () => {
    const parts = { ...GOOD, [`${FULCIO}.8`]: undefined }
    expect(readIdentity(toCertificate(parts), 'any').issuer).toBe(ISSUER)
    expect(() => readIdentity(toCertificate(parts), 'own')).toThrow(/does not say clearly/)
  })

  const names = (...list: readonly Buffer[]): Parts => ({ '2.5.29.17': sequence(...list) })
  test.each<readonly [string, Parts, string]>([
    ['two names', names(uri(SAN), uri(`${SAN}2`)), 'exactly one subject alternative name'],
    [
      'a URI and an e-mail address',
      names(uri(SAN), der(0x81, Buffer.from('a@b.c'))),
      'exactly one',
    ],
    ['no name', names(), 'exactly one'],
    ['no names at all', { '2.5.29.17': undefined }, 'exactly one'],
    ['a host name', names(der(0x82, Buffer.from('example.com'))), 'a URI, an e-mail address'],
    [
      'a byte over 127, which ASCII readers fold',
      names(uri('https://github.com/\xe1cme')),
      'a URI',
    ],
    ['a zero byte', names(uri('https://github.com/acme\0/x')), 'a URI'],
    ['an empty name', names(uri('')), 'a URI'],
    ['another kind of user name', names(der(0xa0, oid('1.2.3'), der(0xa0, text('a')))), 'a URI'],
    [
      'the issuer as bare text',
      { [`${FULCIO}.8`]: Buffer.from(ISSUER) },
      'the issuer as a UTF8String',
    ],
    [
      'text after the issuer',
      { [`${FULCIO}.8`]: Buffer.concat([text(ISSUER), text('x')]) },
      'the issuer',
    ],
    [
      'a length in too many bytes',
      { [`${FULCIO}.8`]: der(0x0c, Buffer.from(ISSUER)).fill(0x81, 1, 2) },
      'the issuer',
    ],
    [
      'two issuers that differ',
      { [`${FULCIO}.1`]: Buffer.from('https://evil.example') },
      `one issuer, ${ISSUER}`,
    ],
    [
      'an old issuer that ends later',
      { [`${FULCIO}.1`]: Buffer.from(`${ISSUER}/x`) },
      'one issuer',
    ],
    [
      'a claim that is not DER',
      { [`${FULCIO}.15`]: Buffer.from('12345') },
      'repository_id as a UTF8String',
    ],
    [
      'a claim that is not UTF-8',
      { [`${FULCIO}.15`]: der(0x0c, Buffer.from([0xff])) },
      'repository_id',
    ],
    [
      'a certificate for web servers',
      { '2.5.29.37': sequence(oid('1.3.6.1.5.5.7.3.1')) },
      'a certificate for code signing',
    ],
    ['no purpose', { '2.5.29.37': undefined }, 'a certificate for code signing'],
    [
      'a key for other things',
      { '2.5.29.15': bits(Buffer.from([0x06]), 1) },
      'a key for digital signatures',
    ],
    [
      'an authority',
      { '2.5.29.19': sequence(truth(), integer(Buffer.from([0]))) },
      'the certificate of a signer',
    ],
  ])('%s', (_what, change, expected) => {
    expect(detailsOf(() => read(change))).toMatchObject({
      code: 'CERTIFICATE_INVALID',
      expected: expect.stringContaining(expected),
      next: expect.stringContaining('Do not use it'),
    })
  })

  test('the same extension twice: readers take the first, or the last', () => {
    const second = sequence(oid(`${FULCIO}.8`), octets(text('https://evil.example')))
    expect(detailsOf(() => read({}, [second])).got).toBe(`${FULCIO}.8 twice`)
  })

  test('what is marked critical and not understood is not passed over', () => {
    const critical = sequence(oid('1.2.3.4'), truth(), octets(text('x')))
    expect(detailsOf(() => read({}, [critical])).got).toBe('1.2.3.4')
  })
})

function detailsOf(run: () => unknown) {
  try {
    run()
  } catch (error) {
    if (isRegistryError(error)) return { code: error.code, ...error.details }
    throw error
  }
  throw new Error('it was accepted')
}
