// What a domain that changes hands can do: raise an alarm, and nothing else. And what evidence is, in other hands.

import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { Ajv2020 } from 'ajv/dist/2020.js'
import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest'
import {
  canonicalBytes,
  fromBase64,
  isRegistryError,
  type RegistryError,
} from '../../src/lib/index.ts'
import { openDraft } from '../../src/log/index.ts'
import {
  acceptPin,
  forgetEvidence,
  getPin,
  isClaimedHere,
  type KeptEvidence,
  listEvidence,
  listNamespaces,
  type NamespaceVerified,
  pull,
  recheckNamespace,
  verifyNamespace,
} from '../../src/registry/index.ts'
import {
  openBundleUnverified,
  parseNamespaceStatement,
  verifyNamespaceEvidence,
} from '../../src/registry/namespace/evidence.ts'
import { type PublisherId, publisherIdOf } from '../../src/spec/index.ts'
import { loadVerifier, signStatement } from '../../src/trust/index.ts'
import { type DnsServer, startDnsServer } from '../support/dns-server.ts'
import {
  type Authority,
  makeAuthority,
  startWebSite,
  type WebSite,
} from '../support/https-server.ts'
import { openPublisher, peerOf, type TestPublisher, toolkit } from '../support/publisher.ts'

const ALICE = publisherIdOf(Buffer.from('alice'))
const MALLORY = publisherIdOf(Buffer.from('mallory'))
const NAMESPACE = 'com.acme'

let authority: Authority
let dns: DnsServer
let site: WebSite
let bob: TestPublisher
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
beforeEach(async () => {
  dns.zone.clear()
  site.serve('', {}, 404)
  await bob?.[Symbol.asyncDispose]()
  bob = await openPublisher()
})
afterAll(() => bob[Symbol.asyncDispose]())

function domainSays(...publishers: readonly PublisherId[]): void {
  dns.setTxt('_toolmark.acme.com', ...publishers.map((id) => `toolmark=${id}`))
}

function siteSays(...publishers: readonly PublisherId[]): void {
  site.serve(JSON.stringify({ publishers }))
}

function waysOf() {
  return {
    isClaimed: async () => true as const,
    dns: { servers: [dns.address] },
    https: {
      ca: authority.pem,
      connect: { address: '127.0.0.1', port: site.port },
    },
  }
}

function verify(publisher?: PublisherId, workspace = bob.workspace): Promise<NamespaceVerified> {
  const methods = ['dns-txt', 'https-well-known'] as const
  return verifyNamespace(workspace, { namespace: NAMESPACE, publisher, methods }, waysOf())
}

async function refusal(promise: Promise<unknown>): Promise<RegistryError> {
  const error = await promise.then(
    () => new Error('it was accepted'),
    (cause: unknown) => cause,
  )
  if (isRegistryError(error)) return error
  throw error
}

const kept = (): Promise<KeptEvidence[]> => Array.fromAsync(listEvidence(bob.workspace.store))

describe('two ways of asking', () => {
  test('either suffices, and why the other did not is told', async () => {
    domainSays(ALICE)
    const byDns = await verify()
    expect(byDns.listings.map(({ method }) => method)).toEqual(['dns-txt'])
    expect(byDns.refused.map(({ method, error }) => [method, error.code])).toEqual([
      ['https-well-known', 'NAMESPACE_UNPROVEN'],
    ])
    dns.zone.clear()
    siteSays(ALICE)
    expect((await verify()).listings.map(({ method }) => method)).toEqual(['https-well-known'])
  })

  test('t12-half-a-takeover: two that disagree are believed neither', async () => {
    domainSays(ALICE)
    siteSays(MALLORY)
    for (const publisher of [undefined, ALICE, MALLORY]) {
      const error = await refusal(verify(publisher))
      expect(error).toMatchObject({
        code: 'NAMESPACE_AMBIGUOUS',
        message: 'DNS and the web site of acme.com disagree.',
        details: {
          expected: 'the same publisher in both places',
          got: `_toolmark.acme.com: ${ALICE}; https://acme.com/.well-known/toolmark.json: ${MALLORY}`,
          next: 'Do not choose one: somebody may control only one of the two. Ask the owner of the domain.',
        },
      })
    }
    expect(await kept()).toEqual([])
  })

  test('agree about the publisher that was named, whatever else they list', async () => {
    domainSays(ALICE, MALLORY)
    siteSays(ALICE)
    expect((await verify(ALICE)).publisher).toBe(ALICE)
  })

  test('one that lists more than the other is a disagreement where nobody was named', async () => {
    domainSays(ALICE, MALLORY)
    siteSays(ALICE)
    expect((await refusal(verify())).message).toContain('disagree')
  })

  test('what cannot be read is not passed over because the other way answers', async () => {
    domainSays(ALICE)
    site.serve(`{"publishers":["${ALICE}"],"publishers":["${MALLORY}"]}`)
    expect((await refusal(verify())).code).toBe('JSON_DUPLICATE_KEY')
  })

  test('neither answers: not listed, or not known', async () => {
    expect(await refusal(verify())).toMatchObject({
      code: 'NAMESPACE_UNPROVEN',
      message: 'acme.com lists no publisher.',
    })
    dns.zone.set('TXT _toolmark.acme.com', { kind: 'failure', rcode: 2 })
    expect(await refusal(verify())).toMatchObject({
      code: 'SERVER_FAILED',
      message: 'acme.com could not be asked.',
    })
  })
})

describe('t12-namespace-takeover', () => {
  const changed = {
    code: 'PUBLISHER_CHANGED',
    verdict: 'REBIND',
    message: 'acme.com now lists another publisher.',
    details: {
      got: MALLORY,
      next: 'Do not accept it unless the publisher you know announces the change. Domains expire and are taken over.',
    },
  }

  test('another publisher than at the last check', async () => {
    domainSays(ALICE)
    await verify()
    const before = await kept()
    domainSays(MALLORY)
    siteSays(MALLORY)
    const error = await refusal(verify())
    expect(error).toMatchObject(changed)
    expect(error.details.expected).toBe(`${ALICE}, which it listed before`)
    expect(error.details.evidence).toMatchObject({ expected: ALICE, because: 'seen' })
    expect(await kept()).toEqual(before)
  })

  test('an id given by a flag does not replace the one seen before, and nobody is asked', async () => {
    domainSays(ALICE)
    await verify()
    domainSays(MALLORY)
    dns.asked.length = 0
    expect(await refusal(verify(MALLORY))).toMatchObject({
      code: 'PUBLISHER_CHANGED',
      message: 'com.acme belongs to another publisher here.',
      details: {
        expected: ALICE,
        got: MALLORY,
        next: 'Do not accept it unless the publisher you know says so, elsewhere than here. If so: `registry namespace forget com.acme`, then check again.',
      },
    })
    expect(dns.asked).toEqual([])
    expect(await forgetEvidence(bob.workspace.store, NAMESPACE)).toBe(1)
    expect((await verify(MALLORY)).publisher).toBe(MALLORY)
  })

  test('another publisher than the pinned one; the pin and its releases stay', async () => {
    await using alice = await openPublisher()
    await alice.publish(toolkit('com.acme/tools', '1.0.0'))
    const peers = [peerOf(alice.source)]
    await pull(bob.workspace, { reference: 'com.acme/tools', peers, publisher: alice.id })
    const pin = await getPin(bob.workspace.store, NAMESPACE)
    domainSays(MALLORY)
    const error = await refusal(verify())
    expect(error).toMatchObject(changed)
    expect(error.details.expected).toBe(`${alice.id}, pinned here`)
    expect((await refusal(verify(MALLORY))).details.next).toContain(
      `registry pin accept com.acme ${MALLORY}`,
    )
    expect(await getPin(bob.workspace.store, NAMESPACE)).toEqual(pin)
    expect(await kept()).toEqual([])
    const again = await pull(bob.workspace, { reference: 'com.acme/tools', peers })
    expect(again.release.entry.publisher).toBe(alice.id)
  })

  test('a change that the person accepted goes before what was seen, which gives way', async () => {
    await using alice = await openPublisher()
    await alice.publish(toolkit('com.acme/tools', '1.0.0'))
    const peers = [peerOf(alice.source)]
    await pull(bob.workspace, { reference: 'com.acme/tools', peers, publisher: alice.id })
    domainSays(alice.id)
    await verify()
    domainSays(MALLORY)
    expect((await refusal(verify())).code).toBe('PUBLISHER_CHANGED')
    const pin = await getPin(bob.workspace.store, NAMESPACE)
    await acceptPin(bob.workspace.store, pin, { publisher: MALLORY, now: new Date(0) })
    expect((await verify()).publisher).toBe(MALLORY)
    expect((await kept()).map(({ evidence }) => evidence.publisher)).toEqual([MALLORY])
  })

  test('a check pins nothing', async () => {
    domainSays(ALICE)
    await verify()
    expect((await refusal(getPin(bob.workspace.store, NAMESPACE))).code).toBe('NOT_FOUND')
  })

  test('an id that is added beside the known one changes nothing', async () => {
    domainSays(ALICE)
    await verify()
    domainSays(ALICE, MALLORY)
    expect((await verify()).publisher).toBe(ALICE)
  })

  test('a record that is gone is no longer proof, and no change', async () => {
    domainSays(ALICE)
    await verify()
    dns.zone.clear()
    expect((await refusal(verify())).code).toBe('NAMESPACE_UNPROVEN')
  })

  test('two first checks at one time cannot keep two publishers', async () => {
    domainSays(ALICE, MALLORY)
    const results = await Promise.allSettled([verify(ALICE), verify(MALLORY)])
    expect(results.map(({ status }) => status).sort()).toEqual(['fulfilled', 'rejected'])
    expect(new Set((await kept()).map(({ evidence }) => evidence.publisher)).size).toBe(1)
  })
})

describe('evidence', () => {
  async function made(): Promise<KeptEvidence> {
    domainSays(ALICE)
    const [first] = (await verify()).evidence
    if (first === undefined) throw new Error('none was made')
    return first
  }

  test('is a statement about the genesis of the publisher, signed by whoever asked', async () => {
    const { evidence, bundle } = await made()
    expect(evidence).toEqual({
      namespace: NAMESPACE,
      publisher: ALICE,
      method: 'dns-txt',
      where: '_toolmark.acme.com',
      observed: `toolmark=${ALICE}`,
      checkedAt: '1970-01-01T00:00:00.000Z',
      via: dns.address,
    })
    const verifier = await loadVerifier()
    expect(verifyNamespaceEvidence(verifier, bundle, [bob.signing.key])).toEqual(evidence)
    const payload = fromBase64(JSON.parse(Buffer.from(bundle).toString()).dsseEnvelope.payload)
    const statement = JSON.parse(Buffer.from(payload ?? []).toString())
    // The id of a publisher is the digest of its genesis in base32, and 'alice' stands for those bytes here.
    const digest = await crypto.subtle.digest('SHA-256', Buffer.from('alice'))
    expect(statement.subject[0].digest.sha256).toBe(Buffer.from(digest).toString('hex'))
    const schema = JSON.parse(
      readFileSync(join(import.meta.dirname, '../../schema/namespace.schema.json'), 'utf8'),
    )
    expect(new Ajv2020({ strict: true }).compile(schema)(statement)).toBe(true)
  })

  test.each(['\u{1f512}', '\\"', '\u2028', 'é'])(
    'of a document as large as may be, full of %j, can be signed and read',
    async (padding) => {
      siteSays(ALICE)
      const text = `${JSON.stringify({ publishers: [ALICE] }).slice(0, -1)},"x":"`
      const room = Math.floor((65_536 - text.length - 2) / Buffer.from(padding).length)
      site.serve(`${text}${padding.repeat(room)}"}`)
      const [found] = (await verify()).evidence
      expect(found?.evidence.observed.startsWith(text)).toBe(true)
      expect(await kept()).toHaveLength(1)
    },
  )

  test('of another key, or changed, is not ours', async () => {
    const { bundle } = await made()
    await using mallory = await openPublisher()
    const verifier = await loadVerifier()
    const refused = (changed: Uint8Array, keys = [bob.signing.key]): string | undefined => {
      try {
        verifyNamespaceEvidence(verifier, changed, keys)
        return undefined
      } catch (error) {
        return isRegistryError(error) ? error.code : String(error)
      }
    }
    expect(refused(bundle)).toBeUndefined()
    expect(refused(bundle, [mallory.signing.key])).toBe('SIGNER_UNAUTHORIZED')
    const text = Buffer.from(bundle).toString()
    const json = JSON.parse(text)
    const { statement } = openBundleUnverified(bundle)
    const other = Buffer.from(statement).toString().replace('1970', '2026')
    json.dsseEnvelope.payload = Buffer.from(other).toString('base64')
    expect(refused(Buffer.from(JSON.stringify(json)))).toBe('SIGNATURE_INVALID')
    expect(refused(Buffer.from('{}'))).toBe('DOCUMENT_INVALID')
  })

  test('is asked again by whoever gets it, whoever signed it', async () => {
    const { bundle } = await made()
    await using carol = await openPublisher()
    const again = await recheckNamespace(carol.workspace, bundle, waysOf())
    expect(again.evidence[0]?.evidence.publisher).toBe(ALICE)
    await using dave = await openPublisher()
    domainSays(MALLORY)
    const error = await refusal(recheckNamespace(dave.workspace, bundle, waysOf()))
    expect(error).toMatchObject({
      code: 'NAMESPACE_UNPROVEN',
      details: { expected: ALICE, got: MALLORY },
    })
    expect((await refusal(recheckNamespace(carol.workspace, bundle, waysOf()))).code).toBe(
      'PUBLISHER_CHANGED',
    )
  })

  test('that is true of one domain is not proof for another', async () => {
    const { bundle } = await made()
    const { statement } = openBundleUnverified(bundle)
    const original = JSON.parse(Buffer.from(statement).toString())
    const parse = (change: (predicate: Record<string, unknown>, all: typeof original) => void) => {
      const copy = structuredClone(original)
      change(copy.predicate, copy)
      return () => parseNamespaceStatement(canonicalBytes(copy))
    }
    expect(parse(() => {})()).toMatchObject({ publisher: ALICE })
    const changes: ((predicate: Record<string, unknown>, all: typeof original) => void)[] = [
      (p) => Object.assign(p, { namespace: 'com.other' }),
      (p) => Object.assign(p, { namespace: 'io.github.alice', where: '_toolmark.alice.github.io' }),
      (p) => Object.assign(p, { where: '_toolmark.other.com' }),
      (p) => Object.assign(p, { method: 'https-well-known' }),
      (p) => Object.assign(p, { method: 'word of mouth' }),
      (p) => Object.assign(p, { publisher: MALLORY }),
      (p) => Object.assign(p, { observed: `toolmark=${MALLORY}` }),
      (p) => Object.assign(p, { observed: '' }),
      (p) => Object.assign(p, { observed: `${p.observed}\n${'x'.repeat(9000)}` }),
      (p) => Object.assign(p, { checkedAt: '2026-02-30T00:00:00.000Z' }),
      (p) => Object.assign(p, { checkedAt: 'yesterday' }),
      (p) => Object.assign(p, { via: '' }),
      (p) => Object.assign(p, { more: 1 }),
      (p) => delete p.where,
      (_p, all) => all.subject.push(all.subject[0]),
      (_p, all) => Object.assign(all.subject[0].digest, { sha512: 'a' }),
      (_p, all) => Object.assign(all.subject[0].digest, { sha256: 'a'.repeat(64) }),
      (_p, all) => Object.assign(all, { predicateType: 'https://toolmark.dev/release/v1' }),
      (_p, all) => Object.assign(all, { _type: 'https://in-toto.io/Statement/v0.1' }),
    ]
    for (const change of changes) {
      expect(parse(change), String(change)).toThrow(
        /not evidence about a namespace|no domain proves/,
      )
    }
  })

  test('kept under a wrong key, or damaged, is not taken for "never asked"', async () => {
    await made()
    const { store } = bob.workspace
    const [record] = await Array.fromAsync(store.listRecords('self', { prefix: 'namespace/' }))
    if (record === undefined) throw new Error('nothing was kept')
    await store.commit({ put: [{ ...record, value: Buffer.from('{}') }] })
    expect((await refusal(verify(MALLORY))).code).toBe('STORE_CORRUPT')
    const moved = record.key.replace(ALICE, MALLORY)
    await store.commit({ put: [{ ...record, key: moved }], remove: [record] })
    expect(await refusal(verify())).toMatchObject({
      code: 'STORE_CORRUPT',
      message: 'The evidence kept of com.acme cannot be read.',
    })
    await forgetEvidence(store, NAMESPACE)
    expect((await verify()).publisher).toBe(ALICE)
  })

  test('is listed with whether the key here signed it', async () => {
    await made()
    await using mallory = await openPublisher()
    const { store } = bob.workspace
    const own = await listNamespaces(bob.workspace)
    expect(own.map(({ namespace, evidence }) => [namespace, evidence.map((e) => e.isOwn)])).toEqual(
      [['com.acme', [true]]],
    )
    const [record] = await Array.fromAsync(store.listRecords('self', { prefix: 'namespace/' }))
    if (record === undefined) throw new Error('nothing was kept')
    const { statement } = openBundleUnverified(record.value)
    const bundle = await signStatement(statement, mallory.signing)
    await store.commit({ put: [{ ...record, value: bundle }] })
    const [carried] = await listNamespaces(bob.workspace)
    expect(carried?.evidence.map(({ isOwn }) => isOwn)).toEqual([false])
  })

  test('a namespace whose name begins with another one is another', async () => {
    await made()
    dns.setTxt('_toolmark.acme-shop.com', `toolmark=${MALLORY}`)
    dns.setTxt('_toolmark.x.acme.com', `toolmark=${MALLORY}`)
    for (const namespace of ['com.acme-shop', 'com.acme.x']) {
      const request = { namespace, methods: ['dns-txt'] as const }
      expect((await verifyNamespace(bob.workspace, request, waysOf())).publisher).toBe(MALLORY)
    }
    expect((await verify()).publisher).toBe(ALICE)
  })
})

describe('the claim in the log', () => {
  async function claim(publisher: TestPublisher, namespace: string): Promise<void> {
    const draft = await openDraft(publisher.workspace.store, publisher.id)
    await draft.add({ kind: 'claim', namespace }, publisher.signing)
    await publisher.workspace.store.commit(await draft.finish(publisher.log))
  }

  test('is found in a log of one’s own, and so is its absence', async () => {
    const { store } = bob.workspace
    expect(await isClaimedHere(store, NAMESPACE, bob.id)).toBe(false)
    await claim(bob, 'com.acme.team')
    expect(await isClaimedHere(store, NAMESPACE, bob.id)).toBe(false)
    await claim(bob, NAMESPACE)
    expect(await isClaimedHere(store, NAMESPACE, bob.id)).toBe(true)
    expect(await isClaimedHere(store, NAMESPACE, ALICE)).toBeUndefined()
    expect((await listNamespaces(bob.workspace)).map(({ claims }) => claims)).toEqual([
      [{ namespace: NAMESPACE, publisher: bob.id, seq: 2 }],
      [{ namespace: 'com.acme.team', publisher: bob.id, seq: 1 }],
    ])
  })

  test('is found in what was pulled; its absence there says nothing', async () => {
    await using alice = await openPublisher()
    await alice.publish(toolkit('com.acme/tools', '1.0.0'))
    const { store } = bob.workspace
    const fetch = () =>
      pull(bob.workspace, {
        reference: 'com.acme/tools',
        peers: [peerOf(alice.source)],
        publisher: alice.id,
      })
    await fetch()
    await claim(alice, NAMESPACE)
    expect(await isClaimedHere(store, NAMESPACE, alice.id)).toBeUndefined()
    await fetch()
    expect(await isClaimedHere(store, NAMESPACE, alice.id)).toBe(true)
    expect(await isClaimedHere(store, NAMESPACE, bob.id)).toBe(false)
    const [known] = await listNamespaces(bob.workspace)
    expect(known).toMatchObject({
      namespace: NAMESPACE,
      pin: { publisher: alice.id },
      claims: [{ publisher: alice.id, seq: 2 }],
    })
  })

  test('without it a listing of the domain is half a proof', async () => {
    domainSays(ALICE)
    const half = { ...waysOf(), isClaimed: async () => undefined }
    const request = { namespace: NAMESPACE, methods: ['dns-txt'] as const }
    expect((await verifyNamespace(bob.workspace, request, half)).claimed).toBeUndefined()
  })
})
