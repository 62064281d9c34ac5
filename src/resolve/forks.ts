// Forks that this node has proof of. One is enough for good: a publisher who showed two histories may show a third (T5), so
// everything of that publisher is refused until the record is removed, together with the commit of what made it good again.

import type { Cid } from '../cid/index.ts'
import { canonicalBytes, parseCanonical, RegistryError } from '../lib/index.ts'
import type { ForkedHead } from '../log/index.ts'
import type { PublisherId } from '../spec/index.ts'
import type { RecordKey, Store, StoredRecord } from '../store/index.ts'

export interface ShownHead extends ForkedHead {
  /** Who served it; absent where a proof was brought by somebody else. */
  readonly from?: string
}

export interface KnownFork {
  readonly publisher: PublisherId
  /** The block that proves it. */
  readonly fork: Cid
  /** The smaller one first. */
  readonly heads: readonly [ShownHead, ShownHead]
}

/** What a commit removes when a publisher has recovered. */
export function forkKey(publisher: PublisherId): RecordKey {
  return { table: 'fork', key: publisher }
}

export function forkRecord({ publisher, fork, heads }: KnownFork): StoredRecord {
  return { ...forkKey(publisher), value: canonicalBytes({ fork, heads }) }
}

export async function findKnownFork(
  store: Store,
  publisher: PublisherId,
): Promise<KnownFork | undefined> {
  const [value] = await store.findRecords([forkKey(publisher)])
  return value === undefined ? undefined : parseForkRecord(publisher, value)
}

export async function* listKnownForks(store: Store): AsyncIterable<KnownFork> {
  for await (const { key, value } of store.listRecords('fork')) {
    yield parseForkRecord(key as PublisherId, value)
  }
}

/** To be called before anything of the publisher is believed, pulled or loaded. Throws FORKED. */
export async function assertNotForked(store: Store, publisher: PublisherId): Promise<void> {
  const known = await findKnownFork(store, publisher)
  if (known !== undefined) throw forked(known)
}

export function forked({ publisher, fork, heads }: KnownFork): RegistryError {
  return new RegistryError('FORKED', 'This publisher has signed two histories of its log.', {
    expected: `one log of ${publisher}, which only grows`,
    got: heads.map(describe).join('\nand '),
    next:
      `Do not use its tools. \`registry fork export ${fork}\` writes the proof, which anybody can check: ` +
      'give it to others who use them, and ask the publisher what happened.',
    evidence: { publisher, fork, heads },
  })
}

function describe({ size, root, from }: ShownHead): string {
  return `${size} entries with root ${root}${from === undefined ? '' : `, from ${from}`}`
}

/** Fail closed: a record that cannot be read is still one of a fork. */
function parseForkRecord(publisher: PublisherId, value: Uint8Array): KnownFork {
  try {
    return { ...(parseCanonical(value) as unknown as Omit<KnownFork, 'publisher'>), publisher }
  } catch (cause) {
    throw new RegistryError('STORE_CORRUPT', 'The record of a publisher’s fork cannot be read.', {
      expected: `what was kept about ${publisher}`,
      got: 'other bytes',
      next: 'Do not use this publisher’s tools; restore the store from a backup.',
      evidence: { kind: 'record', ...forkKey(publisher) },
      cause,
    })
  }
}
