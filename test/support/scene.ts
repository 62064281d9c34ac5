// Alice, who is honest; Mallory, a publisher of the same names; and a consumer who pulls from whatever a test puts between them.

import { expect } from 'vitest'
import {
  canonicalBytes,
  isRegistryError,
  type Json,
  type RegistryError,
} from '../../src/lib/index.ts'
import { type Peer, type Pulled, pull } from '../../src/registry/index.ts'
import { localSource, type SignedStatement, type Source } from '../../src/resolve/index.ts'
import { type Floor, openMemoryStore, type Store } from '../../src/store/index.ts'
import { type Signer, signStatement } from '../../src/trust/index.ts'
import { copyStore } from './copy-store.ts'
import { findLeftovers } from './invariants.ts'
import { openPublisher, peerOf, type TestPublisher, toolkit } from './publisher.ts'

export const NAME = 'com.example/weather'
export const OTHER = 'com.example/maps'
/** Entries of Alice: 0 genesis, 1 maps 1.0.0, 2 weather 1.0.0, 3 weather 2.0.0, 4 maps 2.0.0. */
export const RELEASE = 3
export const HEAD = 4

export interface Asked {
  readonly reference?: string
  /** What the consumer remembers of Alice's log. */
  readonly floors?: readonly Floor[]
  /** Blocks that may stay although the pull was refused; Alice's own unless said. */
  readonly listed?: ReadonlySet<string>
}

export interface Scene extends AsyncDisposable {
  readonly alice: TestPublisher
  readonly mallory: TestPublisher
  /** Alice's log when it ended with weather 1.0.0, and what a consumer of that time remembers. */
  readonly older: Source
  readonly olderFloor: Floor
  readonly floor: Floor
  pullFrom(store: Store, peers: readonly Peer[], reference?: string): Promise<Pulled>
  /** The refusal of a pull from this source alone, after which nothing else may be left behind. */
  refusalBy(source: Source, asked?: Asked): Promise<RegistryError>
  /** Alice's log, but this entry in the place of that. */
  withEntry(seq: number, entry: SignedStatement): Source
  /** Alice's newest weather, changed and signed. */
  signedBy(signer: Signer, change: (statement: Json) => Json): Promise<SignedStatement>
}

export async function openScene(): Promise<Scene> {
  const alice = await openPublisher()
  const mallory = await openPublisher()
  await alice.publish(toolkit(OTHER, '1.0.0'), toolkit(NAME, '1.0.0'))
  const older = localSource(await copyStore(alice.workspace.store))
  const [olderFloor] = (await alice.workspace.store.listFloors()) as [Floor]
  await alice.publish(toolkit(NAME, '2.0.0'), toolkit(OTHER, '2.0.0'))
  const [floor] = (await alice.workspace.store.listFloors()) as [Floor]
  await mallory.publish(toolkit(OTHER, '1.0.0'), toolkit(NAME, '1.0.0'))
  await mallory.publish(toolkit(NAME, '2.0.0'), toolkit(OTHER, '2.0.0'))
  const own = await blocksOf(alice)

  function pullFrom(store: Store, peers: readonly Peer[], reference = NAME): Promise<Pulled> {
    return pull({ ...alice.workspace, store }, { reference, peers, publisher: alice.id })
  }

  return {
    alice,
    mallory,
    older,
    olderFloor,
    floor,
    pullFrom,
    async refusalBy(source, { reference = NAME, floors = [], listed = own } = {}) {
      const store = await consumer(floors)
      const error = await pullFrom(store, [peerOf(source, 'mallory')], reference).then(
        ({ release }) => new Error(`accepted ${release.entry.name}@${release.entry.version}`),
        (cause: unknown) => cause,
      )
      if (!isRegistryError(error)) throw error
      expect(error.verdict).not.toBe('FAILED')
      expect(await findLeftovers(store, { listed, floors })).toEqual([])
      return error
    },
    withEntry: (seq, entry) => ({
      ...alice.source,
      entries: async (publisher, range) =>
        range.start === seq ? [entry] : alice.source.entries(publisher, range),
    }),
    async signedBy(signer, change) {
      const { statement } = await entryOf(alice, RELEASE)
      const bytes = canonicalBytes(change(JSON.parse(Buffer.from(statement).toString())))
      return { statement: bytes, bundles: [await signStatement(bytes, signer)] }
    },
    [Symbol.asyncDispose]: async () => {
      await alice[Symbol.asyncDispose]()
      await mallory[Symbol.asyncDispose]()
    },
  }
}

export async function consumer(floors: readonly Floor[] = []): Promise<Store> {
  const store = openMemoryStore()
  await store.commit({ floors })
  return store
}

export async function entryOf(publisher: TestPublisher, seq: number): Promise<SignedStatement> {
  const [found] = await publisher.source.entries(publisher.id, { start: seq, end: seq + 1 })
  return found as SignedStatement
}

export function extraSubject(statement: Json): Json {
  const { subject, ...rest } = statement as { subject: readonly Json[] }
  return { ...rest, subject: [...subject, ...subject] } as Json
}

async function blocksOf(publisher: TestPublisher): Promise<ReadonlySet<string>> {
  const cids = new Set<string>()
  for await (const cid of publisher.workspace.store.listBlocks()) cids.add(cid)
  return cids
}
