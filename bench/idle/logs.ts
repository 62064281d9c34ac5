// Logs of a genesis and one release of one small tool each, every key their own and every signature real, as replication writes them.

import { generateKeyPairSync, sign } from 'node:crypto'
import { canonicalBytes } from '../../src/lib/index.ts'
import { draftGenesis, findHead, openDraft } from '../../src/log/index.ts'
import { accountRecord } from '../../src/registry/follow/accounts.ts'
import { seenRecord } from '../../src/registry/forks.ts'
import { offerRecords } from '../../src/registry/use.ts'
import { type PublisherId, parseToolkit, splitToolkit } from '../../src/spec/index.ts'
import { type Change, openMemoryStore, type Store } from '../../src/store/index.ts'
import type { Signer } from '../../src/trust/index.ts'

export async function makeLogs(first: number, count: number): Promise<Change> {
  const made = await Promise.all(
    Array.from({ length: count }, async (_, i) => await makeLog(first + i)),
  )
  return {
    blocks: made.flatMap(({ blocks = [] }) => blocks),
    put: made.flatMap(({ put = [] }) => put),
    floors: made.flatMap(({ floors = [] }) => floors),
  }
}

/** A genesis and a release, in one change. */
async function makeLog(seed: number): Promise<Change> {
  await using store = openMemoryStore()
  const [root, log] = [createSigner('ecdsa-p256'), createSigner('ed25519')]
  const one = { threshold: 1, keys: [root.key] }
  const roles = { root: one, release: one, brake: one, log: { keys: [log.key] } } as const
  const genesis = await draftGenesis({ store, roles, rootSigner: root, logSigner: log })
  await store.commit(genesis.change)
  const release = await draftRelease(store, { publisher: genesis.publisher, root, log, seed })
  await store.commit(release)
  return mergedChange(genesis.change, release, await besides(store, genesis.publisher))
}

async function draftRelease(
  store: Store,
  about: {
    readonly publisher: PublisherId
    readonly root: Signer
    readonly log: Signer
    readonly seed: number
  },
): Promise<Change> {
  const { publisher, root, log, seed } = about
  const draft = await openDraft(store, publisher)
  const toolkit = parseToolkit(canonicalBytes(makeToolkit(seed)))
  const { name, version, release, tools } = splitToolkit(toolkit, publisher)
  await draft.add({ kind: 'release', name, version, subject: release.cid }, root)
  const offered = [release, ...tools].map(({ cid, bytes }) => ({ cid, bytes }))
  const cids = offered.map(({ cid }) => cid)
  const change = await draft.finish(log)
  return {
    ...change,
    blocks: [...(change.blocks ?? []), ...offered],
    put: [...(change.put ?? []), ...offerRecords(cids, { publisher, name, version })],
  }
}

/** What a node that follows writes beside a log: the note it has accepted, and what the log takes. */
async function besides(store: Store, publisher: PublisherId): Promise<Change> {
  const head = await findHead(store, publisher)
  if (head === undefined) throw new Error('a log without a head')
  const account = { publisher, entries: head.size, bytes: 6_000, used: Date.now() }
  const seen = seenRecord(publisher, { note: head.checkpoint, from: 'a peer' })
  return { put: [seen, accountRecord(account)] }
}

/** The later record of a key stays, and what the release replaces is not written at all. */
function mergedChange(...changes: readonly Change[]): Change {
  const gone = new Set(changes.flatMap(({ remove = [] }) => remove.map(placeOf)))
  const put = new Map(changes.flatMap(({ put = [] }) => put.map((it) => [placeOf(it), it])))
  const floors = new Map(
    changes.flatMap(({ floors = [] }) => floors.map((floor) => [floor.origin, floor])),
  )
  return {
    blocks: changes.flatMap(({ blocks = [] }) => blocks),
    put: [...put].flatMap(([place, record]) => (gone.has(place) ? [] : [record])),
    floors: [...floors.values()],
  }
}

function placeOf({ table, key }: { readonly table: string; readonly key: string }): string {
  return `${table}/${key}`
}

function createSigner(type: 'ecdsa-p256' | 'ed25519'): Signer {
  const { privateKey, publicKey } =
    type === 'ed25519'
      ? generateKeyPairSync('ed25519')
      : generateKeyPairSync('ec', { namedCurve: 'P-256' })
  const spki = publicKey.export({ format: 'der', type: 'spki' }).toString('base64')
  const algorithm = type === 'ed25519' ? null : 'sha256'
  return { key: { type, spki }, sign: async (data) => sign(algorithm, data, privateKey) }
}

function makeToolkit(seed: number) {
  const tool = {
    name: `look_up_${seed}`,
    description: `Looks up what is known under number ${seed}.`,
    inputSchema: {
      type: 'object',
      properties: { query: { type: 'string', description: 'What to look up.' } },
      required: ['query'],
    },
  }
  return {
    name: `idle-${seed}`,
    version: '1.0.0',
    description: 'For measuring.',
    license: 'Apache-2.0',
    tools: [tool],
  }
}
