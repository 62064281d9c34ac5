// Attestations from peers: over the wire, with a release, from those who lie, flood or know nothing of them.

import { afterEach, describe, expect, it } from 'vitest'
import { type Cid, cidOf } from '../../../src/cid/index.ts'
import { RegistryError } from '../../../src/lib/index.ts'
import { gatherAttestations } from '../../../src/registry/attestations/gather.ts'
import {
  attest,
  attestationSubject,
  fetchAttestations,
  listAttestations,
  pull,
  withoutPrivate,
} from '../../../src/registry/index.ts'
import { type AttestationPage, localSource, type Source } from '../../../src/resolve/index.ts'
import { openMemoryStore, type Store } from '../../../src/store/index.ts'
import { connectSource, createMemoryHub, serveSource } from '../../../src/sync/index.ts'
import {
  type AttestationPolicy,
  type CarriedAttestation,
  keyFingerprint,
  type Signer,
} from '../../../src/trust/index.ts'
import {
  carry,
  PROVENANCE,
  provenance,
  REVIEW,
  statementAbout,
} from '../../support/attestations.ts'
import { openPublisher, peerOf, type TestPublisher, toolkit } from '../../support/publisher.ts'
import { makeSigner } from '../../trust/setup.ts'

const NAME = 'com.example/weather'
const NOW = new Date('2026-11-21T00:00:00Z')
const ALL = { all: true, requirements: [] }
const SUBJECT = cidOf(Buffer.from('a release'))

const owned: AsyncDisposable[] = []
afterEach(async () => {
  for (const one of owned.splice(0).reverse()) await one[Symbol.asyncDispose]()
})

async function openAlice(): Promise<TestPublisher & { readonly release: Cid; readonly tool: Cid }> {
  const alice = await openPublisher()
  owned.push(alice)
  await alice.publish(toolkit(NAME, '1.0.0'))
  const { store } = alice.workspace
  const { cid: release } = await attestationSubject(store, NAME)
  const { cid: tool } = await attestationSubject(store, `${NAME}#tool_1`)
  return { ...alice, release, tool }
}

async function review(
  alice: TestPublisher,
  reference: string,
  predicateType = REVIEW,
): Promise<void> {
  const subject = await attestationSubject(alice.workspace.store, reference)
  const predicate = predicateType === PROVENANCE ? provenance() : { verdict: 'good' }
  await attest(alice.workspace, { subject, predicateType, predicate })
}

async function overTheWire(source: Source): Promise<Source> {
  const hub = createMemoryHub({ seed: 5 })
  const [server, client] = [hub.open('server'), hub.open('client')]
  server.handle((channel) => serveSource(channel, source))
  const peer = connectSource(await client.dial(server.addresses[0] as string))
  owned.push(server, client, peer)
  return peer
}

function asks(signer: Signer, asked: Partial<AttestationPolicy> = {}): AttestationPolicy {
  const fingerprint = keyFingerprint(signer.key)
  const signers = [{ kind: 'key' as const, fingerprint, notAfter: undefined }]
  return { predicate: REVIEW, builder: undefined, signers, threshold: 1, ...asked }
}

/** A peer that answers whatever it likes. */
function peerThat(answer: (page: number) => AttestationPage, label = 'mallory'): Source {
  let page = 0
  return { ...localSource(openMemoryStore()), label, attestations: async () => answer(page++) }
}

function peerWith(attestations: readonly CarriedAttestation[], label?: string): Source {
  return peerThat(() => ({ attestations, next: undefined }), label)
}

async function kept(store: Store): Promise<readonly string[]> {
  return (await Array.fromAsync(store.listRecords('attestation'))).map(({ key }) => key)
}

function gather(
  store: Store,
  source: Source,
  wanted: Parameters<typeof gatherAttestations>[2]['wanted'] = ALL,
) {
  return gatherAttestations(store, source, { subjects: [SUBJECT], wanted, now: NOW })
}

describe('a pull', () => {
  it('brings what others say of the release and its tools, if asked', async () => {
    const alice = await openAlice()
    await review(alice, NAME)
    await review(alice, `${NAME}#tool_1`)
    const source = await overTheWire(alice.source)
    const request = { reference: NAME, peers: [peerOf(source)], publisher: alice.id }
    const bob = {
      ...alice.workspace,
      store: openMemoryStore(),
      keys: `${alice.workspace.keys}-bob`,
    }
    expect((await pull(bob, request)).attestations).toBeUndefined()
    expect(await kept(bob.store)).toEqual([])
    const pulled = await pull(bob, { ...request, allAttestations: true })
    expect(pulled.attestations).toEqual({ added: 2, refused: [] })
    for (const subject of [alice.release, alice.tool]) {
      const { attestations } = await listAttestations(bob, { subject })
      expect(attestations).toHaveLength(1)
      expect(attestations[0]).toMatchObject({ from: 'server' })
      expect(attestations[0]?.owners).toEqual([
        { kind: 'publisher', publisher: alice.id, role: 'root' },
        { kind: 'publisher', publisher: alice.id, role: 'release' },
      ])
    }
    const again = await pull(bob, { ...request, allAttestations: true })
    expect(again.attestations).toEqual({ added: 0, refused: [] })
  })

  it('brings only what a policy asks for, by the signers it names', async () => {
    const alice = await openAlice()
    await review(alice, NAME)
    await review(alice, NAME, PROVENANCE)
    const source = await overTheWire(alice.source)
    const request = { reference: NAME, peers: [peerOf(source)], publisher: alice.id }
    const bob = { ...alice.workspace, store: openMemoryStore() }
    const asking = (one: AttestationPolicy) => ({
      ...bob,
      attestationsAsked: async (name: string) => (name === NAME ? [one] : []),
    })
    expect((await pull(asking(asks(makeSigner())), request)).attestations).toEqual({
      added: 0,
      refused: [],
    })
    const hers = asking(asks(alice.signing, { predicate: PROVENANCE }))
    expect((await pull(hers, request)).attestations?.added).toBe(1)
    const { attestations } = await listAttestations(bob, { subject: alice.release })
    expect(attestations.map(({ attestation }) => attestation.predicateType)).toEqual([PROVENANCE])
  })

  it('t4-attestations-before-the-release: nobody sees the release without them', async () => {
    const alice = await openAlice()
    await review(alice, NAME)
    const store = openMemoryStore()
    const order: string[] = []
    const watched: Store = {
      ...store,
      commit: async (change) => {
        order.push(...(change.put ?? []).map(({ table }) => table))
        await store.commit(change)
      },
    }
    const request = { reference: NAME, peers: [peerOf(alice.source)], publisher: alice.id }
    await pull({ ...alice.workspace, store: watched }, { ...request, allAttestations: true })
    expect(order.indexOf('attestation')).toBeGreaterThanOrEqual(0)
    expect(order.indexOf('attestation')).toBeLessThan(order.indexOf('evidence'))
  })

  it('goes on with a peer that knows nothing of attestations', async () => {
    const alice = await openAlice()
    const { attestations: _, ...older } = alice.source
    const request = { reference: NAME, peers: [peerOf(older)], publisher: alice.id }
    const bob = { ...alice.workspace, store: openMemoryStore() }
    const pulled = await pull(bob, { ...request, allAttestations: true })
    expect(pulled.attestations).toEqual({ added: 0, refused: [] })
  })
})

describe('t13-attestations-of-private-names', () => {
  it('are told nobody: not of a release, nor of a tool, nor by a file that a report names it with', async () => {
    const alice = await openAlice()
    const { store } = alice.workspace
    await review(alice, NAME)
    await review(alice, `${NAME}#tool_1`)
    const file = cidOf(Buffer.from('a binary'))
    const named = statementAbout(file, { predicate: { of: `${NAME}@1.0.0` } })
    const report = peerWith([await carry(named, makeSigner())])
    await gatherAttestations(store, report, { subjects: [file], wanted: ALL, now: NOW })
    const hidden = withoutPrivate(alice.source, { store, namespaces: ['com.example'] })
    for (const subject of [alice.release, alice.tool, file]) {
      expect((await alice.source.attestations?.(subject, {}))?.attestations).toHaveLength(1)
      expect((await hidden.attestations?.(subject, {}))?.attestations).toEqual([])
    }
    const other = withoutPrivate(alice.source, { store, namespaces: ['com.other'] })
    expect((await other.attestations?.(alice.tool, {}))?.attestations).toHaveLength(1)
  })

  it('are not asked for, and nobody is dialled', async () => {
    const alice = await openAlice()
    let dialled = 0
    const peer = { label: 'x', open: async () => Promise.reject(new Error(`dialled ${dialled++}`)) }
    const workspace = { ...alice.workspace, privateNamespaces: async () => ['com.example'] }
    for (const subject of [alice.release, alice.tool]) {
      const asked = fetchAttestations(workspace, { subject, peers: [peer] })
      await expect(asked).rejects.toMatchObject({ code: 'NAMESPACE_PRIVATE' })
    }
    expect(dialled).toBe(0)
  })
})

describe('over the wire', () => {
  it('comes in pages, whole', async () => {
    const alice = await openAlice()
    const signers = Array.from({ length: 5 }, () => makeSigner())
    const predicate = { text: 'x'.repeat(200_000) }
    const long = statementAbout(SUBJECT, { predicate })
    const carried = await Promise.all(signers.map((signer) => carry(long, signer)))
    await gather(alice.workspace.store, peerWith(carried))
    const [all] = [await kept(alice.workspace.store)]
    const source = await overTheWire(alice.source)
    const first = await source.attestations?.(SUBJECT, {})
    expect(first?.attestations.length).toBeLessThan(all.length)
    const store = openMemoryStore()
    await gather(store, source)
    expect(await kept(store)).toEqual(all)
    expect(all.length).toBeGreaterThan(2)
  })

  it('one that does not know the question is asked once, and politely', async () => {
    let asked = 0
    const error = new RegistryError('MESSAGE_INVALID', 'A message holds text at /op.')
    const hub = createMemoryHub({ seed: 6 })
    const [server, client] = [hub.open('server'), hub.open('client')]
    owned.push(server, client)
    const { decodeCbor, encodeCbor } = await import('../../../src/sync/wire/cbor.ts')
    server.handle(async (channel) => {
      for (
        let frame = await channel.receive();
        frame !== undefined;
        frame = await channel.receive()
      ) {
        asked += 1
        const id = (decodeCbor(frame) as Map<string, unknown>).get('id')
        await channel.send(encodeCbor({ id, error: { code: error.code, message: error.message } }))
      }
    })
    const peer = connectSource(await client.dial(server.addresses[0] as string))
    owned.push(peer)
    const store = openMemoryStore()
    const other = cidOf(Buffer.from('another'))
    const request = { subjects: [SUBJECT, other], wanted: ALL, now: NOW }
    expect(await gatherAttestations(store, peer, request)).toEqual({ added: 0, refused: [] })
    expect(asked).toBe(1)
  })

  it('refuses a place that leads elsewhere', async () => {
    const source = await overTheWire(localSource(openMemoryStore()))
    const asked = source.attestations?.(SUBJECT, { after: '../../self/publisher' })
    // An unreadable question is answered like one that an older peer does not know.
    expect(await asked).toEqual({ attestations: [], next: undefined })
  })
})

describe('hostile peers', () => {
  const mallory = makeSigner()

  it('what is about something else, unsigned or badly signed is not kept', async () => {
    const store = openMemoryStore()
    const good = await carry(statementAbout(SUBJECT), mallory)
    const loose = JSON.parse(Buffer.from(good.bundle).toString())
    loose.dsseEnvelope.signatures = []
    const unsigned = { ...good, bundle: Buffer.from(JSON.stringify(loose)) }
    const sent = [
      await carry(statementAbout(cidOf(Buffer.from('other'))), mallory),
      unsigned,
      { ...good, spki: makeSigner().key.spki },
      { bundle: good.bundle },
      { bundle: Buffer.from('{}') },
      { bundle: new Uint8Array(500_000) },
    ]
    const { added, refused } = await gather(store, peerWith(sent))
    expect(added).toBe(0)
    expect(refused.map(({ code }) => code)).toEqual([
      'SUBJECT_MISMATCH',
      'BUNDLE_INVALID',
      'SIGNER_UNAUTHORIZED',
      'SIGNER_UNAUTHORIZED',
      'BUNDLE_INVALID',
      'LIMIT_EXCEEDED',
    ])
    expect(await kept(store)).toEqual([])
  })

  it('one statement under two subjects is kept only under the one that was asked about', async () => {
    const store = openMemoryStore()
    const both = await carry(statementAbout([SUBJECT, cidOf(Buffer.from('other'))]), mallory)
    await gather(store, peerWith([both, both, both]))
    const keys = await kept(store)
    expect(keys).toHaveLength(1)
    expect(keys[0]).toContain(`${SUBJECT}/`)
  })

  it('t36-attestation-flood: fills neither the disk nor the place of others', async () => {
    const store = openMemoryStore()
    const alice = makeSigner()
    const wanted = { all: true, requirements: [asks(alice)] }
    await gather(store, peerWith([await carry(statementAbout(SUBJECT), alice)], 'honest'), wanted)
    const [hers] = await kept(store)
    for (let peer = 0; peer < 6; peer++) {
      const chaff = await Promise.all(Array.from({ length: 30 }, () => chaffBy(makeSigner())))
      await gather(store, peerWith(chaff, `mallory-${peer}`), wanted)
      expect((await kept(store)).length).toBeLessThanOrEqual(1 + 16 * (peer + 1))
    }
    const keys = await kept(store)
    expect(keys).toHaveLength(64)
    expect(keys).toContain(hers)
  })

  it('a flood by strangers of the right type does not count as asked for', async () => {
    const store = openMemoryStore()
    const wanted = { all: false, requirements: [asks(makeSigner())] }
    const chaff = await Promise.all(Array.from({ length: 30 }, () => chaffBy(makeSigner())))
    expect(await gather(store, peerWith(chaff), wanted)).toEqual({ added: 0, refused: [] })
    expect(await kept(store)).toEqual([])
  })

  it('who never comes to an end is not asked for ever', async () => {
    const store = openMemoryStore()
    const one = await carry(statementAbout(SUBJECT), mallory)
    let pages = 0
    const next = `${SUBJECT}/key-${'0'.repeat(64)}`
    const endless = peerThat((page) => {
      pages = page + 1
      return { attestations: [one], next }
    })
    await gather(store, endless)
    expect(pages).toBe(32)
    const wide = peerThat((page) => {
      pages = page + 1
      return { attestations: Array.from({ length: 64 }, () => one), next }
    })
    await gather(store, wide)
    expect(pages).toBe(1)
    expect(await kept(store)).toHaveLength(1)
  })

  it('another type than the one asked for is refused', async () => {
    const store = openMemoryStore()
    const signer = makeSigner()
    const statement = statementAbout(SUBJECT, { type: PROVENANCE, predicate: provenance() })
    const wanted = { all: false, requirements: [asks(signer)] }
    const { refused } = await gather(store, peerWith([await carry(statement, signer)]), wanted)
    expect(refused[0]).toMatchObject({
      code: 'PEER_MISBEHAVED',
      message: 'A peer sent attestations that nobody asked for.',
    })
  })

  async function chaffBy(signer: Signer): Promise<CarriedAttestation> {
    return await carry(statementAbout(SUBJECT, { predicate: { spam: true } }), signer)
  }
})
