// A domain asked over DNS: a real server on loopback, real packets, and the exact words of every refusal.

import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest'
import { isRegistryError, type RegistryError } from '../../src/lib/index.ts'
import { type NamespaceWays, verifyNamespace } from '../../src/registry/index.ts'
import { type PublisherId, publisherIdOf } from '../../src/spec/index.ts'
import { type DnsServer, startDnsServer } from '../support/dns-server.ts'
import { openTestWorkspace } from '../support/workspace.ts'

const ALICE = publisherIdOf(Buffer.from('alice'))
const MALLORY = publisherIdOf(Buffer.from('mallory'))
const WHERE = '_toolmark.acme.com'

let dns: DnsServer
beforeAll(async () => {
  dns = await startDnsServer()
})
afterAll(() => dns[Symbol.asyncDispose]())
beforeEach(() => dns.zone.clear())

const ways: NamespaceWays = { isClaimed: async () => true }

async function verify(
  namespace = 'com.acme',
  publisher?: PublisherId,
  more: Partial<NamespaceWays> = {},
): ReturnType<typeof verifyNamespace> {
  await using workspace = await openTestWorkspace()
  return await verifyNamespace(
    workspace,
    { namespace, publisher, methods: ['dns-txt'] },
    { ...ways, dns: { servers: [dns.address] }, ...more },
  )
}

async function refusal(promise: Promise<unknown>): Promise<RegistryError> {
  const error = await promise.then(
    () => new Error('it was accepted'),
    (cause: unknown) => cause,
  )
  if (isRegistryError(error)) return error
  throw error
}

describe('a record', () => {
  test('proves its namespace, with the text that was seen', async () => {
    dns.setTxt(WHERE, 'v=something else', `toolmark=${ALICE}`)
    const { publisher, claimed, listings, evidence } = await verify()
    expect({ publisher, claimed, listings, evidence }).toEqual({
      publisher: ALICE,
      claimed: true,
      listings: [
        {
          method: 'dns-txt',
          where: WHERE,
          observed: `toolmark=${ALICE}`,
          publishers: [ALICE],
          via: dns.address,
        },
      ],
      evidence: [], // no key to sign with
    })
  })

  test('may be split into chunks anywhere', async () => {
    const text = `toolmark=${ALICE}`
    for (let at = 1; at < text.length; at += 7) {
      dns.setTxt(WHERE, [text.slice(0, at), text.slice(at)])
      expect((await verify()).publisher).toBe(ALICE)
    }
  })

  test('may stand twice', async () => {
    dns.setTxt(WHERE, `toolmark=${ALICE}`, `toolmark=${ALICE}`)
    expect((await verify()).publisher).toBe(ALICE)
  })

  test('reaches us over TCP where the others are long', async () => {
    dns.setTxt(WHERE, ...Array.from({ length: 8 }, () => 'x'.repeat(200)), `toolmark=${ALICE}`)
    expect((await verify()).publisher).toBe(ALICE)
    expect(dns.asked.filter((question) => question === `TXT ${WHERE}`).length).toBeGreaterThan(1)
  })

  test('of a deeper namespace stands at its own domain', async () => {
    dns.setTxt('_toolmark.team.acme.com', `toolmark=${ALICE}`)
    expect((await verify('com.acme.team')).publisher).toBe(ALICE)
  })
})

test('t12-parent-is-not-child: a parent’s record does not speak for a child, nor a child’s for its parent', async () => {
  dns.setTxt(WHERE, `toolmark=${ALICE}`)
  expect((await refusal(verify('com.acme.team'))).code).toBe('NAMESPACE_UNPROVEN')
  dns.zone.clear()
  dns.setTxt('_toolmark.team.acme.com', `toolmark=${ALICE}`)
  expect((await refusal(verify('com.acme'))).code).toBe('NAMESPACE_UNPROVEN')
})

test('t12-two-publishers: several are ambiguous, unless one of them is named', async () => {
  dns.setTxt(WHERE, `toolmark=${MALLORY}`, `toolmark=${ALICE}`)
  const both = [ALICE, MALLORY].sort().join(', ')
  expect(await refusal(verify())).toMatchObject({
    code: 'NAMESPACE_AMBIGUOUS',
    verdict: 'POLICY',
    message: 'acme.com lists several publishers.',
    details: {
      expected: 'one publisher, or to be told which one you mean',
      got: both,
      next: 'Compare the ids with the publisher’s own word, then add `--publisher ID`.',
    },
  })
  expect((await verify('com.acme', ALICE)).publisher).toBe(ALICE)
})

describe('refused in so many words', () => {
  const next =
    'If the domain is yours, add the record (docs/namespaces.md); DNS can take hours to show it.'

  test('NXDOMAIN', async () => {
    expect(await refusal(verify())).toMatchObject({
      code: 'NAMESPACE_UNPROVEN',
      message: `${WHERE} has no TXT records.`,
      details: { expected: 'TXT records', got: 'no such name (NXDOMAIN)', next },
    })
  })

  test('a name without TXT records', async () => {
    dns.setAddress(WHERE, '192.0.2.1')
    expect(await refusal(verify())).toMatchObject({
      code: 'NAMESPACE_UNPROVEN',
      message: `${WHERE} has no TXT records.`,
      details: { expected: 'TXT records', got: 'none of that type (ENODATA)', next },
    })
  })

  test('TXT records of others only', async () => {
    dns.setTxt(WHERE, 'v=spf1 -all', ` toolmark=${ALICE}`, `Toolmark=${ALICE}`)
    expect(await refusal(verify())).toMatchObject({
      code: 'NAMESPACE_UNPROVEN',
      message: `${WHERE} lists no publisher.`,
      details: {
        expected: 'a TXT record toolmark=ID',
        got: '3 others',
        next: 'If the domain is yours, add the record (docs/namespaces.md).',
      },
    })
  })

  test.each([
    ['an id cut short', ALICE.slice(0, -1)],
    ['an id with a space', `${ALICE} `],
    ['an id in capitals', ALICE.toUpperCase()],
    ['an id that hides something', `${ALICE}\u200b`],
    ['nothing', ''],
  ])('%s', async (_what, id) => {
    dns.setTxt(WHERE, `toolmark=${id}`, `toolmark=${ALICE}`)
    expect(await refusal(verify())).toMatchObject({
      code: 'DOCUMENT_INVALID',
      verdict: 'MALFORMED',
      message: `${WHERE} lists something that is no publisher.`,
      details: {
        expected: '"p" and 52 characters of lower-case base32',
        next: 'Ask the owner of the domain to correct it.',
      },
    })
  })

  test('too many bytes, wherever they are', async () => {
    const long = Array.from({ length: 21 }, () => 'x'.repeat(200))
    dns.setTxt(WHERE, `toolmark=${ALICE}`, ...long)
    expect(await refusal(verify())).toMatchObject({
      code: 'LIMIT_EXCEEDED',
      message: `${WHERE} answers too much.`,
      details: { expected: 'at most 4096 bytes of TXT records', got: 4262 },
    })
  })

  test('too many publishers', async () => {
    const ids = Array.from({ length: 33 }, (_, i) => publisherIdOf(Buffer.from(`p${i}`)))
    dns.setTxt(WHERE, ...ids.map((id) => `toolmark=${id}`))
    expect(await refusal(verify())).toMatchObject({
      code: 'LIMIT_EXCEEDED',
      details: { expected: 'at most 32 publishers', got: 33 },
    })
  })

  test.each([
    ['SERVFAIL', 2, 'ESERVFAIL'],
    ['REFUSED', 5, 'EREFUSED'],
  ] as const)('%s', async (_what, rcode, got) => {
    dns.zone.set(`TXT ${WHERE}`, { kind: 'failure', rcode })
    expect(await refusal(verify())).toMatchObject({
      code: 'SERVER_FAILED',
      verdict: 'UNAVAILABLE',
      message: 'DNS gave no answer.',
      details: {
        expected: 'an answer, or that there is none',
        got,
        next: 'Try again; if it stays so, ask other servers with `--dns-server ADDRESS`.',
      },
    })
  })

  test('a server that is silent', async () => {
    dns.zone.set(`TXT ${WHERE}`, { kind: 'silence' })
    const impatient = { servers: [dns.address], timeoutMs: 250, tries: 1 }
    const error = await refusal(verify('com.acme', undefined, { dns: impatient }))
    expect(error).toMatchObject({ code: 'SERVER_FAILED', details: { got: 'ETIMEOUT' } })
  })

  test('one that is silent for longer than all of it may take', async () => {
    dns.zone.set(`TXT ${WHERE}`, { kind: 'silence' })
    const patient = { servers: [dns.address], timeoutMs: 5000, tries: 4, totalMs: 100 }
    const start = performance.now()
    const error = await refusal(verify('com.acme', undefined, { dns: patient }))
    expect(error).toMatchObject({ code: 'SERVER_FAILED', details: { got: 'ECANCELLED' } })
    expect(performance.now() - start).toBeLessThan(4_000)
  })

  test('another publisher than the one asked for', async () => {
    dns.setTxt(WHERE, `toolmark=${MALLORY}`)
    expect(await refusal(verify('com.acme', ALICE))).toMatchObject({
      code: 'NAMESPACE_UNPROVEN',
      message: 'acme.com lists another publisher.',
      details: {
        expected: ALICE,
        got: MALLORY,
        next: 'Do not use the id you gave for this namespace, unless its owner explains the difference.',
      },
    })
  })

  test('a publisher whose log does not claim the namespace', async () => {
    dns.setTxt(WHERE, `toolmark=${ALICE}`)
    const unclaimed = { isClaimed: async () => false }
    expect(await refusal(verify('com.acme', undefined, unclaimed))).toMatchObject({
      code: 'NAMESPACE_UNPROVEN',
      message: 'The publisher that is listed does not claim com.acme.',
      details: {
        expected: `a claim of com.acme in the log of ${ALICE}`,
        got: 'a log without it',
        next: 'If the publisher is you: `registry namespace claim com.acme`.',
      },
    })
  })
})

describe('never asked', () => {
  test.each([
    'io.github.alice',
    'com.github',
    'com.github.alice',
    'io.gitlab.alice',
    'com.gitlab.alice',
  ])('t12-renamed-account: %s', async (namespace) => {
    const before = dns.asked.length
    const error = await refusal(verify(namespace))
    expect(error.code).toBe('NAMESPACE_UNPROVEN')
    expect(error.message).toMatch(/ is an account of .*, which no domain proves\.$/)
    expect(error.details.next).toContain('registry namespace attest')
    expect(dns.asked.length).toBe(before)
  })

  test.each(['1.0.0.127', '1.0x7f', ALICE, 'c.x', 'com2.acme'])('%s', async (namespace) => {
    const before = dns.asked.length
    expect((await refusal(verify(namespace))).code).toBe('NAMESPACE_UNPROVEN')
    expect(dns.asked.length).toBe(before)
  })

  test.each(['acme', 'com.', '.com', 'Com.acme', 'com.acme/x', 'com..acme', ''])(
    'no namespace: %j',
    async (namespace) => {
      expect((await refusal(verify(namespace))).code).toBe('NAME_INVALID')
    },
  )

  test('a publisher id, which needs no proof', async () => {
    expect(await refusal(verify(ALICE))).toMatchObject({
      message: 'A publisher id is no domain.',
      details: {
        expected: 'a reverse-DNS namespace such as com.example',
        got: ALICE,
        next: 'Use it as it is: names under a publisher id prove themselves.',
      },
    })
  })

  test('a server that has no address', async () => {
    const named = { servers: ['dns.example'] }
    const error = await refusal(verify('com.acme', undefined, { dns: named }))
    expect(error).toMatchObject({ code: 'USAGE', details: { got: 'dns.example' } })
  })
})
