// Who speaks for a name. A publisher id proves itself; any other namespace means the publisher this consumer has pinned to
// it, and never the one a peer names: a key shipped beside a record must not make it trusted.

import { canonicalBytes, isJsonObject, parseCanonical, RegistryError } from '../lib/index.ts'
import { isPublisherId, type PublisherId, splitName } from '../spec/index.ts'
import type { Change, RecordKey, Store, StoredRecord } from '../store/index.ts'

/** By what a pin was made: `--publisher`, an answered question, publishing under it, or `registry pin accept`. */
const HOW = ['flag', 'prompt', 'own', 'accepted'] as const
export type PinHow = (typeof HOW)[number]

export interface Pin {
  readonly namespace: string
  readonly publisher: PublisherId
  /** RFC 3339 in UTC, by this node's clock. For people: nothing is decided by it. */
  readonly since: string
  readonly how: PinHow
}

/** Far more than a pin takes. */
const PIN_BYTES = 1024

/**
 * The publisher that `name` means here. `chosen` is the consumer's explicit word (a flag, an answer), which introduces a
 * publisher but never silently replaces a pinned one: PUBLISHER_CHANGED. Without either: PUBLISHER_UNPINNED, which names the
 * claimants, and carries them as evidence: `{namespace, claimants, from}`.
 */
export async function publisherFor(
  store: Store,
  name: string,
  choice: {
    readonly chosen?: PublisherId | undefined
    readonly claimants?: () => Promise<readonly PublisherId[]>
    /** Who answers `claimants`. */
    readonly from?: string
  } = {},
): Promise<PublisherId> {
  const { namespace } = splitName(name)
  const { chosen } = choice
  const known = await findPublisher(store, namespace)
  if (known !== undefined && chosen !== undefined && chosen !== known) {
    throw publisherChanged(namespace, known, chosen)
  }
  const publisher = known ?? chosen
  if (publisher !== undefined) return publisher
  throw publisherUnpinned(namespace, (await choice.claimants?.()) ?? [], choice.from)
}

export type PinChange = Required<Pick<Change, 'put' | 'expect'>>

/**
 * What the commit that accepts a release does for its namespace: pins it, or insists that its pin has not changed. Two first
 * pulls at one time, for two publishers, cannot both win: the later commit is refused (CONFLICT). Without `how` nobody has
 * chosen the publisher now, and a pin that has gone meanwhile is not made again.
 */
export async function pinChange(
  store: Store,
  name: string,
  pin: { readonly publisher: PublisherId; readonly how: PinHow | undefined; readonly now: Date },
): Promise<PinChange> {
  const { publisher, how, now } = pin
  const { namespace } = splitName(name)
  if (isPublisherId(namespace)) return { put: [], expect: [] }
  const [value] = await store.findRecords([pinKey(namespace)])
  const expect = [{ ...pinKey(namespace), value }]
  if (value === undefined) {
    if (how === undefined) throw publisherUnpinned(namespace, [])
    return { put: [formatPin({ namespace, publisher, how, since: now.toISOString() })], expect }
  }
  const held = parsePin(namespace, value)
  if (held.publisher === publisher) return { put: [], expect }
  throw publisherChanged(namespace, held.publisher, publisher)
}

/** The same for every name of one commit, each namespace once. */
export async function pinChanges(
  store: Store,
  names: readonly string[],
  pin: Parameters<typeof pinChange>[2],
): Promise<PinChange> {
  const nameOf = new Map(names.map((name) => [splitName(name).namespace, name]))
  const changes = await Promise.all([...nameOf.values()].map((name) => pinChange(store, name, pin)))
  return {
    put: changes.flatMap(({ put }) => put),
    expect: changes.flatMap(({ expect }) => expect),
  }
}

export async function findPin(store: Store, namespace: string): Promise<Pin | undefined> {
  const [value] = await store.findRecords([pinKey(namespace)])
  return value === undefined ? undefined : parsePin(namespace, value)
}

/** By namespace. STORE_CORRUPT at a record that is no pin. */
export async function* listPins(store: Store): AsyncIterable<Pin> {
  for await (const { key, value } of store.listRecords('pin')) yield parsePin(key, value)
}

export function pinKey(namespace: string): RecordKey {
  return { table: 'pin', key: namespace }
}

export function formatPin({ namespace, publisher, since, how }: Pin): StoredRecord {
  return { ...pinKey(namespace), value: canonicalBytes({ publisher, since, how }) }
}

/** A pin decides whom to trust: one that is not wholly understood is no pin, and must not read as "not pinned" either. */
function parsePin(namespace: string, value: Uint8Array): Pin {
  const { publisher, since, how, ...rest } = readObject(namespace, value)
  const known = HOW.find((word) => word === how)
  const isWhole = isPublisherId(publisher) && isTime(since) && Object.keys(rest).length === 0
  if (!isWhole || known === undefined) throw brokenPin(namespace)
  return { namespace, publisher, since, how: known }
}

async function findPublisher(store: Store, namespace: string): Promise<PublisherId | undefined> {
  return isPublisherId(namespace) ? namespace : (await findPin(store, namespace))?.publisher
}

function readObject(namespace: string, value: Uint8Array): Readonly<Record<string, unknown>> {
  try {
    const json = parseCanonical(value, { maxBytes: PIN_BYTES })
    return isJsonObject(json) ? json : {}
  } catch (cause) {
    throw brokenPin(namespace, cause)
  }
}

function isTime(text: unknown): text is string {
  if (typeof text !== 'string') return false
  const time = new Date(text)
  return !Number.isNaN(time.getTime()) && time.toISOString() === text
}

function publisherChanged(
  namespace: string,
  known: PublisherId,
  chosen: PublisherId,
): RegistryError {
  const next = isPublisherId(namespace)
    ? 'The name itself says whose it is: leave `--publisher` out, or write the name of the publisher you mean.'
    : `Do not accept it unless the publisher you know says so, elsewhere than here. If so: \`registry pin accept ${namespace} ${chosen}\`.`
  return new RegistryError('PUBLISHER_CHANGED', `${namespace} belongs to another publisher here.`, {
    expected: known,
    got: chosen,
    next,
  })
}

function publisherUnpinned(
  namespace: string,
  claimants: readonly PublisherId[],
  from?: string,
): RegistryError {
  return new RegistryError('PUBLISHER_UNPINNED', `No publisher is pinned to ${namespace} here.`, {
    expected: 'a publisher id that you got from the publisher itself',
    got: claimants.length === 0 ? 'no pin' : `claims by ${claimants.join(', ')}`,
    next: 'Compare the id with the publisher’s own word, then add `--publisher ID`.',
    ...(from === undefined ? {} : { evidence: { namespace, claimants, from } }),
  })
}

function brokenPin(namespace: string, cause?: unknown): RegistryError {
  return new RegistryError('STORE_CORRUPT', `The pin of ${namespace} cannot be read.`, {
    expected: 'a publisher id, a time, and how the pin was made',
    got: 'something else',
    next: `Run \`registry pin remove ${namespace}\`, and name its publisher again at the next pull.`,
    cause,
  })
}
