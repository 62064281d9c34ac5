// The word of an account’s owner: a statement that names the publisher, signed without a key by a job of that account. What a TXT record is for
// a domain; it travels as a file. The owner’s number is remembered: an account of the same name that somebody else took is another.

import { RegistryError } from '../../lib/index.ts'
import type { PublisherId } from '../../spec/index.ts'
import { loadVerifier, signStatement } from '../../trust/index.ts'
import { getOwnPublisher, type Running, type Workspace } from '../workspace.ts'
import { type Account, accountOf, ownerIdOf } from './account.ts'
import { decide } from './decide.ts'
import { namespaceStatement, openBundleUnverified } from './evidence.ts'
import { type KeptEvidence, keepEvidence, listEvidence } from './kept.ts'
import type { Listing } from './listing.ts'
import {
  assertClaimed,
  expectationOf,
  type NamespaceVerified,
  type NamespaceWays,
} from './verify.ts'

/** For the owner: a bundle that says which publisher speaks for the account. Throws NAMESPACE_UNPROVEN, USAGE, and what the signer throws. */
export async function attestNamespace(
  workspace: Workspace,
  {
    namespace,
    publisher,
  }: { readonly namespace: string; readonly publisher?: PublisherId | undefined },
): Promise<KeptEvidence> {
  const account = getAccount(namespace)
  const { keyless } = workspace
  if (keyless === undefined) {
    throw new RegistryError('USAGE', 'An account is proven by signing as one of its jobs.', {
      expected: '--identity',
      got: 'no keyless signer',
      next: `Run it in a workflow of ${account.url}, with \`--identity github\` or \`--identity gitlab\`.`,
    })
  }
  const meant = publisher ?? (await getOwnPublisher(workspace.store))
  const checkedAt = workspace.now().toISOString()
  const statement = namespaceStatement(listingOf(account, meant), {
    namespace,
    publisher: meant,
    checkedAt,
  })
  const bundle = await signStatement(statement, keyless)
  const { identify } = await loadVerifier(workspace.store)
  ownerIdOf(identify({ statement, bundle }), account)
  return { evidence: openBundleUnverified(bundle).evidence, bundle }
}

/**
 * For everybody else. Throws NAMESPACE_UNPROVEN, PUBLISHER_CHANGED for another publisher than the one known here or another owner than before,
 * and what `identify` throws.
 */
export async function verifyOwner(
  workspace: Workspace,
  request: {
    readonly namespace: string
    readonly bundle: Uint8Array
    readonly publisher?: PublisherId | undefined
  },
  ways: Pick<NamespaceWays, 'isClaimed'>,
  running: Running = {},
): Promise<NamespaceVerified> {
  const { namespace, bundle } = request
  const { store } = workspace
  const account = getAccount(namespace)
  const { evidence } = openBundleUnverified(bundle)
  assertAbout(namespace, evidence)
  await using _lock = await store.lock(`namespace/${namespace}`, running)
  const id = await ownerOf(workspace, bundle, account)
  await assertSameOwner(workspace, namespace, { account, id })
  const listing = listingOf(account, evidence.publisher)
  const expected = await expectationOf(workspace, request)
  const decided = decide(account.url, [{ kind: 'listed', listing }], expected)
  const claimed = await assertClaimed(namespace, decided.publisher, ways)
  const kept = [{ evidence, bundle }]
  await keepEvidence(store, kept)
  return { ...decided, namespace, claimed, refused: [], evidence: kept, owner: { ...account, id } }
}

function getAccount(namespace: string): Account {
  const account = accountOf(namespace)
  if (account !== undefined) return account
  throw new RegistryError('NAMESPACE_UNPROVEN', `${namespace} is not an account.`, {
    expected: 'io.github.OWNER or io.gitlab.OWNER',
    got: namespace.slice(0, 200),
    next: 'A domain is asked itself: `registry namespace verify NAMESPACE`.',
  })
}

function listingOf({ url }: Account, publisher: PublisherId): Listing {
  const observed = `toolmark=${publisher}`
  return { method: 'oidc-owner', where: url, observed, publishers: [publisher] }
}

function assertAbout(
  namespace: string,
  evidence: { readonly namespace: string; readonly method: Listing['method'] },
): void {
  if (evidence.namespace === namespace && evidence.method === 'oidc-owner') return
  throw new RegistryError('NAMESPACE_UNPROVEN', `This is not evidence about ${namespace}.`, {
    expected: `${namespace}, by oidc-owner`,
    got: `${evidence.namespace}, by ${evidence.method}`,
    next: 'Ask the owner for evidence about this very namespace.',
  })
}

async function ownerOf(
  { store }: Workspace,
  bundle: Uint8Array,
  account: Account,
): Promise<string> {
  const { identify } = await loadVerifier(store)
  const { statement } = openBundleUnverified(bundle)
  return ownerIdOf(identify({ statement, bundle }), account)
}

/** Same name, other number: the account was deleted or renamed, and somebody else has it now. */
async function assertSameOwner(
  workspace: Workspace,
  namespace: string,
  { account, id }: { readonly account: Account; readonly id: string },
): Promise<void> {
  for await (const { evidence, bundle } of listEvidence(workspace.store, namespace)) {
    if (evidence.method !== 'oidc-owner') continue
    const before = await ownerOf(workspace, bundle, account)
    if (before === id) continue
    throw new RegistryError('PUBLISHER_CHANGED', `${account.url} has another owner than before.`, {
      expected: `owner ${before}`,
      got: `owner ${id}`,
      next: `Do not accept it unless the publisher you know announces the change. If so: \`registry namespace forget ${namespace}\`, then check again.`,
    })
  }
}
