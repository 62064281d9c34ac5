// Evidence about namespaces that is kept here: what this node found when it asked. It can only raise an alarm when a domain
// changes; it never makes a publisher trusted.

import { isRegistryError, RegistryError } from '../../lib/index.ts'
import type { Change, Store } from '../../store/index.ts'
import { loadVerifier, type PublicKey } from '../../trust/index.ts'
import {
  type NamespaceEvidence,
  openBundleUnverified,
  verifyNamespaceEvidence,
} from './evidence.ts'

export interface KeptEvidence {
  readonly evidence: NamespaceEvidence
  /** The Sigstore bundle, as it can be handed to others. */
  readonly bundle: Uint8Array
}

const TABLE = 'self'
const PREFIX = 'namespace/'

/** By namespace; all of them without one. */
export async function* listEvidence(store: Store, namespace?: string): AsyncIterable<KeptEvidence> {
  const prefix = namespace === undefined ? PREFIX : `${PREFIX}${namespace}/`
  for await (const { key, value } of store.listRecords(TABLE, { prefix })) {
    yield { evidence: readKept(key, value), bundle: value }
  }
}

/** The commit that keeps new evidence of one namespace and drops what it replaces. */
export async function keepEvidence(store: Store, kept: readonly KeptEvidence[]): Promise<void> {
  const [first] = kept
  if (first === undefined) return
  const put = kept.map(({ evidence, bundle }) => ({
    table: TABLE,
    key: keyOf(evidence),
    value: bundle,
  })) satisfies Change['put']
  const old = await keysOf(store, first.evidence.namespace)
  const stays = new Set(put.map(({ key }) => key))
  const remove = old.filter((key) => !stays.has(key)).map((key) => ({ table: TABLE, key }) as const)
  await store.commit({ put, remove })
}

/** How many were forgotten. For a change of publisher that the person has accepted; pins stay as they are. */
export async function forgetEvidence(store: Store, namespace: string): Promise<number> {
  const keys = await keysOf(store, namespace)
  await store.commit({ remove: keys.map((key) => ({ table: TABLE, key }) as const) })
  return keys.length
}

/** Whether one of `keys` signed it; somebody may have carried it here, or the keys may have changed since. */
export async function isSignedBy(bundle: Uint8Array, keys: readonly PublicKey[]): Promise<boolean> {
  try {
    verifyNamespaceEvidence(await loadVerifier(), bundle, keys)
    return true
  } catch (error) {
    if (isRegistryError(error)) return false
    throw error
  }
}

async function keysOf(store: Store, namespace: string): Promise<readonly string[]> {
  const keys: string[] = []
  for await (const { key } of store.listRecords(TABLE, { prefix: `${PREFIX}${namespace}/` })) {
    keys.push(key)
  }
  return keys
}

function keyOf({ namespace, publisher, method }: NamespaceEvidence): string {
  return `${PREFIX}${namespace}/${publisher}/${method}`
}

/** Under its own key and whole, or STORE_CORRUPT: evidence that cannot be read must not read as "never seen before". */
function readKept(key: string, bundle: Uint8Array): NamespaceEvidence {
  try {
    const { evidence } = openBundleUnverified(bundle)
    if (keyOf(evidence) === key) return evidence
  } catch (cause) {
    throw broken(key, cause)
  }
  throw broken(key)
}

function broken(key: string, cause?: unknown): RegistryError {
  const namespace = key.slice(PREFIX.length).split('/')[0] ?? key
  return new RegistryError('STORE_CORRUPT', `The evidence kept of ${namespace} cannot be read.`, {
    expected: 'a bundle as this command made it',
    got: 'something else',
    next: `Run \`registry namespace forget ${namespace}\`, and compare the publisher id anew.`,
    cause,
  })
}
