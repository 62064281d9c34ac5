// Services that do not do what they should: each failure is a coded error that says which service, what was expected and what came, nothing of
// it shows the identity token, and what can be mended by asking again is mended.

import { afterAll, afterEach, beforeAll, describe, expect, test } from 'vitest'
import { isRegistryError, RegistryError } from '../../../src/lib/index.ts'
import {
  type Fault,
  type Service,
  type Sigstore,
  startSigstore,
} from '../../support/sigstore/sigstore.ts'
import { type At, QUICK, STATEMENT, signerAt, verifyAt } from './setup.ts'

let sigstore: Sigstore

beforeAll(async () => {
  sigstore = await startSigstore()
})
afterAll(() => sigstore[Symbol.asyncDispose]())
afterEach(async () => {
  for (const service of ['fulcio', 'rekor1', 'rekor2', 'tsa'] as const) {
    await sigstore.fault(service, 'none')
  }
})

const HASTY = { ...QUICK, attemptMs: 400, retries: 0 }

async function refusalAt(at: At = {}): Promise<RegistryError> {
  try {
    await signerAt(sigstore, at).sign(STATEMENT)
  } catch (error) {
    if (isRegistryError(error)) return error
    throw error
  }
  throw new Error('it was signed')
}

const SAID: Readonly<Record<Service, RegExp>> = {
  fulcio:
    /^The certificate authority \(Fulcio\) at http:\/\/127\.0\.0\.1:\d+ did not answer as it should\.$/,
  rekor1: /^The log \(Rekor v1\)/,
  rekor2: /^The log \(Rekor v2\)/,
  tsa: /^The timestamp authority/,
}

describe('a service that fails', () => {
  const services: readonly Service[] = ['fulcio', 'rekor1', 'rekor2', 'tsa']
  const faults: readonly (readonly [Fault, RegExp])[] = [
    ['error', /500/],
    ['refuse', /400.*not like this/],
    ['hang', /timeout|silence/i],
    ['garbage', /JSON|something else/i],
    ['empty', /./],
  ]
  const cases = services.flatMap((service) =>
    faults.map(([fault, got]) => ({ service, fault, got })),
  )
  test.each(cases)('$service: $fault', async ({ service, fault, got }) => {
    await sigstore.fault(service, fault)
    const error = await refusalAt({ rekor: service === 'rekor2' ? 2 : 1, patience: HASTY })
    expect(error.code).toBe('SIGNING_UNAVAILABLE')
    expect(error.verdict).toBe('UNAVAILABLE')
    expect(error.message).toMatch(SAID[service])
    expect(error.details.got).toMatch(got)
    expect(error.details.expected).toMatch(/answer|response|entry|certificate/)
    expect(error.details.next).toMatch(/^Nothing has been published\. Try again/)
  })

  test('what another’s key is certified for is not signed with', async () => {
    await sigstore.fault('fulcio', 'other-key')
    const { message, details } = await refusalAt()
    expect(message).toMatch(SAID.fulcio)
    expect(details).toMatchObject({
      expected: 'a certificate for the key we just made',
      got: 'another',
    })
  })

  test.each(['rekor1', 'rekor2'] as const)(
    '%s: an entry for another’s key is not published',
    async (service) => {
      await sigstore.fault(service, 'other-key')
      const { message, details } = await refusalAt({ rekor: service === 'rekor2' ? 2 : 1 })
      expect(message).toMatch(SAID[service])
      expect(details).toMatchObject({
        expected: 'an entry for our signature and certificate',
        got: 'another',
      })
    },
  )

  test('nobody there', async () => {
    const { endpoints } = await (async () => {
      await using other = await startSigstore()
      return other
    })()
    const gone = { ...sigstore, signingConfig: () => configAt(endpoints.fulcio) }
    await expect(signerAt(gone, { patience: HASTY }).sign(STATEMENT)).rejects.toMatchObject({
      code: 'SIGNING_UNAVAILABLE',
      details: { got: expect.stringMatching(/ECONNREFUSED/) },
    })
  })
})

function configAt(fulcio: string): Uint8Array {
  const config = JSON.parse(Buffer.from(sigstore.signingConfig()).toString())
  config.caUrls[0].url = fulcio
  return Buffer.from(JSON.stringify(config))
}

describe('asking again', () => {
  test.each(['fulcio', 'rekor1', 'rekor2', 'tsa'] as const)('%s was busy', async (service) => {
    await sigstore.fault(service, 'busy-once')
    const before = await sigstore.asked()
    const bundle = await signerAt(sigstore, { rekor: 'both' }).sign(STATEMENT)
    verifyAt(sigstore, bundle)
    expect((await sigstore.asked())[service] - before[service]).toBe(2)
  })

  test('an entry whose answer was lost is fetched, not made twice', async () => {
    await sigstore.fault('rekor1', 'lost')
    const before = await sigstore.asked()
    const bundle = await signerAt(sigstore).sign(STATEMENT)
    verifyAt(sigstore, bundle)
    // Sent, sent again, found to be there, fetched.
    expect((await sigstore.asked()).rekor1 - before.rekor1).toBe(3)
  })

  test('not for ever', async () => {
    await sigstore.fault('rekor2', 'error')
    const before = await sigstore.asked()
    await refusalAt({ rekor: 2, patience: { ...QUICK, retries: 2 } })
    expect((await sigstore.asked()).rekor2 - before.rekor2).toBe(3)
  })

  test('not what is refused', async () => {
    await sigstore.fault('rekor2', 'refuse')
    const before = await sigstore.asked()
    await refusalAt({ rekor: 2 })
    expect((await sigstore.asked()).rekor2 - before.rekor2).toBe(1)
  })
})

describe('secrets and ends', () => {
  test('a refused token is in no error', async () => {
    // Signed by nobody: the authority refuses it, and some would say with which token.
    const token = sigstore.token().replace(/\.[^.]+$/, `.${'A'.repeat(86)}`)
    const careless = { ...sigstore, token: () => token }
    const error = await signerAt(careless)
      .sign(STATEMENT)
      .then(
        () => undefined,
        (cause: unknown) => cause,
      )
    expect(error).toMatchObject({
      code: 'SIGNING_UNAVAILABLE',
      details: { got: expect.stringMatching(/401/) },
    })
    for (const part of token.split('.')) expect(everything(error)).not.toContain(part)
  })

  test('a token without a subject is in no error either', async () => {
    const parts = sigstore.token().split('.')
    const claims = JSON.parse(Buffer.from(parts[1] ?? '', 'base64url').toString())
    const bad = Buffer.from(JSON.stringify({ ...claims, sub: undefined })).toString('base64url')
    const careless = { ...sigstore, token: () => `${parts[0]}.${bad}.${parts[2]}` }
    const error = await signerAt(careless)
      .sign(STATEMENT)
      .catch((cause: unknown) => cause)
    expect(error).toMatchObject({
      code: 'IDENTITY_REFUSED',
      details: { expected: 'a subject (sub)' },
    })
    expect(everything(error)).not.toContain(bad)
  })

  test('a signal ends it', async () => {
    await sigstore.fault('tsa', 'hang')
    const stop = new AbortController()
    const signing = signerAt(sigstore, { signal: stop.signal }).sign(STATEMENT)
    setTimeout(() => stop.abort(new Error('enough')), 100)
    await expect(signing).rejects.toThrow('enough')
    await expect(signerAt(sigstore, { signal: stop.signal }).sign(STATEMENT)).rejects.toThrow(
      'enough',
    )
  })

  test('a statement over the limit is not sent anywhere', async () => {
    const before = await sigstore.asked()
    await expect(signerAt(sigstore).sign(Buffer.alloc(300_000))).rejects.toMatchObject({
      code: 'LIMIT_EXCEEDED',
    })
    expect(await sigstore.asked()).toEqual(before)
  })
})

/** As a log would show it, causes and all. */
function everything(error: unknown): string {
  const parts: string[] = []
  for (let at = error; at instanceof Error; at = at.cause) {
    parts.push(
      String(at.stack),
      JSON.stringify(at),
      at instanceof RegistryError ? JSON.stringify(at.details) : '',
    )
  }
  return parts.join('\n')
}
