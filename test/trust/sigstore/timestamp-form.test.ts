// RFC 3161 responses whose signature may well hold: refused for what they say of themselves, which the library does not ask.

import { expect, test } from 'vitest'
import { isRegistryError } from '../../../src/lib/index.ts'
import { assertTimestamp } from '../../../src/trust/sigstore/form/timestamp-form.ts'
import { der, integer, octets, oid, sequence, set } from '../../support/sigstore/der.ts'
import { looseFixture } from './bundles.ts'

const TIMESTAMP = '1.2.840.113549.1.9.16.1.4'
const DATA = '1.2.840.113549.1.7.1'
const number = (value: number): Buffer => integer(Buffer.from([value]))
const contentType = (type: string): Buffer => sequence(oid('1.2.840.113549.1.9.3'), set(oid(type)))
const digest = sequence(oid('1.2.840.113549.1.9.4'), set(octets(Buffer.alloc(32))))

function signer(...attributes: readonly Buffer[]): Buffer {
  return sequence(number(1), sequence(), sequence(), der(0xa0, ...attributes), sequence())
}

function response(status: number, ...signers: readonly Buffer[]): Buffer {
  const signed = sequence(number(3), set(), sequence(oid(TIMESTAMP)), set(...signers))
  const token = sequence(oid('1.2.840.113549.1.7.2'), der(0xa0, signed))
  return sequence(sequence(number(status)), token)
}

const good = signer(contentType(TIMESTAMP), digest)

test('granted, or with changes, by one signer', () => {
  for (const status of [0, 1]) expect(judge(response(status, good))).toBe('good')
  const bundle = looseFixture('statement-with-timestamp.sigstore.json')
  const [real] = bundle.verificationMaterial.timestampVerificationData.rfc3161Timestamps
  expect(judge(Buffer.from(real.signedTimestamp, 'base64'))).toBe('good')
})

test.each([
  ['rejected', response(2, good), 'another status'],
  ['waiting', response(3, good), 'another status'],
  ['without a token', sequence(sequence(number(0))), 'none'],
  ['of nobody', response(0), 'none'],
  ['of two signers', response(0, good, good), 'several'],
  ['of something else', response(0, signer(contentType(DATA), digest)), 'others'],
  ['of nothing said', response(0, signer(digest)), 'others'],
  ['of two things', response(0, signer(contentType(TIMESTAMP), contentType(DATA))), 'others'],
  [
    'of the same twice',
    response(0, signer(contentType(TIMESTAMP), contentType(TIMESTAMP))),
    'others',
  ],
  ['with something after it', Buffer.concat([response(0, good), sequence()]), 'other bytes'],
  ['of no bytes', Buffer.alloc(0), 'other bytes'],
])('%s', (_what, bytes, got) => {
  expect(judge(bytes)).toBe(got)
})

function judge(bytes: Uint8Array): unknown {
  try {
    assertTimestamp(bytes, '/here')
    return 'good'
  } catch (error) {
    if (!isRegistryError(error) || error.code !== 'BUNDLE_INVALID') throw error
    return error.details.got
  }
}
