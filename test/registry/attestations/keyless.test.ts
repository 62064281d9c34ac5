// Attestations of CI: signed without a key over the real protocols on loopback, counted by who the certificate says it was.

import { afterAll, afterEach, beforeAll, describe, expect, test } from 'vitest'
import { canonicalBytes, isRegistryError, type RegistryError } from '../../../src/lib/index.ts'
import { readAttestations } from '../../../src/registry/attestations/kept.ts'
import {
  attachBundle,
  attest,
  attestationSubject,
  listAttestations,
  pull,
} from '../../../src/registry/index.ts'
import { openMemoryStore } from '../../../src/store/index.ts'
import {
  type AttestationPolicy,
  findMet,
  keyFingerprint,
  loadVerifier,
  PUBLIC_GOOD,
  rootRecord,
  type VerifiedAttestation,
} from '../../../src/trust/index.ts'
import { STAGING_ROOT } from '../../../src/trust/sigstore/root/staging-root.ts'
import { BUILDER, PROVENANCE, provenance, statementAbout } from '../../support/attestations.ts'
import { openPublisher, peerOf, type TestPublisher, toolkit } from '../../support/publisher.ts'
import { type Sigstore, startSigstore } from '../../support/sigstore/sigstore.ts'
import { GITHUB_ISSUER, GITHUB_SAN } from '../../support/sigstore/token.ts'
import type { TestWorkspace } from '../../support/workspace.ts'
import { signerAt } from '../../trust/keyless/setup.ts'

const NAME = 'com.example/weather'
const NOW = new Date('2026-11-21T00:00:00Z')
const RULE = {
  issuer: GITHUB_ISSUER,
  san: GITHUB_SAN.replace('v1.4.2', 'v*'),
  repository_id: '123456789',
}

let sigstore: Sigstore
beforeAll(async () => {
  sigstore = await startSigstore()
})
afterAll(() => sigstore[Symbol.asyncDispose]())

const owned: AsyncDisposable[] = []
afterEach(async () => {
  for (const one of owned.splice(0).reverse()) await one[Symbol.asyncDispose]()
})

async function trustRoot(
  { store }: Pick<TestWorkspace, 'store'>,
  issuers = [GITHUB_ISSUER],
): Promise<void> {
  const root = { name: 'loopback', bytes: sigstore.trustedRoot, since: NOW.toISOString(), issuers }
  await store.commit({ put: [rootRecord(root)] })
}

async function openAlice(issuers?: string[]): Promise<TestPublisher> {
  const alice = await openPublisher()
  owned.push(alice)
  await trustRoot(alice.workspace, issuers)
  await alice.publish(toolkit(NAME, '1.0.0'))
  return alice
}

function asks(asked: Partial<AttestationPolicy> = {}): AttestationPolicy {
  const signers = [{ kind: 'keyless' as const, rule: RULE, notAfter: undefined }]
  return { predicate: PROVENANCE, builder: BUILDER, signers, threshold: 1, ...asked }
}

async function refusal(promise: Promise<unknown>): Promise<RegistryError> {
  const error = await promise.then(
    () => new Error('It was accepted.'),
    (cause: unknown) => cause,
  )
  if (!isRegistryError(error)) throw error
  return error
}

async function held(store: TestWorkspace['store'], subject: VerifiedAttestation['statement']) {
  const read = await readAttestations(store, subject, (await loadVerifier(store)).identify)
  return read.flatMap((one) => (one.kind === 'verified' ? [one.attestation] : []))
}

describe.each([1, 2] as const)('through Rekor v%i', (rekor) => {
  test('what a workflow attests counts for its rule, at the consumer too', async () => {
    const alice = await openAlice()
    const { store } = alice.workspace
    const subject = await attestationSubject(store, NAME)
    const workflow = { ...alice.workspace, keyless: signerAt(sigstore, { rekor }) }
    const request = { subject, predicateType: PROVENANCE, predicate: provenance() }
    const { attestation } = await attest(workflow, request)
    expect(attestation.signer).toMatchObject({
      kind: 'keyless',
      identity: { issuer: GITHUB_ISSUER, san: GITHUB_SAN },
    })
    expect(attestation.carried.spki).toBeUndefined()
    const bob = {
      ...alice.workspace,
      store: openMemoryStore(),
      attestationsAsked: async () => [asks()],
    }
    await trustRoot(bob)
    const pulled = await pull(bob, {
      reference: NAME,
      peers: [peerOf(alice.source)],
      publisher: alice.id,
    })
    expect(pulled.attestations).toEqual({ added: 1, refused: [] })
    const attestations = await held(bob.store, subject.cid)
    const met = (asked: Partial<AttestationPolicy>) =>
      findMet(attestations, asks(asked), { subject: subject.cid, now: NOW }).isMet
    expect(met({})).toBe(true)
    const rule = (change: object) => ({
      signers: [{ kind: 'keyless' as const, rule: { ...RULE, ...change }, notAfter: undefined }],
    })
    expect(met(rule({ repository_id: '7' }))).toBe(false)
    expect(met(rule({ san: GITHUB_SAN.replace('acme', 'evil') }))).toBe(false)
    expect(met(rule({ issuer: 'https://gitlab.com' }))).toBe(false)
    expect(met({ builder: `${BUILDER}/x` })).toBe(false)
  })
})

test('one workflow and one key are two signers, one workflow twice is one', async () => {
  const alice = await openAlice()
  const subject = await attestationSubject(alice.workspace.store, NAME)
  const request = { subject, predicateType: PROVENANCE, predicate: provenance() }
  const workflow = { ...alice.workspace, keyless: signerAt(sigstore) }
  expect((await attest(workflow, request)).kind).toBe('attested')
  expect((await attest(workflow, request)).kind).toBe('unchanged')
  await attest(workflow, { ...request, predicate: { ...provenance(), more: 1 } })
  const key = {
    kind: 'key' as const,
    fingerprint: keyFingerprint(alice.signing.key),
    notAfter: undefined,
  }
  const two = asks({ signers: [...asks().signers, key], threshold: 2 })
  const counts = async () =>
    findMet(await held(alice.workspace.store, subject.cid), two, { subject: subject.cid, now: NOW })
      .counts
  expect(await counts()).toBe(1)
  await attest(alice.workspace, request)
  expect(await counts()).toBe(2)
})

test('a bundle that CI wrote is attached as it is, whatever the spelling of its statement', async () => {
  const alice = await openAlice()
  const subject = await attestationSubject(alice.workspace.store, NAME)
  const text = JSON.stringify(
    statementAbout(subject.cid, { type: PROVENANCE, predicate: provenance() }),
    undefined,
    2,
  )
  const bundle = await signerAt(sigstore).sign(Buffer.from(text))
  const { attestation } = await attachBundle(alice.workspace, { subject, bundle, keys: [] })
  expect(Buffer.from(attestation.bytes).toString()).toBe(text)
  const { attestations } = await listAttestations(alice.workspace, { subject: subject.cid })
  expect(attestations[0]).toMatchObject({ owners: [] })
  expect(attestations[0]?.unknown).toBeUndefined()
})

test('what does not verify is not attached', async () => {
  const alice = await openAlice()
  const subject = await attestationSubject(alice.workspace.store, NAME)
  const statement = canonicalBytes(statementAbout(subject.cid))
  const bundle = await signerAt(sigstore).sign(statement)
  const attach = (workspace: TestWorkspace, bytes: Uint8Array) =>
    refusal(attachBundle(workspace, { subject, bundle: bytes, keys: [] }))
  const loose = JSON.parse(Buffer.from(bundle).toString())
  loose.dsseEnvelope.payload = Buffer.from(`${Buffer.from(statement)} `).toString('base64')
  const swapped = await attach(alice.workspace, Buffer.from(JSON.stringify(loose)))
  expect(['SIGNATURE_INVALID', 'LOG_ENTRY_INVALID']).toContain(swapped.code)
  const stranger = { ...alice.workspace, store: openMemoryStore() }
  expect((await attach(stranger, bundle)).code).toBe('ROOT_UNKNOWN')
})

test('t23-root-of-another-issuer: a private root is believed about its own issuers only', async () => {
  const alice = await openAlice(['https://issuer.corp.example'])
  const subject = await attestationSubject(alice.workspace.store, NAME)
  const bundle = await signerAt(sigstore).sign(canonicalBytes(statementAbout(subject.cid)))
  const error = await refusal(attachBundle(alice.workspace, { subject, bundle, keys: [] }))
  expect(error.code).toBe('SIGNER_UNAUTHORIZED')
  const { attestations } = await listAttestations(alice.workspace, { subject: subject.cid })
  expect(attestations).toEqual([])
})

test('t23-public-good-for-a-private-issuer: nor is any other root about the issuers of a private one', async () => {
  const alice = await openAlice()
  const subject = await attestationSubject(alice.workspace.store, NAME)
  const store = openMemoryStore()
  const since = NOW.toISOString()
  const put = [
    rootRecord({ name: PUBLIC_GOOD, bytes: sigstore.trustedRoot, since }),
    rootRecord({ name: 'corp', bytes: Buffer.from(STAGING_ROOT), since, issuers: [GITHUB_ISSUER] }),
  ]
  await store.commit({ put })
  const bundle = await signerAt(sigstore).sign(canonicalBytes(statementAbout(subject.cid)))
  const workspace = { ...alice.workspace, store }
  const error = await refusal(attachBundle(workspace, { subject, bundle, keys: [] }))
  expect(error).toMatchObject({
    code: 'SIGNER_UNAUTHORIZED',
    message: 'The certificate is by a root that does not speak for its issuer.',
  })
})

test('one that is larger than an entry of a log may be', async () => {
  const alice = await openAlice()
  const subject = await attestationSubject(alice.workspace.store, NAME)
  const predicate = { text: 'x'.repeat(100_000) }
  const workflow = { ...alice.workspace, keyless: signerAt(sigstore) }
  const request = { subject, predicateType: 'https://example.com/sbom', predicate }
  const { attestation } = await attest(workflow, request)
  expect(attestation.carried.bundle.length).toBeGreaterThan(100_000)
})
