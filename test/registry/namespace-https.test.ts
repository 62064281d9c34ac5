// A domain asked over HTTPS: a real server, an authority of our own, and the exact words of every refusal.

import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest'
import { isRegistryError, type RegistryError } from '../../src/lib/index.ts'
import { verifyNamespace } from '../../src/registry/index.ts'
import { isPublicAddress } from '../../src/registry/namespace/public-address.ts'
import { publisherIdOf } from '../../src/spec/index.ts'
import { type DnsServer, startDnsServer } from '../support/dns-server.ts'
import {
  type Authority,
  type Certificate,
  makeAuthority,
  startWebSite,
  type WebSite,
} from '../support/https-server.ts'
import { openTestWorkspace } from '../support/workspace.ts'

const ALICE = publisherIdOf(Buffer.from('alice'))
const MALLORY = publisherIdOf(Buffer.from('mallory'))
const WHERE = 'https://acme.com/.well-known/toolmark.json'
const JSON_TYPE = { 'content-type': 'application/json' }

let authority: Authority
let dns: DnsServer
let site: WebSite
beforeAll(async () => {
  authority = makeAuthority()
  dns = await startDnsServer()
  site = await startWebSite(authority.issue('acme.com'))
})
afterAll(async () => {
  await site[Symbol.asyncDispose]()
  await dns[Symbol.asyncDispose]()
  authority[Symbol.dispose]()
})
beforeEach(() => {
  dns.zone.clear()
  site.asked.length = 0
})

interface How {
  readonly port?: number
  readonly ca?: string | undefined
  /** Connect to what DNS says, as in life. */
  readonly byDns?: boolean
  readonly signal?: AbortSignal
  readonly limits?: { readonly idleMs: number; readonly totalMs: number }
}

/** Only where waiting is what is tested: a busy machine would not keep to it. */
const QUICK = { idleMs: 300, totalMs: 900 }

async function verify(how: How = {}): ReturnType<typeof verifyNamespace> {
  await using workspace = await openTestWorkspace()
  const { port = site.port, byDns = false, limits } = how
  const ca = 'ca' in how ? how.ca : authority.pem
  return await verifyNamespace(
    workspace,
    { namespace: 'com.acme', methods: ['https-well-known'] },
    {
      isClaimed: async () => true,
      dns: { servers: [dns.address] },
      https: {
        ...(ca === undefined ? {} : { ca }),
        ...limits,
        ...(byDns ? {} : { connect: { address: '127.0.0.1', port } }),
      },
    },
    how.signal === undefined ? {} : { signal: how.signal },
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

async function at<T>(certificate: Certificate, use: (port: number) => Promise<T>): Promise<T> {
  await using other = await startWebSite(certificate)
  other.serve(JSON.stringify({ publishers: [ALICE] }))
  return await use(other.port)
}

describe('a document', () => {
  test('proves its namespace, with the text that was seen', async () => {
    const text = `{\n  "publishers": ["${ALICE}"], "contact": "x@acme.com" }`
    site.serve(text, { 'content-type': 'application/json; charset=utf-8' })
    const { publisher, listings } = await verify()
    expect(publisher).toBe(ALICE)
    expect(listings).toEqual([
      {
        method: 'https-well-known',
        where: WHERE,
        observed: text,
        publishers: [ALICE],
        via: `127.0.0.1:${site.port}`,
      },
    ])
    expect(site.asked).toEqual(['GET acme.com /.well-known/toolmark.json'])
  })

  test('may come in pieces', async () => {
    site.answer = (_request, response) => {
      response.writeHead(200, JSON_TYPE)
      response.write('{"publishers":')
      setTimeout(() => response.end(`["${ALICE}"]}`), 50)
    }
    expect((await verify()).publisher).toBe(ALICE)
  })

  test('of 64 KiB is read, and what is kept of it is bounded', async () => {
    const document = { publishers: [ALICE], padding: '' }
    const padding = '\u{1f512}'.repeat((65_536 - JSON.stringify(document).length) / 4)
    site.serve(JSON.stringify({ ...document, padding }))
    const [listing] = (await verify()).listings
    expect(Buffer.from(listing?.observed ?? '').length).toBeGreaterThan(4092)
    expect(Buffer.from(listing?.observed ?? '').length).toBeLessThanOrEqual(4096)
    expect(listing?.observed).not.toContain('\ufffd')
  })
})

describe('refused in so many words', () => {
  const next =
    'If the domain is yours, serve the document there (docs/namespaces.md), or prove the namespace by DNS.'

  test('several publishers', async () => {
    site.serve(JSON.stringify({ publishers: [ALICE, MALLORY] }))
    expect((await refusal(verify())).code).toBe('NAMESPACE_AMBIGUOUS')
  })

  test.each([301, 302, 303, 307, 308])('a redirect: %i', async (status) => {
    await using other = await startWebSite(authority.issue('evil.example'))
    const location = `https://evil.example:${other.port}/.well-known/toolmark.json`
    site.serve('', { location }, status)
    expect(await refusal(verify())).toMatchObject({
      code: 'NAMESPACE_UNPROVEN',
      verdict: 'POLICY',
      message: `${WHERE} redirects, and another address cannot speak for the domain.`,
      details: {
        expected: 'the document itself, with status 200',
        got: `status ${status} to ${location}`,
        next,
      },
    })
    expect(other.asked).toEqual([])
  })

  test.each([204, 206, 401, 404, 410])('status %i', async (status) => {
    site.serve('', JSON_TYPE, status)
    expect(await refusal(verify())).toMatchObject({
      code: 'NAMESPACE_UNPROVEN',
      message: `${WHERE} has no document.`,
      details: { expected: 'status 200', got: `status ${status}`, next },
    })
  })

  test('a site that fails', async () => {
    site.serve('', JSON_TYPE, 503)
    expect(await refusal(verify())).toMatchObject({
      code: 'SERVER_FAILED',
      verdict: 'UNAVAILABLE',
      message: `${WHERE} gave no answer.`,
      details: {
        expected: 'a document within the time allowed',
        got: 'status 503',
        next: 'Try again, or ask DNS alone with `--method dns`.',
      },
    })
  })

  test.each([
    ['text/html; charset=utf-8', 'text/html; charset=utf-8'],
    ['application/jsonp', 'application/jsonp'],
    ['text/plain', 'text/plain'],
    [undefined, 'none'],
  ])('the content type %s', async (type, got) => {
    site.serve(JSON.stringify({ publishers: [ALICE] }), type ? { 'content-type': type } : {})
    expect(await refusal(verify())).toMatchObject({
      code: 'NAMESPACE_UNPROVEN',
      message: `${WHERE} is no JSON document.`,
      details: { expected: 'application/json', got: `content type ${got}`, next },
    })
  })

  test('a compressed body', async () => {
    site.serve('x', { ...JSON_TYPE, 'content-encoding': 'gzip' })
    expect(await refusal(verify())).toMatchObject({
      code: 'NAMESPACE_UNPROVEN',
      message: `${WHERE} is compressed, unasked.`,
      details: { expected: 'no content encoding', got: 'gzip' },
    })
  })

  test.each([
    ['not JSON', '{"publishers":', 'JSON_SYNTAX', undefined],
    ['a key twice', `{"publishers":["${ALICE}"],"publishers":[]}`, 'JSON_DUPLICATE_KEY', undefined],
    ['no list', '{}', 'DOCUMENT_INVALID', '/publishers'],
    ['a list of its own', `["${ALICE}"]`, 'DOCUMENT_INVALID', '/publishers'],
    ['a name', '{"publishers":["alice"]}', 'DOCUMENT_INVALID', '/publishers/0'],
    ['a number', `{"publishers":["${ALICE}",7]}`, 'DOCUMENT_INVALID', '/publishers/1'],
    ['an empty list', '{"publishers":[]}', 'NAMESPACE_UNPROVEN', undefined],
  ])('%s', async (_what, body, code, path) => {
    site.serve(body)
    const error = await refusal(verify())
    expect(error.code).toBe(code)
    expect(error.message.startsWith(WHERE)).toBe(true)
    expect(error.details.next).toBeTruthy()
    if (path !== undefined) expect(error.details.path).toBe(path)
  })

  test('bytes that are no UTF-8', async () => {
    site.answer = (_request, response) => {
      response.writeHead(200, JSON_TYPE).end(Buffer.from([0x22, 0xff, 0x22]))
    }
    expect((await refusal(verify())).code).toBe('JSON_ENCODING')
  })

  test('one byte too many, whatever length is announced; and no more than that is read', async () => {
    let isGone = false
    site.answer = (_request, response) => {
      response.writeHead(200, JSON_TYPE)
      response.on('close', () => {
        isGone = !response.writableFinished
      })
      const more = (): void => {
        if (response.destroyed) return
        if (response.write(' '.repeat(16_384))) setImmediate(more)
        else response.once('drain', more)
      }
      more()
    }
    expect(await refusal(verify())).toMatchObject({
      code: 'LIMIT_EXCEEDED',
      message: `${WHERE} answers too much.`,
      details: { expected: 'at most 65536 bytes', got: 'more than 65536 bytes' },
    })
    await expect.poll(() => isGone).toBe(true)
    site.serve(`${JSON.stringify({ publishers: [ALICE] })}${' '.repeat(65_536)}`)
    expect((await refusal(verify())).code).toBe('LIMIT_EXCEEDED')
  })

  test('a body that drips for longer than all of it may take', async () => {
    site.answer = (_request, response) => {
      response.writeHead(200, JSON_TYPE)
      const drip = setInterval(() => response.write(' '), 50)
      response.on('close', () => clearInterval(drip))
    }
    expect(await refusal(verify({ limits: QUICK }))).toMatchObject({
      code: 'SERVER_FAILED',
      message: `${WHERE} gave no answer.`,
      details: { got: 'no end after 900 ms' },
    })
  })

  test.each([
    ['before the headers', () => {}],
    [
      'in the middle of the body',
      (_request: unknown, response: import('node:http').ServerResponse) => {
        response.writeHead(200, { ...JSON_TYPE, 'content-length': '100' }).write('{')
      },
    ],
  ])('a silence %s', async (_what, answer) => {
    site.answer = answer
    const error = await refusal(verify({ limits: QUICK }))
    expect(error).toMatchObject({ code: 'SERVER_FAILED', details: { got: 'nothing for 300 ms' } })
  })

  test('a body cut short', async () => {
    site.answer = (_request, response) => {
      response.writeHead(200, { ...JSON_TYPE, 'content-length': '100' })
      response.write(JSON.stringify({ publishers: [ALICE] }), () => response.destroy())
    }
    const error = await refusal(verify())
    expect(error).toMatchObject({ code: 'SERVER_FAILED', details: { got: 'ECONNRESET' } })
  })

  test('nobody at that port', async () => {
    const port = await at(authority.issue('acme.com'), async (used) => used)
    const error = await refusal(verify({ port }))
    expect(error).toMatchObject({ code: 'SERVER_FAILED', details: { got: 'ECONNREFUSED' } })
  })

  test('somebody who stops waiting is told so', async () => {
    site.answer = () => {}
    const stop = new AbortController()
    const asked = verify({ signal: stop.signal })
    const reason = new Error('enough')
    setTimeout(() => stop.abort(reason), 50)
    await expect(asked).rejects.toBe(reason)
  })
})

describe('a certificate', () => {
  const message = `${WHERE} shows a certificate that does not prove the domain.`
  const expected = 'a valid certificate for acme.com'

  test('of another host', async () => {
    await at(authority.issue('evil.example'), async (port) => {
      expect(await refusal(verify({ port }))).toMatchObject({
        code: 'NAMESPACE_UNPROVEN',
        message,
        details: { expected, got: 'ERR_TLS_CERT_ALTNAME_INVALID' },
      })
    })
  })

  test('that has expired', async () => {
    await at(authority.issue('acme.com', { expired: true }), async (port) => {
      expect(await refusal(verify({ port }))).toMatchObject({
        code: 'NAMESPACE_UNPROVEN',
        message,
        details: { expected, got: 'CERT_HAS_EXPIRED' },
      })
    })
  })

  test('of an authority nobody trusts, even where the environment says to trust anything', async () => {
    site.serve(JSON.stringify({ publishers: [ALICE] }))
    process.env.NODE_TLS_REJECT_UNAUTHORIZED = '0'
    try {
      const error = await refusal(verify({ ca: undefined }))
      expect(error).toMatchObject({ code: 'NAMESPACE_UNPROVEN', message })
    } finally {
      delete process.env.NODE_TLS_REJECT_UNAUTHORIZED
    }
  })
})

describe('the address', () => {
  test('t33-private-address: a domain that points behind our firewall is not called', async () => {
    site.serve(JSON.stringify({ publishers: [ALICE] }))
    dns.setAddress('acme.com', '127.0.0.1', '10.0.0.7', '::1')
    expect(await refusal(verify({ byDns: true }))).toMatchObject({
      code: 'NAMESPACE_UNPROVEN',
      message: 'acme.com has no public address.',
      details: {
        expected: 'an address on the internet',
        got: '127.0.0.1, 10.0.0.7, ::1',
        next: 'Prove the namespace by DNS, or say where to connect: `--connect ADDRESS:PORT`.',
      },
    })
    expect(site.asked).toEqual([])
  })

  test('is asked for, and there is none', async () => {
    expect(await refusal(verify({ byDns: true }))).toMatchObject({
      code: 'NAMESPACE_UNPROVEN',
      message: 'acme.com has no address.',
      details: { got: 'no such name (NXDOMAIN)' },
    })
    dns.zone.set('A acme.com', { kind: 'failure', rcode: 2 })
    dns.zone.set('AAAA acme.com', { kind: 'failure', rcode: 2 })
    expect((await refusal(verify({ byDns: true }))).code).toBe('SERVER_FAILED')
  })

  test.each([
    '0.0.0.0',
    '10.255.255.255',
    '100.64.0.1',
    '127.8.8.8',
    '169.254.169.254',
    '172.31.255.255',
    '192.0.2.1',
    '192.168.1.1',
    '198.19.0.1',
    '224.0.0.1',
    '255.255.255.255',
    '::',
    '::1',
    '::ffff:10.0.0.1',
    '::ffff:8.8.8.8',
    '64:ff9b::a00:1',
    'fc00::1',
    'fe80::1',
    'ff02::1',
    '2001:db8::1',
    '2001:0:a00:1::1',
    '2002:a00:1::1',
  ])('%s is not public', (address) => {
    expect(isPublicAddress({ address, family: address.includes(':') ? 6 : 4 })).toBe(false)
  })

  test.each(['1.1.1.1', '172.32.0.1', '100.128.0.1', '2606:4700::1111', '2a00::1', '2001:4860::8'])(
    '%s is',
    (address) => {
      expect(isPublicAddress({ address, family: address.includes(':') ? 6 : 4 })).toBe(true)
    },
  )
})
