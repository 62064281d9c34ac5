// Namespaces that are accounts: the owner’s word is a statement signed by a job of theirs, with a real Fulcio on loopback. What counts is the
// number of the owner, not the name, which can be given to somebody else (T12).

import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { isRegistryError } from '../../src/lib/index.ts'
import {
  attestNamespace,
  claim,
  isClaimedHere,
  listNamespaces,
  verifyNamespace,
  verifyOwner,
} from '../../src/registry/index.ts'
import { pinChanges } from '../../src/resolve/index.ts'
import type { PublisherId } from '../../src/spec/index.ts'
import { rootRecord } from '../../src/trust/index.ts'
import { openPublisher, type TestPublisher } from '../support/publisher.ts'
import { type Sigstore, startSigstore } from '../support/sigstore/sigstore.ts'
import { GITHUB_ISSUER, GITHUB_SAN, type TokenOptions } from '../support/sigstore/token.ts'
import { openTestWorkspace, type TestWorkspace } from '../support/workspace.ts'
import { signerAt } from '../trust/keyless/setup.ts'

const ACME = 'io.github.acme'
const OTHER = `p${'a'.repeat(51)}a` as PublisherId

let sigstore: Sigstore
beforeAll(async () => {
  sigstore = await startSigstore()
})
afterAll(() => sigstore[Symbol.asyncDispose]())

async function open(): Promise<TestWorkspace> {
  const workspace = await openTestWorkspace()
  await trust(workspace)
  return workspace
}

async function trust({ store }: TestWorkspace): Promise<void> {
  const since = new Date(0).toISOString()
  const issuers = [GITHUB_ISSUER, 'https://gitlab.com']
  const root = rootRecord({ name: 'loopback', bytes: sigstore.trustedRoot, since, issuers })
  await store.commit({ put: [root] })
}

async function openAcme(): Promise<TestPublisher> {
  const publisher = await openPublisher()
  await trust(publisher.workspace)
  await claim(publisher.workspace, ACME)
  return publisher
}

async function attested(
  { workspace, id }: TestPublisher,
  {
    token,
    publisher = id,
    namespace = ACME,
  }: { token?: TokenOptions; publisher?: PublisherId; namespace?: string } = {},
): Promise<Uint8Array> {
  const keyless = signerAt(sigstore, token === undefined ? {} : { token })
  const made = await attestNamespace({ ...workspace, keyless }, { namespace, publisher })
  return made.bundle
}

const unknown = { isClaimed: async () => undefined }

async function refusal(act: Promise<unknown>): Promise<string> {
  try {
    await act
  } catch (error) {
    if (!isRegistryError(error)) throw error
    const { expected, got, next } = error.details
    expect(next ?? '', error.message).not.toBe('')
    return `${error.code}: ${error.message} expected ${expected}; got ${got}`
  }
  throw new Error('nothing was refused')
}

describe('the word of an owner', () => {
  test('names the publisher, both ways, and is kept', async () => {
    await using acme = await openAcme()
    const { store } = acme.workspace
    const bundle = await attested(acme)
    const ways = { isClaimed: (n: string, p: PublisherId) => isClaimedHere(store, n, p) }
    const proven = await verifyOwner(acme.workspace, { namespace: ACME, bundle }, ways)
    expect(proven).toMatchObject({
      publisher: acme.id,
      claimed: true,
      owner: { url: 'https://github.com/acme', id: '987654', issuer: GITHUB_ISSUER },
    })
    const known = await listNamespaces(acme.workspace)
    expect(known.find(({ namespace }) => namespace === ACME)?.evidence).toHaveLength(1)
    const again = await verifyOwner(acme.workspace, { namespace: ACME, bundle }, ways)
    expect(again.publisher).toBe(acme.id)
  })

  test('is worth nothing about a publisher whose log does not claim the account', async () => {
    await using acme = await openPublisher()
    await trust(acme.workspace)
    const bundle = await attested(acme)
    const ways = { isClaimed: async () => false }
    expect(await refusal(verifyOwner(acme.workspace, { namespace: ACME, bundle }, ways))).toBe(
      `NAMESPACE_UNPROVEN: The publisher that is listed does not claim ${ACME}. expected a claim of ${ACME} in the log of ${acme.id}; got a log without it`,
    )
  })

  test.each<[string, TokenOptions, string]>([
    [
      'another owner',
      { san: GITHUB_SAN.replace('/acme/', '/evil/'), claims: { owner: 'https://github.com/evil' } },
      'expected the owner https://github.com/acme; got https://github.com/evil',
    ],
    [
      'another issuer that says the same',
      { issuer: 'https://gitlab.com' },
      `expected a certificate for ${GITHUB_ISSUER}; got https://gitlab.com`,
    ],
    [
      'a person instead of a job',
      { san: 'alice@example.com' },
      'expected the owner https://github.com/acme; got no owner',
    ],
    [
      'a pull request from anybody',
      { claims: { trigger: 'pull_request_target' } },
      'got pull_request_target',
    ],
  ])('%s does not speak for the account', async (_, token, words) => {
    await using acme = await openAcme()
    expect(await refusal(attested(acme, { token }))).toContain(words)
  })

  test('is about one namespace; another account or a domain takes other proof', async () => {
    await using acme = await openAcme()
    const bundle = await attested(acme)
    const asked = { namespace: 'io.github.evil', bundle }
    expect(await refusal(verifyOwner(acme.workspace, asked, unknown))).toBe(
      `NAMESPACE_UNPROVEN: This is not evidence about io.github.evil. expected io.github.evil, by oidc-owner; got ${ACME}, by oidc-owner`,
    )
    const domain = { namespace: 'com.acme', bundle }
    expect(await refusal(verifyOwner(acme.workspace, domain, unknown))).toBe(
      'NAMESPACE_UNPROVEN: com.acme is not an account. expected io.github.OWNER or io.gitlab.OWNER; got com.acme',
    )
    const byDns = verifyNamespace(
      acme.workspace,
      { namespace: ACME, methods: ['dns-txt'] },
      unknown,
    )
    expect(await refusal(byDns)).toMatch(/^NAMESPACE_UNPROVEN: .* which no domain proves/)
  })

  test('needs an identity to sign with', async () => {
    await using acme = await openAcme()
    expect(await refusal(attestNamespace(acme.workspace, { namespace: ACME }))).toBe(
      'USAGE: An account is proven by signing as one of its jobs. expected --identity; got no keyless signer',
    )
  })
})

describe('an account in other hands', () => {
  test('t12-namespace-takeover: the same name under another number is another owner', async () => {
    await using acme = await openAcme()
    await using consumer = await open()
    const before = await attested(acme)
    await verifyOwner(consumer, { namespace: ACME, bundle: before }, unknown)
    const bundle = await attested(acme, { token: { claims: { owner_id: '666' } } })
    expect(await refusal(verifyOwner(consumer, { namespace: ACME, bundle }, unknown))).toBe(
      'PUBLISHER_CHANGED: https://github.com/acme has another owner than before. expected owner 987654; got owner 666',
    )
    const still = await verifyOwner(consumer, { namespace: ACME, bundle: before }, unknown)
    expect(still.owner?.id).toBe('987654')
  })

  test('another publisher than the one seen or pinned is REBIND, also by the same owner', async () => {
    await using acme = await openAcme()
    await using consumer = await open()
    const first = await attested(acme)
    await verifyOwner(consumer, { namespace: ACME, bundle: first }, unknown)
    const bundle = await attested(acme, { publisher: OTHER })
    expect(await refusal(verifyOwner(consumer, { namespace: ACME, bundle }, unknown))).toBe(
      `PUBLISHER_CHANGED: https://github.com/acme now lists another publisher. expected ${acme.id}, which it listed before; got ${OTHER}`,
    )
    await using pinned = await open()
    const chosen = { publisher: acme.id, how: 'flag' as const, now: pinned.now() }
    const pins = await pinChanges(pinned.store, [`${ACME}/x`], chosen)
    await pinned.store.commit({ put: pins.put })
    expect(await refusal(verifyOwner(pinned, { namespace: ACME, bundle }, unknown))).toBe(
      `PUBLISHER_CHANGED: https://github.com/acme now lists another publisher. expected ${acme.id}, pinned here; got ${OTHER}`,
    )
  })

  test('a consumer without the root of that Sigstore believes none of it', async () => {
    await using acme = await openAcme()
    await using consumer = await openTestWorkspace()
    const bundle = await attested(acme)
    expect(await refusal(verifyOwner(consumer, { namespace: ACME, bundle }, unknown))).toMatch(
      /^ROOT_UNKNOWN: /,
    )
  })
})
