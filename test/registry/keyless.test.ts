// Releases signed without a key, from the log that names the signer to the consumer who pulls: a real Fulcio, Rekor and TSA protocol on
// loopback. The log decides who may; the consumer’s trusted root decides whose word about that is worth anything.

import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { isRegistryError } from '../../src/lib/index.ts'
import {
  checkLog,
  countersign,
  delegate,
  publish,
  pull,
  rotate,
  type SignRequest,
  verifyName,
} from '../../src/registry/index.ts'
import {
  type IdentityRule,
  type KeylessSigner,
  PUBLIC_GOOD,
  readySignatures,
  rootRecord,
} from '../../src/trust/index.ts'
import { openPublisher, peerOf, type TestPublisher, toolkit } from '../support/publisher.ts'
import { type Sigstore, startSigstore } from '../support/sigstore/sigstore.ts'
import {
  GITHUB_CLAIMS,
  GITHUB_ISSUER,
  GITHUB_SAN,
  type TokenOptions,
} from '../support/sigstore/token.ts'
import { openTestWorkspace, type TestWorkspace } from '../support/workspace.ts'
import { signerAt } from '../trust/keyless/setup.ts'

const RULE: IdentityRule = {
  issuer: GITHUB_ISSUER,
  san: GITHUB_SAN.replace('v1.4.2', 'v*'),
  repository_id: GITHUB_CLAIMS.repository_id as string,
  trigger: 'push',
}

let sigstore: Sigstore
beforeAll(async () => {
  sigstore = await startSigstore()
})
afterAll(() => sigstore[Symbol.asyncDispose]())

/** As somebody does who runs an instance of their own. */
async function trustRoot(
  { store }: Pick<TestWorkspace, 'store'>,
  issuers: readonly string[] = [GITHUB_ISSUER],
  bytes: Uint8Array = sigstore.trustedRoot,
): Promise<void> {
  const since = new Date(0).toISOString()
  await store.commit({ put: [rootRecord({ name: 'loopback', bytes, since, issuers })] })
}

/** A publisher whose release role is one workflow, and no key. */
async function openWorkflow(
  identities: readonly IdentityRule[] = [RULE],
  release: readonly string[] = [],
  threshold = 1,
): Promise<TestPublisher> {
  const publisher = await openPublisher()
  await trustRoot(publisher.workspace)
  await rotate(publisher.workspace, {
    roles: { release },
    identities,
    thresholds: { release: threshold },
  })
  return publisher
}

function as(publisher: TestPublisher, keyless: KeylessSigner): TestWorkspace {
  return { ...publisher.workspace, keyless }
}

async function publishAs(publisher: TestPublisher, token?: TokenOptions, version = '1.0.0') {
  const signer = signerAt(sigstore, token === undefined ? {} : { token })
  return await publish(as(publisher, signer), [toolkit('hello', version)])
}

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

describe('a release role that names a workflow', () => {
  test('its release is published, pulled and proven again offline', async () => {
    await using publisher = await openWorkflow()
    const [published] = await publishAs(publisher)
    expect(published?.kind).toBe('published')
    await checkLog(publisher.workspace.store, publisher.id)
    await using consumer = await openTestWorkspace('level')
    await trustRoot(consumer)
    const reference = `${publisher.id}/hello`
    const { release } = await pull(consumer, { reference, peers: [peerOf(publisher.source)] })
    expect(release.entry.signers).toMatchObject([
      { kind: 'keyless', identity: { issuer: GITHUB_ISSUER, san: GITHUB_SAN } },
    ])
    const verified = await verifyName(consumer.store, reference)
    expect(verified.release.cid).toBe(published?.release)
  })

  test('a key of before may not release any more, and another workflow never could', async () => {
    await using publisher = await openWorkflow()
    expect(await refusal(publish(publisher.workspace, [toolkit('hello', '1.0.0')]))).toBe(
      `SIGNER_UNAUTHORIZED: The keys here are not enough to sign this in the publisher’s name. expected 1 of ${RULE.san}; got ${(await keysOf(publisher)).join(', ')}`,
    )
    const san = GITHUB_SAN.replace('/acme/', '/evil/')
    expect(await refusal(publishAs(publisher, { san }))).toBe(
      `SIGNER_UNAUTHORIZED: The statement was signed, but not by a keyless signer who may sign it. expected san ${RULE.san}; got ${san}`,
    )
    expect((await publisher.source.checkpoint(publisher.id, {})).length).toBeGreaterThan(0)
    await checkLog(publisher.workspace.store, publisher.id)
  })

  test.each<[string, TokenOptions, string]>([
    ['another issuer', { issuer: 'https://gitlab.com' }, 'got https://gitlab.com'],
    ['a subject that is longer', { san: `${GITHUB_SAN}/x` }, 'expected san'],
    [
      'a subject with another beginning',
      { san: `${GITHUB_SAN.replace('https://github.com', 'https://github.com.evil')}` },
      'san',
    ],
    [
      'a repository of the same name',
      { claims: { repository_id: '666' } },
      'expected repository_id 123456789; got 666',
    ],
    [
      'another trigger',
      { claims: { trigger: 'pull_request_target' } },
      'expected trigger push; got pull_request_target',
    ],
  ])('%s is refused before anything is appended', async (_, token, words) => {
    await using publisher = await openWorkflow()
    const before = await publisher.source.checkpoint(publisher.id, {})
    expect(await refusal(publishAs(publisher, token))).toContain(words)
    expect(await publisher.source.checkpoint(publisher.id, {})).toEqual(before)
  })
})

async function keysOf({ workspace }: TestPublisher): Promise<readonly string[]> {
  const { listKeys } = await import('../../src/trust/index.ts')
  return (await listKeys(workspace.keys)).map(({ name, fingerprint }) => `${name} ${fingerprint}`)
}

describe('whose root is believed', () => {
  test('a consumer without the root of that instance does not take its word', async () => {
    await using publisher = await openWorkflow()
    await publishAs(publisher)
    await using consumer = await openTestWorkspace()
    const asked = { reference: `${publisher.id}/hello`, peers: [peerOf(publisher.source)] }
    expect(await refusal(pull(consumer, asked))).toMatch(/^ROOT_UNKNOWN: /)
  })

  test('a private root does not speak for issuers that it was not added for', async () => {
    await using publisher = await openWorkflow()
    await publishAs(publisher)
    await using consumer = await openTestWorkspace()
    await trustRoot(consumer, ['https://oauth2.sigstore.dev/auth'])
    const asked = { reference: `${publisher.id}/hello`, peers: [peerOf(publisher.source)] }
    expect(await refusal(pull(consumer, asked))).toMatch(/^ROOT_UNKNOWN: /)
  })

  test('two roots for one issuer are a mistake to tell; a private root names its issuers', async () => {
    await using consumer = await openTestWorkspace()
    await trustRoot(consumer)
    const since = new Date(0).toISOString()
    const bytes = sigstore.trustedRoot
    const twice = rootRecord({ name: 'again', bytes, since, issuers: [GITHUB_ISSUER] })
    await consumer.store.commit({ put: [twice] })
    await using publisher = await openWorkflow()
    await publishAs(publisher)
    const asked = { reference: `${publisher.id}/hello`, peers: [peerOf(publisher.source)] }
    expect(await refusal(pull(consumer, asked))).toBe(
      `DOCUMENT_INVALID: Two trusted roots speak for one issuer. expected each issuer named by one root; got ${GITHUB_ISSUER}`,
    )
    expect(() => rootRecord({ name: 'loopback', bytes, since })).toThrow(
      'A private root needs a name and the issuers it speaks for.',
    )
  })

  test('a copy of the public-good root that is kept here takes the place of the shipped one', async () => {
    await using publisher = await openPublisher()
    const since = new Date(0).toISOString()
    const root = rootRecord({ name: PUBLIC_GOOD, bytes: sigstore.trustedRoot, since })
    await publisher.workspace.store.commit({ put: [root] })
    await rotate(publisher.workspace, { roles: { release: [] }, identities: [RULE] })
    expect((await publishAs(publisher))[0]?.kind).toBe('published')
  })
})

describe('keys and identities together', () => {
  test('two of three: a key and a workflow are two; either alone is one', async () => {
    await using publisher = await openWorkflow([RULE], ['signing'], 2)
    expect((await publishAs(publisher))[0]?.kind).toBe('published')
    await checkLog(publisher.workspace.store, publisher.id)
    expect(await refusal(publish(publisher.workspace, [toolkit('hello', '1.1.0')]))).toMatch(
      /^SIGNER_UNAUTHORIZED: The keys here are not enough/,
    )
  })

  test('t15-threshold: one identity under two rules is one signer', async () => {
    const exact = { ...RULE, san: GITHUB_SAN }
    await using publisher = await openWorkflow([RULE, exact], [], 2)
    expect(await refusal(publishAs(publisher))).toMatch(/^SIGNER_UNAUTHORIZED: /)
  })

  test('a delegation to a workflow covers its path and nothing beside it', async () => {
    await using publisher = await openPublisher()
    await trustRoot(publisher.workspace)
    const path = `${publisher.id}/hello`
    await delegate(publisher.workspace, { path, to: [], identities: [RULE] })
    const same = await delegate(publisher.workspace, { path, to: [], identities: [RULE] })
    expect(same.kind).toBe('unchanged')
    expect((await publishAs(publisher))[0]?.kind).toBe('published')
    const other = publish(as(publisher, signerAt(sigstore)), [toolkit('other', '1.0.0')])
    expect(await refusal(other)).toMatch(/^SIGNER_UNAUTHORIZED: The keys here and the keyless/)
  })
})

test('a workflow and a person’s key: the workflow signs what the person asks for', async () => {
  await using publisher = await openWorkflow([RULE], ['signing'], 2)
  let asked: SignRequest | undefined
  const request = async (made: SignRequest): Promise<void> => {
    asked = made
  }
  await publish({ ...publisher.workspace, request }, [toolkit('hello', '1.0.0')])
  await using job = await openTestWorkspace()
  const signed = await countersign({ ...job, keyless: signerAt(sigstore) }, asked ?? expect.fail())
  expect(signed.signers).toEqual(['keyless'])
  const signatures = readySignatures(signed.request.bundles)
  await publish({ ...publisher.workspace, signatures }, [toolkit('hello', '1.0.0')])
  expect(await checkLog(publisher.workspace.store, publisher.id)).toMatchObject({ size: 3 })
})
