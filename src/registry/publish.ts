// Publishing: split toolkits into blocks, sign one statement a release, append them, and make all of it durable in one commit.
// A crash leaves the log as it was or with everything; the same content twice is a no-op that says so.

import type { Cid } from '../cid/index.ts'
import { RegistryError } from '../lib/index.ts'
import {
  type Alternatives,
  alternativesFor,
  findHead,
  type LogDraft,
  openDraft,
  originOf,
} from '../log/index.ts'
import { pinChanges, publisherFor } from '../resolve/index.ts'
import { type PublisherId, splitToolkit, type Toolkit } from '../spec/index.ts'
import type { Block, Store, StoredRecord } from '../store/index.ts'
import { requestOf } from './countersign/request.ts'
import { assertOfferable } from './lifecycle/offerable.ts'
import { type Keyring, openKeyring } from './publisher/keyring.ts'
import { readStill } from './publisher/own-state.ts'
import { offerRecords } from './use.ts'
import { getOwnPublisher, type Running, type Workspace } from './workspace.ts'

export interface Published {
  /** `requested` where it waits for signatures, and nothing was published. */
  readonly kind: 'published' | 'unchanged' | 'requested'
  readonly publisher: PublisherId
  readonly name: string
  readonly version: string
  readonly release: Cid
  readonly statement: Cid
  readonly seq: number
  readonly tools: readonly { readonly name: string; readonly cid: Cid }[]
}

/** Releases in one commit: bounds the memory of a bulk publish, and costs one sync for each of them together. */
const COMMIT_SIZE = 256

/**
 * Releases are appended in the order given, in commits of 256: an error leaves the earlier commits published and nothing of its
 * own. Throws VERSION_EXISTS for a version published with other content, KEY_*, MALFORMED codes, STORE_*.
 */
export async function publish(
  workspace: Workspace,
  toolkits: readonly Toolkit[],
  running: Running = {},
): Promise<readonly Published[]> {
  if (workspace.request !== undefined) assertOneCommit(toolkits.length)
  const publisher = await getOwnPublisher(workspace.store)
  const keyring = await openKeyring(workspace)
  await openFirst(workspace, publisher, { keyring, toolkits })
  const results: Published[] = []
  for (let start = 0; start < toolkits.length; start += COMMIT_SIZE) {
    running.signal?.throwIfAborted()
    const batch = toolkits.slice(start, start + COMMIT_SIZE)
    results.push(...(await publishBatch(workspace, publisher, batch, keyring, running)))
    running.onProgress?.({ what: 'published', done: results.length, total: toolkits.length })
  }
  return results
}

/** Keys that need a passphrase are opened before the log is locked: nobody should wait for a person who types. */
async function openFirst(
  { store }: Workspace,
  publisher: PublisherId,
  {
    keyring,
    toolkits: [first],
  }: { readonly keyring: Keyring; readonly toolkits: readonly Toolkit[] },
): Promise<void> {
  if (first === undefined || !keyring.isLocked) return
  const { name, version, release } = splitToolkit(first, publisher)
  const entry = { kind: 'release', name, version, subject: release.cid } as const
  await readStill(store, publisher, async ({ authority, size, roles }) => {
    await keyring.signersFor(alternativesFor(authority, entry, size))
    await keyring.logSignerFor(roles)
  })
}

/** A request is signed whole or not at all. */
function assertOneCommit(got: number): void {
  if (got <= COMMIT_SIZE) return
  throw new RegistryError('LIMIT_EXCEEDED', 'These are too many releases for one request.', {
    expected: `at most ${COMMIT_SIZE} releases`,
    got: `${got} releases`,
    next: 'Request the signatures for fewer at a time.',
  })
}

async function publishBatch(
  { store, now, request }: Workspace,
  publisher: PublisherId,
  toolkits: readonly Toolkit[],
  keyring: Keyring,
  running: Running,
): Promise<readonly Published[]> {
  await using _lock = await store.lock(`log/${publisher}`, running)
  await assertOwnFloor(store, publisher)
  const draft = await openDraft(store, publisher)
  const blocks: Block[] = []
  const put: StoredRecord[] = []
  const signedBy: Alternatives[number][] = []
  const results: Published[] = []
  for (const toolkit of toolkits) {
    const added = await addToolkit(store, draft, { toolkit, publisher, keyring })
    results.push(added.result)
    blocks.push(...added.blocks)
    put.push(...added.put)
    signedBy.push(...added.alternatives)
  }
  if (results.every((result) => result.kind === 'unchanged')) return results
  if (request !== undefined) {
    await request(
      requestOf(
        draft,
        signedBy,
        blocks.map(({ bytes }) => bytes),
      ),
    )
    return results.map((one) => (one.kind === 'published' ? { ...one, kind: 'requested' } : one))
  }
  const names = results.map(({ name }) => name)
  const pins = await pinChanges(store, names, { publisher, how: 'own', now: now() })
  const change = await draft.finish(await keyring.logSignerFor(draft.state.roles))
  await store.commit({
    ...change,
    blocks: [...(change.blocks ?? []), ...blocks],
    put: [...(change.put ?? []), ...put, ...pins.put],
    expect: [...(change.expect ?? []), ...pins.expect],
  })
  return results
}

interface Added {
  readonly result: Published
  readonly blocks: readonly Block[]
  readonly put: readonly StoredRecord[]
  readonly alternatives: Alternatives
}

async function addToolkit(
  store: Store,
  draft: LogDraft,
  {
    toolkit,
    publisher,
    keyring,
  }: { readonly toolkit: Toolkit; readonly publisher: PublisherId; readonly keyring: Keyring },
): Promise<Added> {
  const { name, version, release, tools } = splitToolkit(toolkit, publisher)
  // A namespace that this node has accepted for someone else is not ours to publish under.
  await publisherFor(store, name, { chosen: publisher })
  const entry = { kind: 'release', name, version, subject: release.cid } as const
  const { authority, notices, size } = draft.state
  const parts = tools.map(({ cid, tool }) => ({ name: tool.name, cid }))
  assertOfferable(`${name}@${version}`, [{ name, cid: release.cid }, ...parts], notices)
  const alternatives = alternativesFor(authority, entry, size)
  const signers = await keyring.signersFor(alternatives)
  const { kind, seq, statement } = await draft.add(entry, ...signers)
  const result: Published = {
    kind: kind === 'added' ? 'published' : 'unchanged',
    publisher,
    name,
    version,
    release: release.cid,
    statement,
    seq,
    tools: parts,
  }
  if (kind === 'same') return { result, blocks: [], put: [], alternatives: [] }
  const blocks = [release, ...tools].map(({ cid, bytes }) => ({ cid, bytes }))
  const cids = blocks.map(({ cid }) => cid)
  return { result, blocks, put: offerRecords(cids, result), alternatives }
}

/** Publishing on a log that has lost its newest entries would fork it: two entries for one position, both signed. */
async function assertOwnFloor(store: Store, publisher: PublisherId): Promise<void> {
  const floor = await store.findFloor(originOf(publisher))
  if (floor === undefined) return
  const head = await findHead(store, publisher)
  if (head !== undefined && head.size === floor.size && head.root === floor.root) return
  throw new RegistryError('STORE_CORRUPT', 'This store has lost entries of your own log.', {
    expected: `${floor.size} entries with root ${floor.root}`,
    got: head === undefined ? 'no log' : `${head.size} entries with root ${head.root}`,
    next: 'Publishing now would fork your log. Restore the store from a backup, then run `registry doctor`.',
  })
}
