// A verdict on a keyless signature is kept by what it follows from, the bytes and the root; who is accepted is asked anew each time.

import { afterAll, beforeAll, expect, test } from 'vitest'
import { canonicalBytes, isRegistryError, parseJson } from '../../src/lib/index.ts'
import { openMemoryStore, type Store } from '../../src/store/index.ts'
import { type IdentityRule, loadVerifier, rootRecord } from '../../src/trust/index.ts'
import { copyStore, dump } from '../support/copy-store.ts'
import { type Sigstore, startSigstore } from '../support/sigstore/sigstore.ts'
import { GITHUB_ISSUER, GITHUB_SAN } from '../support/sigstore/token.ts'
import { STATEMENT, signerAt } from './keyless/setup.ts'

const RULE: IdentityRule = { issuer: GITHUB_ISSUER, san: GITHUB_SAN }
const OTHER_SAN = GITHUB_SAN.replace('/acme/', '/evil/')

let sigstore: Sigstore
let bundle: Uint8Array
beforeAll(async () => {
  sigstore = await startSigstore()
  bundle = await signerAt(sigstore).sign(STATEMENT)
})
afterAll(() => sigstore[Symbol.asyncDispose]())

async function openTrusting(): Promise<Store> {
  const store = openMemoryStore()
  const since = new Date(0).toISOString()
  const root = { name: 'loopback', bytes: sigstore.trustedRoot, since, issuers: [GITHUB_ISSUER] }
  await store.commit({ put: [rootRecord(root)] })
  return store
}

async function verify(store: Store, rule: IdentityRule = RULE): Promise<string> {
  const verifier = await loadVerifier(store)
  const signed = { statement: STATEMENT, bundles: [bundle] }
  await verifier.recall([signed])
  try {
    const claim = { ...signed, keys: [], identities: [rule], threshold: 1 }
    const [signer] = verifier.verifyStatement(claim).signers
    await verifier.remember()
    return signer?.kind === 'keyless' ? signer.identity.san : 'a key'
  } catch (error) {
    if (isRegistryError(error)) return error.code
    throw error
  }
}

async function verdictsIn(store: Store) {
  return await Array.fromAsync(store.listRecords('verdict'))
}

test('is kept once, and taken by the next process', async () => {
  await using store = await openTrusting()
  expect(await verify(store)).toBe(GITHUB_SAN)
  const kept = await verdictsIn(store)
  expect(kept).toHaveLength(1)
  await using next = await copyStore(store)
  expect(await verify(next)).toBe(GITHUB_SAN)
  expect(await verdictsIn(next)).toEqual(kept)
})

test('what is taken is the record: the signature is not looked at again, the rule is', async () => {
  await using store = await openTrusting()
  await verify(store)
  const [record] = await verdictsIn(store)
  if (record === undefined) throw new Error('nothing was kept')
  // biome-ignore lint/suspicious/noExplicitAny: a record is changed by hand.
  const value = parseJson(record.value) as any
  value.identity.san = OTHER_SAN
  await using changed = await copyStore(store)
  await changed.commit({ put: [{ ...record, value: canonicalBytes(value) }] })
  expect(await verify(changed)).toBe('SIGNER_UNAUTHORIZED')
  await using again = await copyStore(changed)
  expect(await verify(again, { ...RULE, san: OTHER_SAN })).toBe(OTHER_SAN)
})

test.each([
  ['another kind', '{"kind":"verdict"}'],
  ['no JSON', 'verified'],
  [
    'fields of other types',
    '{"identity":{"claims":{},"issuer":1,"san":2},"kind":"keyless-verdict/v1","rootDigest":"","times":[]}',
  ],
  [
    'unknown claims',
    '{"identity":{"claims":{"admin":"yes"},"issuer":"","san":""},"kind":"keyless-verdict/v1","rootDigest":"","times":[]}',
  ],
])('a record with %s is worked out again', async (_, text) => {
  await using store = await openTrusting()
  await verify(store)
  const [record] = await verdictsIn(store)
  if (record === undefined) throw new Error('nothing was kept')
  await using damaged = await copyStore(store)
  await damaged.commit({ put: [{ ...record, value: Buffer.from(text) }] })
  expect(await verify(damaged)).toBe(GITHUB_SAN)
})

test('another root, or other issuers for it, is another question', async () => {
  await using store = await openTrusting()
  await verify(store)
  const { records } = await dump(store)
  await using stranger = openMemoryStore()
  await stranger.commit({ put: records.filter(({ table }) => table === 'verdict') })
  expect(await verify(stranger)).toBe('ROOT_UNKNOWN')
})
