// Asking a domain for its publisher, and keeping what it said as signed evidence. It pins nothing: a domain introduces a
// publisher, the person decides.

import { isRegistryError, RegistryError } from '../../lib/index.ts'
import { findPin } from '../../resolve/index.ts'
import type { PublisherId } from '../../spec/index.ts'
import { listKeys, openSigner, signStatement } from '../../trust/index.ts'
import { type Running, SIGNING_KEY, type Workspace } from '../workspace.ts'
import type { Account } from './account.ts'
import { type Answer, type Decided, decide, type Expectation } from './decide.ts'
import { type DnsOptions, readTxtListing } from './dns.ts'
import { domainOf } from './domain.ts'
import { namespaceStatement, openBundleUnverified, parseNamespaceStatement } from './evidence.ts'
import { type HttpsOptions, readWellKnown } from './https.ts'
import { type KeptEvidence, keepEvidence, listEvidence } from './kept.ts'
import type { Listing, NamespaceMethod } from './listing.ts'

export interface NamespaceRequest {
  readonly namespace: string
  readonly publisher?: PublisherId | undefined
  /** At least one; each is asked. */
  readonly methods: readonly NamespaceMethod[]
}

export interface NamespaceWays {
  /** Whether the publisher’s log claims the namespace; undefined when the log at hand cannot say. */
  readonly isClaimed: (namespace: string, publisher: PublisherId) => Promise<boolean | undefined>
  readonly dns?: DnsOptions
  readonly https?: HttpsOptions
}

export interface NamespaceVerified extends Decided {
  readonly namespace: string
  /** Undefined: the log at hand could not say, and only the domain’s half is proven. */
  readonly claimed: true | undefined
  /** Ways of asking that gave no listing, and why. */
  readonly refused: readonly { readonly method: NamespaceMethod; readonly error: RegistryError }[]
  /** One for each listing; none where there is no signing key. */
  readonly evidence: readonly KeptEvidence[]
  /** Of an account, whose it is, with the number that survives a rename. */
  readonly owner?: Account & { readonly id: string }
}

/**
 * Throws NAMESPACE_UNPROVEN, NAMESPACE_AMBIGUOUS, PUBLISHER_CHANGED (against the pin or an earlier check, whatever
 * `publisher` says), a MALFORMED code for what a domain says wrongly, SERVER_FAILED when it cannot be asked.
 */
export async function verifyNamespace(
  workspace: Workspace,
  request: NamespaceRequest,
  ways: NamespaceWays,
  running: Running = {},
): Promise<NamespaceVerified> {
  const { namespace } = request
  const domain = domainOf(namespace)
  // Two checks at one time could both find no earlier evidence, and keep two publishers.
  await using _lock = await workspace.store.lock(`namespace/${namespace}`, running)
  const expected = await expectationOf(workspace, request)
  const answers = await Promise.all(
    request.methods.map((method) => ask(domain, method, ways, running)),
  )
  const decided = decide(domain, answers, expected)
  const claimed = await assertClaimed(namespace, decided.publisher, ways)
  const refused = answers.flatMap((answer) => (answer.kind === 'refused' ? [answer] : []))
  const evidence = await sign(workspace, namespace, decided)
  await keepEvidence(workspace.store, evidence)
  return { ...decided, namespace, claimed, refused, evidence }
}

/** Asks again what somebody’s evidence says was answered. Who signed it does not matter: the domain itself is asked. */
export async function recheckNamespace(
  workspace: Workspace,
  bundle: Uint8Array,
  ways: NamespaceWays,
  running: Running = {},
): Promise<NamespaceVerified> {
  const { namespace, publisher, method } = openBundleUnverified(bundle).evidence
  return await verifyNamespace(
    workspace,
    { namespace, publisher, methods: [method] },
    ways,
    running,
  )
}

/** A pin is the person’s decision and goes before what was seen; what is asked for now can contradict neither. */
export async function expectationOf(
  { store }: Workspace,
  { namespace, publisher: asked }: Pick<NamespaceRequest, 'namespace' | 'publisher'>,
): Promise<Expectation | undefined> {
  const known = (await pinned(store, namespace)) ?? (await seen(store, namespace))
  if (known === undefined) {
    return asked === undefined ? undefined : { publisher: asked, because: 'asked' }
  }
  if (asked === undefined || asked === known.publisher) return known
  throw new RegistryError('PUBLISHER_CHANGED', `${namespace} belongs to another publisher here.`, {
    expected: known.publisher,
    got: asked,
    next:
      known.because === 'pinned'
        ? `Do not accept it unless the publisher you know says so, elsewhere than here. If so: \`registry pin accept ${namespace} ${asked}\`.`
        : `Do not accept it unless the publisher you know says so, elsewhere than here. If so: \`registry namespace forget ${namespace}\`, then check again.`,
  })
}

async function pinned(
  store: Workspace['store'],
  namespace: string,
): Promise<Expectation | undefined> {
  const pin = await findPin(store, namespace)
  return pin === undefined ? undefined : { publisher: pin.publisher, because: 'pinned' }
}

async function seen(
  store: Workspace['store'],
  namespace: string,
): Promise<Expectation | undefined> {
  for await (const { evidence } of listEvidence(store, namespace)) {
    return { publisher: evidence.publisher, because: 'seen' }
  }
  return undefined
}

async function ask(
  domain: string,
  method: NamespaceMethod,
  { dns = {}, https = {} }: NamespaceWays,
  running: Running,
): Promise<Answer> {
  try {
    const listing: Listing =
      method === 'dns-txt'
        ? await readTxtListing(domain, dns, running)
        : await readWellKnown(domain, { https, dns }, running)
    return { kind: 'listed', listing }
  } catch (error) {
    if (isRegistryError(error) && error.verdict !== 'USAGE')
      return { kind: 'refused', method, error }
    throw error
  }
}

/** The other direction: a domain can list a publisher that has nothing to do with it. */
export async function assertClaimed(
  namespace: string,
  publisher: PublisherId,
  { isClaimed }: Pick<NamespaceWays, 'isClaimed'>,
): Promise<true | undefined> {
  const claimed = await isClaimed(namespace, publisher)
  if (claimed !== false) return claimed
  throw new RegistryError(
    'NAMESPACE_UNPROVEN',
    `The publisher that is listed does not claim ${namespace}.`,
    {
      expected: `a claim of ${namespace} in the log of ${publisher}`,
      got: 'a log without it',
      next: `If the publisher is you: \`registry namespace claim ${namespace}\`.`,
    },
  )
}

async function sign(
  workspace: Workspace,
  namespace: string,
  { publisher, listings }: Decided,
): Promise<readonly KeptEvidence[]> {
  const keys = await listKeys(workspace.keys)
  if (!keys.some(({ name }) => name === SIGNING_KEY)) return []
  const passphrase = await workspace.passphrase(SIGNING_KEY)
  const unlock = passphrase === undefined ? {} : { passphrase }
  const signer = await openSigner(workspace.keys, SIGNING_KEY, unlock)
  const checkedAt = workspace.now().toISOString()
  return await Promise.all(
    listings.map(async (listing) => {
      const statement = namespaceStatement(listing, { namespace, publisher, checkedAt })
      const evidence = parseNamespaceStatement(statement)
      return { evidence, bundle: await signStatement(statement, signer) }
    }),
  )
}
