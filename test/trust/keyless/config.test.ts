// Signing configs: what is refused, and which services are asked at which time.

import { describe, expect, test } from 'vitest'
import { isRegistryError } from '../../../src/lib/index.ts'
import { chooseIssuer, chooseServices } from '../../../src/trust/keyless/config/choose.ts'
import { PUBLIC_GOOD } from '../../../src/trust/keyless/config/public-good.ts'
import { parseSigningConfig } from '../../../src/trust/keyless/config/signing-config.ts'

interface Written {
  [name: string]: unknown
}

const service = (url: string, more: Written = {}): Written => ({
  url,
  majorApiVersion: 1,
  validFor: { start: '2026-01-01T00:00:00Z' },
  operator: 'acme',
  ...more,
})

const good = (): Written => ({
  mediaType: 'application/vnd.dev.sigstore.signingconfig.v0.2+json',
  caUrls: [service('https://fulcio.example')],
  oidcUrls: [service('https://login.example/')],
  rekorTlogUrls: [service('https://rekor.example')],
  rekorTlogConfig: { selector: 'ANY' },
  tsaUrls: [service('https://tsa.example/api/v1/timestamp')],
  tsaConfig: { selector: 'ANY' },
})

const parse = (config: Written) => parseSigningConfig(Buffer.from(JSON.stringify(config)))
const now = new Date('2026-11-01T00:00:00Z')

function refusal(config: Written | string): {
  readonly code: string
  readonly path: string | undefined
  readonly text: string
} {
  try {
    parseSigningConfig(Buffer.from(typeof config === 'string' ? config : JSON.stringify(config)))
  } catch (error) {
    if (!isRegistryError(error)) throw error
    const { expected, got, next } = error.details
    expect(next).toMatch(/^Take the signing config/)
    return {
      code: error.code,
      path: error.details.path,
      text: `${error.message} ${expected} ${got}`,
    }
  }
  throw new Error('it was accepted')
}

describe('parseSigningConfig', () => {
  test('a good one', () => {
    expect(chooseServices(parse(good()), now)).toMatchObject({
      authority: { url: 'https://fulcio.example' },
      logs: [{ url: 'https://rekor.example' }],
      timestampers: [{ url: 'https://tsa.example/api/v1/timestamp' }],
    })
    expect(chooseIssuer(parse(good()), now)).toBe('https://login.example')
  })

  const bad: readonly (readonly [string, Written, string])[] = [
    [
      'another media type',
      { mediaType: 'application/vnd.dev.sigstore.signingconfig.v0.1+json' },
      '/mediaType',
    ],
    ['an unknown field', { extra: 1 }, '/extra'],
    ['no authority', { caUrls: [] }, '/caUrls'],
    [
      'an unknown field of a service',
      { caUrls: [service('https://f.example', { uri: '' })] },
      '/caUrls/0/uri',
    ],
    ['plain http', { caUrls: [service('http://fulcio.example')] }, '/caUrls/0/url'],
    [
      'http to a name that begins like this machine',
      { caUrls: [service('http://127.0.0.1.evil.example')] },
      '/caUrls/0/url',
    ],
    [
      'a user in the URL',
      { caUrls: [service('https://fulcio.example@evil.example')] },
      '/caUrls/0/url',
    ],
    ['a query', { caUrls: [service('https://fulcio.example/?x=')] }, '/caUrls/0/url'],
    ['a file', { caUrls: [service('file:///etc/passwd')] }, '/caUrls/0/url'],
    [
      'no version',
      { tsaUrls: [service('https://t.example', { majorApiVersion: 0 })] },
      '/tsaUrls/0/majorApiVersion',
    ],
    [
      'no period',
      { caUrls: [service('https://f.example', { validFor: undefined })] },
      '/caUrls/0/validFor',
    ],
    [
      'no start',
      { caUrls: [service('https://f.example', { validFor: {} })] },
      '/caUrls/0/validFor/start',
    ],
    [
      'a time that is none',
      { caUrls: [service('https://f.example', { validFor: { start: 'yesterday' } })] },
      '/caUrls/0/validFor/start',
    ],
    ['logs without a selector', { rekorTlogConfig: undefined }, '/rekorTlogConfig'],
    ['timestampers without a selector', { tsaConfig: undefined }, '/tsaConfig'],
    ['an unknown selector', { tsaConfig: { selector: 'SOME' } }, '/tsaConfig/selector'],
    ['EXACT without a count', { tsaConfig: { selector: 'EXACT' } }, '/tsaConfig/count'],
    ['ANY with a count', { tsaConfig: { selector: 'ANY', count: 2 } }, '/tsaConfig/count'],
  ]
  test.each(bad)('%s', (_name, change, path) => {
    const { code, path: at, text } = refusal({ ...good(), ...change })
    expect({ code, at }).toEqual({ code: 'DOCUMENT_INVALID', at: path })
    expect(text).toContain(`This is not a signing config: ${path}`)
  })

  test('what is not strict JSON, with the line', () => {
    expect(refusal('{"mediaType":"a",\n"mediaType":"b"}').text).toMatch(/not strict JSON/)
    expect(refusal('').code).toBe('DOCUMENT_INVALID')
  })
})

describe('chooseServices', () => {
  const logs = (
    list: readonly Written[],
    selector: Written = { selector: 'ANY' },
  ): readonly string[] =>
    chooseServices(
      parse({ ...good(), rekorTlogUrls: list, rekorTlogConfig: selector }),
      now,
    ).logs.map(({ url }) => url)

  test('the newest protocol of an operator, then the latest start', () => {
    const list = [
      service('https://one.example'),
      service('https://two-old.example', { majorApiVersion: 2 }),
      service('https://two.example', {
        majorApiVersion: 2,
        validFor: { start: '2026-06-01T00:00:00Z' },
      }),
      service('https://three.example', { majorApiVersion: 3 }),
    ]
    expect(logs(list)).toEqual(['https://two.example'])
  })

  test('only what is valid now; the end is still inside', () => {
    const future = service('https://future.example', {
      majorApiVersion: 2,
      validFor: { start: '2026-11-01T00:00:01Z' },
    })
    const past = service('https://past.example', {
      majorApiVersion: 2,
      validFor: { start: '2026-01-01T00:00:00Z', end: '2026-10-31T23:59:59Z' },
    })
    const last = service('https://last.example', {
      validFor: { start: '2026-01-01T00:00:00Z', end: '2026-11-01T00:00:00Z' },
    })
    expect(logs([future, past, last])).toEqual(['https://last.example'])
    expect(() => logs([future, past])).toThrow(/too few services: log/)
  })

  test('EXACT takes that many operators, ALL takes each, ANY one', () => {
    const list = ['a', 'b', 'c'].map((operator) =>
      service(`https://${operator}.example`, { operator }),
    )
    expect(logs(list)).toEqual(['https://a.example'])
    expect(logs(list, { selector: 'EXACT', count: 2 })).toEqual([
      'https://a.example',
      'https://b.example',
    ])
    expect(logs(list, { selector: 'ALL' })).toHaveLength(3)
    expect(() => logs(list, { selector: 'EXACT', count: 4 })).toThrow(/too few/)
    const same = list.map((one) => ({ ...one, operator: 'one and the same' }))
    expect(() => logs(same, { selector: 'EXACT', count: 2 })).toThrow(/too few/)
  })

  test('no proof of time, no signature', () => {
    const v2 = [service('https://two.example', { majorApiVersion: 2 })]
    const config = { ...good(), rekorTlogUrls: v2, tsaUrls: [], tsaConfig: undefined }
    expect(() => chooseServices(parse(config), now)).toThrow(/nobody could verify/)
    const noLog = { ...good(), rekorTlogUrls: [], rekorTlogConfig: undefined }
    expect(() => chooseServices(parse(noLog), now)).toThrow(/nobody could verify/)
  })

  test('the public-good instance', () => {
    expect(chooseServices(PUBLIC_GOOD, now)).toMatchObject({
      authority: { url: 'https://fulcio.sigstore.dev' },
      logs: [{ url: 'https://rekor.sigstore.dev', majorApiVersion: 1 }],
      timestampers: [{ url: 'https://timestamp.sigstore.dev/api/v1/timestamp' }],
    })
    expect(chooseIssuer(PUBLIC_GOOD, now)).toBe('https://oauth2.sigstore.dev/auth')
  })
})
