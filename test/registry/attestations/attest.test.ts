// Attestations of one node: made, attached, listed with who signed them, and read again from a store that somebody has changed.

import { afterEach, describe, expect, it } from 'vitest'
import { type Cid, cidOf } from '../../../src/cid/index.ts'
import { canonicalBytes, isRegistryError, type RegistryError } from '../../../src/lib/index.ts'
import {
  attachBundle,
  attest,
  attestationSubject,
  init,
  listAttestations,
  publish,
  rotate,
} from '../../../src/registry/index.ts'
import type { StoredRecord } from '../../../src/store/index.ts'
import { createKey, keyFingerprint, openSigner } from '../../../src/trust/index.ts'
import { carry, type Loose, REVIEW, statementAbout } from '../../support/attestations.ts'
import { toolkit } from '../../support/publisher.ts'
import { openTestWorkspace, type TestWorkspace } from '../../support/workspace.ts'
import { makeSigner } from '../../trust/setup.ts'

const NAME = 'com.example/weather'
const PREDICATE = { verdict: 'good' }

const owned: AsyncDisposable[] = []
afterEach(async () => {
  for (const one of owned.splice(0).reverse()) await one[Symbol.asyncDispose]()
})

async function open(kind: 'level' | 'memory' = 'memory'): Promise<TestWorkspace> {
  const workspace = await openTestWorkspace(kind)
  owned.push(workspace)
  await init(workspace)
  await publish(workspace, [toolkit(NAME, '1.0.0')])
  return workspace
}

async function refusal(promise: Promise<unknown>): Promise<RegistryError> {
  const error = await promise.then(
    () => new Error('It was accepted.'),
    (cause: unknown) => cause,
  )
  if (!isRegistryError(error)) throw error
  return error
}

async function recordsOf(workspace: TestWorkspace): Promise<readonly StoredRecord[]> {
  return await Array.fromAsync(workspace.store.listRecords('attestation'))
}

describe('attest', () => {
  it('signs about a release, a tool, or a block, and lists who signed', async () => {
    const workspace = await open('level')
    const { store } = workspace
    const signer = await openSigner(workspace.keys, 'signing')
    const references = [NAME, `${NAME}#tool_0`, cidOf(Buffer.from('a binary'))]
    const subjects = await Promise.all(references.map((one) => attestationSubject(store, one)))
    expect(subjects.map(({ name }) => name)).toEqual([
      `${NAME}@1.0.0`,
      `${NAME}@1.0.0#tool_0`,
      references[2],
    ])
    for (const subject of subjects) {
      const request = { subject, predicateType: REVIEW, predicate: PREDICATE }
      const { attestation, kind } = await attest(workspace, request)
      expect(kind).toBe('attested')
      const { attestations, refused } = await listAttestations(workspace, { subject: subject.cid })
      expect(refused).toEqual([])
      expect(attestations).toHaveLength(1)
      expect(attestations[0]).toMatchObject({
        attestation: { statement: attestation.statement, predicate: PREDICATE },
        since: '1970-01-01T00:00:00.000Z',
      })
      expect(attestations[0]?.attestation.signer).toEqual({ kind: 'key', key: signer.key })
      expect(attestations[0]?.unknown).toBeUndefined()
    }
    const own = { kind: 'file', name: 'signing' }
    const [release] = await listed(workspace, subjects[0]?.cid as Cid)
    expect(release?.owners).toEqual([
      own,
      expect.objectContaining({ kind: 'publisher', role: 'root' }),
      expect.objectContaining({ kind: 'publisher', role: 'release' }),
    ])
    const [binary] = await listed(workspace, subjects[2]?.cid as Cid)
    expect(binary?.owners).toEqual([own])
  })

  it('says the same once, however often', async () => {
    const workspace = await open()
    const subject = await attestationSubject(workspace.store, NAME)
    const request = { subject, predicateType: REVIEW, predicate: PREDICATE }
    expect((await attest(workspace, request)).kind).toBe('attested')
    expect((await attest(workspace, request)).kind).toBe('unchanged')
    await createKey(workspace.keys, { name: 'second', type: 'ecdsa-p256' })
    expect((await attest(workspace, { ...request, keyFile: 'second' })).kind).toBe('attested')
    expect(await recordsOf(workspace)).toHaveLength(2)
  })

  it('needs a key that is there, and a type that is its own', async () => {
    const workspace = await open()
    const subject = await attestationSubject(workspace.store, NAME)
    const request = { subject, predicateType: REVIEW, predicate: PREDICATE }
    expect((await refusal(attest(workspace, { ...request, keyFile: 'none' }))).code).toBe(
      'KEY_MISSING',
    )
    expect((await refusal(attest(workspace, { ...request, keyFile: 'log' }))).code).toBe(
      'KEY_INVALID',
    )
    const own = { ...request, predicateType: 'https://toolmark.dev/release/v1' }
    expect((await refusal(attest(workspace, own))).code).toBe('STATEMENT_INVALID')
    expect((await refusal(attest(workspace, { ...request, predicate: 'good' }))).code).toBe(
      'STATEMENT_INVALID',
    )
    expect(await recordsOf(workspace)).toEqual([])
    expect((await refusal(attestationSubject(workspace.store, 'com.example/none'))).code).toBe(
      'NOT_FOUND',
    )
    expect((await refusal(attestationSubject(workspace.store, 'bafk'))).code).toBe('CID_INVALID')
  })

  it('keeps a bundle as it is, if a key that is given fits', async () => {
    const workspace = await open()
    const subject = await attestationSubject(workspace.store, NAME)
    const bob = makeSigner()
    const text = JSON.stringify(
      statementAbout([cidOf(Buffer.from('x')), subject.cid]),
      undefined,
      1,
    )
    const { bundle } = await carry(Buffer.from(text), bob)
    const unknown = await refusal(attachBundle(workspace, { subject, bundle, keys: [] }))
    expect(unknown.code).toBe('SIGNER_UNAUTHORIZED')
    expect(unknown.details.next).toContain('--key FILE')
    const { attestation } = await attachBundle(workspace, { subject, bundle, keys: [bob.key] })
    expect(Buffer.from(attestation.bytes).toString()).toBe(text)
    const [one] = await listed(workspace, subject.cid)
    expect(Buffer.from(one?.attestation.carried.bundle ?? []).equals(bundle)).toBe(true)
    expect(one?.unknown?.message).toBe(
      'The signature fits a key that came with it, and nobody here knows whose key that is.',
    )
    expect(one?.unknown?.details.got).toBe(keyFingerprint(bob.key))
  })

  it('one attestation by one signer is kept once, however its bundle is spelt', async () => {
    const workspace = await open()
    const subject = await attestationSubject(workspace.store, NAME)
    const bob = makeSigner()
    const { bundle } = await carry(statementAbout(subject.cid), bob)
    const spelt = JSON.parse(Buffer.from(bundle).toString())
    spelt.verificationMaterial.publicKey.hint = 'somebody else'
    const again = Buffer.from(JSON.stringify(spelt, undefined, 2))
    const attach = (one: Uint8Array) =>
      attachBundle(workspace, { subject, bundle: one, keys: [bob.key] })
    expect((await attach(bundle)).kind).toBe('attested')
    expect((await attach(again)).kind).toBe('unchanged')
    expect(await recordsOf(workspace)).toHaveLength(1)
  })

  it('a key that its publisher has replaced is not the publisher’s any more', async () => {
    const workspace = await open()
    const subject = await attestationSubject(workspace.store, NAME)
    await attest(workspace, { subject, predicateType: REVIEW, predicate: PREDICATE })
    await rotate(workspace, {} as never)
    const [one] = await listed(workspace, subject.cid)
    expect(one?.owners).toEqual([{ kind: 'file', name: 'signing' }])
  })
})

describe('a store that somebody has changed', () => {
  async function changed(change: (value: Loose, key: string) => Loose): Promise<RegistryError> {
    const workspace = await open()
    const subject = await attestationSubject(workspace.store, NAME)
    await attest(workspace, { subject, predicateType: REVIEW, predicate: PREDICATE })
    const [record] = (await recordsOf(workspace)) as [StoredRecord]
    const value = change(JSON.parse(Buffer.from(record.value).toString()), record.key)
    const bytes = value instanceof Uint8Array ? value : canonicalBytes(value)
    await workspace.store.commit({ put: [{ ...record, value: bytes }] })
    const second = { subject, predicateType: 'https://example.com/other', predicate: {} }
    await attest(workspace, second)
    const { attestations, refused } = await listAttestations(workspace, { subject: subject.cid })
    expect(attestations.map(({ attestation }) => attestation.predicateType)).toEqual([
      'https://example.com/other',
    ])
    expect(refused).toHaveLength(1)
    return refused[0]?.error as RegistryError
  }

  const bundleOf = (value: Loose): Loose =>
    JSON.parse(Buffer.from(value.bundle, 'base64').toString())
  const withBundle = (value: Loose, bundle: Loose): Loose => ({
    ...value,
    bundle: Buffer.from(JSON.stringify(bundle)).toString('base64'),
  })

  it.each<[string, string, (value: Loose) => Loose]>([
    ['no JSON', 'STORE_CORRUPT', () => Buffer.from('?')],
    ['a field that is gone', 'STORE_CORRUPT', ({ since: _, ...rest }) => rest],
    ['another reason', 'STORE_CORRUPT', (value) => ({ ...value, keptFor: 'love' })],
    [
      'another type beside it',
      'STORE_CORRUPT',
      (value) => ({ ...value, predicateType: 'https://x.y' }),
    ],
    [
      'no signature',
      'BUNDLE_INVALID',
      (value) => {
        const bundle = bundleOf(value)
        bundle.dsseEnvelope.signatures = []
        return withBundle(value, bundle)
      },
    ],
    [
      'another payload',
      'SUBJECT_MISMATCH',
      (value) => {
        const bundle = bundleOf(value)
        const other = canonicalBytes(statementAbout(cidOf(Buffer.from('other'))))
        bundle.dsseEnvelope.payload = Buffer.from(other).toString('base64')
        return withBundle(value, bundle)
      },
    ],
    [
      'another key',
      'SIGNATURE_INVALID',
      (value) => {
        const { key } = makeSigner()
        const bundle = bundleOf(value)
        bundle.verificationMaterial.publicKey.hint = keyFingerprint(key)
        return { ...withBundle(value, bundle), spki: key.spki }
      },
    ],
  ])('has %s', async (_, code, change) => {
    expect((await changed(change)).code).toBe(code)
  })

  it('t23-attestation-in-the-place-of-another-signer: one under somebody else’s key is refused', async () => {
    const mallory = makeSigner()
    const workspace = await open()
    const subject = await attestationSubject(workspace.store, NAME)
    await attest(workspace, { subject, predicateType: REVIEW, predicate: PREDICATE })
    const [record] = (await recordsOf(workspace)) as [StoredRecord]
    const { bundle, spki } = await carry(statementAbout(subject.cid), mallory)
    const old = JSON.parse(Buffer.from(record.value).toString())
    const value = canonicalBytes({ ...old, bundle: Buffer.from(bundle).toString('base64'), spki })
    await workspace.store.commit({ put: [{ ...record, value }] })
    const { attestations, refused } = await listAttestations(workspace, { subject: subject.cid })
    expect(attestations).toEqual([])
    expect(refused[0]?.error).toMatchObject({
      code: 'STORE_CORRUPT',
      message: 'An attestation in this store is not what was stored.',
    })
    expect(refused[0]?.error.details.evidence).toMatchObject({ table: 'attestation' })
  })
})

async function listed(workspace: TestWorkspace, subject: Cid) {
  return (await listAttestations(workspace, { subject })).attestations
}
