// A client that holds nothing of a log with 10,000 releases of 1,000 names: what it costs to resolve one, and what cannot be hidden.

import { beforeAll, expect, test } from 'vitest'
import { type Cid, cidOf } from '../../src/cid/index.ts'
import { utf8 } from '../../src/lib/index.ts'
import { draftGenesis, openDraft } from '../../src/log/index.ts'
import { localSource, type Resolved, resolveFrom, type Source } from '../../src/resolve/index.ts'
import type { PublisherId } from '../../src/spec/index.ts'
import { openMemoryStore, type Store } from '../../src/store/index.ts'
import { connectSource, createMemoryHub, serveSource } from '../../src/sync/index.ts'
import { loadVerifier, type Signer, type Verifier } from '../../src/trust/index.ts'
import { createPublisher, rejectionOf } from '../log/helpers.ts'

const NAMES = 1_000
const RELEASES = 10_000
const { root, log, roles } = createPublisher()
let store: Store
let publisher: PublisherId
const name = (i: number): string => `${publisher}/tool-${i}`
const release = (i: number, version: string): Cid => cidOf(utf8(`${i}@${version}`))

beforeAll(async () => {
  store = openMemoryStore()
  const genesis = await draftGenesis({ store, roles, rootSigner: root, logSigner: log })
  publisher = genesis.publisher
  await store.commit(genesis.change)
  const versions = RELEASES / NAMES
  for (let minor = 0; minor < versions; minor++) {
    await append(store, (draft) => addVersions(draft, `1.${minor}.0`))
  }
  await append(store, (draft) => say(draft, 'yank', 7, '1.9.0'))
})

type Draft = Awaited<ReturnType<typeof openDraft>>

async function addVersions(draft: Draft, version: string): Promise<void> {
  for (let i = 0; i < NAMES; i++) await say(draft, 'release', i, version)
}

function say(draft: Draft, kind: 'release' | 'yank', i: number, version: string): Promise<unknown> {
  const subject = release(i, version)
  const action = { name: name(i), version, subject }
  return draft.add(
    kind === 'yank' ? { kind, ...action, reason: 'It eats memory.' } : { kind, ...action },
    root,
  )
}

async function append(to: Store, write: (draft: Draft) => Promise<unknown>): Promise<void> {
  const draft = await openDraft(to, publisher)
  await write(draft)
  await to.commit(await draft.finish(log as Signer))
}

/** The log over a memory network whose every frame is counted, both ways. */
async function countedSource(): Promise<{ source: Source; bytes: () => number }> {
  let bytes = 0
  const hub = createMemoryHub()
  hub.open('alice').handle((channel) => serveSource(channel, localSource(store)))
  const channel = await hub.open('bob').dial('memory:alice')
  const counted = {
    ...channel,
    remote: channel.remote,
    send: (frame: Uint8Array, how?: { readonly signal?: AbortSignal }) => {
      bytes += frame.length
      return channel.send(frame, how)
    },
    receive: async (how?: { readonly signal?: AbortSignal }) => {
      const frame = await channel.receive(how)
      bytes += frame?.length ?? 0
      return frame
    },
    close: () => channel.close(),
    abort: (reason: Error) => channel.abort(reason),
  }
  return { source: connectSource(counted), bytes: () => bytes }
}

async function countingVerifier(): Promise<{ verifier: Verifier; checks: () => number }> {
  const verifier = await loadVerifier()
  let checks = 0
  return {
    verifier: {
      ...verifier,
      verifyStatement: (claim) => {
        checks += claim.bundles.length
        return verifier.verifyStatement(claim)
      },
    },
    checks: () => checks,
  }
}

async function resolve(source: Source, i: number, range: string): Promise<Resolved> {
  const { verifier } = await countingVerifier()
  return resolveFrom(source, verifier, { publisher, name: name(i), range, floor: undefined })
}

test('costs at most 64 KiB on the wire and one signature check, and three more the first time a state is seen', async () => {
  const { source, bytes } = await countedSource()
  const { verifier, checks } = await countingVerifier()
  const ask = async (i: number) => {
    const before = { bytes: bytes(), checks: checks() }
    const request = { publisher, name: name(i), range: '^1', floor: undefined }
    const { entry } = await resolveFrom(source, verifier, request)
    expect(entry).toMatchObject({ version: '1.9.0', release: release(i, '1.9.0') })
    expect(entry.versions).toHaveLength(10)
    expect(entry.checkpoint.size).toBe(RELEASES + 2)
    return { bytes: bytes() - before.bytes, checks: checks() - before.checks }
  }
  const first = await ask(500)
  const further = await ask(501)
  expect(first.bytes).toBeLessThanOrEqual(64 * 1024)
  expect(further.bytes).toBeLessThanOrEqual(64 * 1024)
  // The genesis and the newest entry, beside the signed note: as many as for a log of three entries (docs/decisions/0005-light-client.md).
  expect(first.checks).toBe(3)
  expect(further.checks).toBe(1)
})

test('a yanked version is passed over, and refused when it is asked for', async () => {
  const { source } = await countedSource()
  expect((await resolve(source, 7, '^1')).entry.version).toBe('1.8.0')
  expect(await rejectionOf(() => resolve(source, 7, '1.9.0'))).toMatch(/^YANKED/)
})

test('nobody can hide the yank or the newest version', async () => {
  const honest = localSource(store)
  // A peer that answers with the history as it was before: it does not hash to what the signed index says.
  const stale: Source = {
    ...honest,
    indexPath: async (id, query, options) => {
      const path = await honest.indexPath(id, query, options)
      const last = path.at(-1)
      if (last === undefined || query.name !== name(7)) return path
      const text = Buffer.from(last).toString()
      const hidden = text.replace(/,"yanked":\{[^}]*\}/, '')
      expect(hidden).not.toBe(text)
      return [...path.slice(0, -1), utf8(hidden)]
    },
  }
  expect(await rejectionOf(() => resolve(stale, 7, '^1'))).toMatch(/^HASH_MISMATCH/)
  const older: Source = {
    ...honest,
    indexPath: async (id, query, options) => {
      const path = await honest.indexPath(id, query, options)
      const last = path.at(-1)
      if (last === undefined || query.name !== name(3)) return path
      const text = Buffer.from(last).toString()
      return [...path.slice(0, -1), utf8(text.replace(/,"1\.9\.0":\{[^}]*\}/, ''))]
    },
  }
  expect(await rejectionOf(() => resolve(older, 3, '^1'))).toMatch(/^HASH_MISMATCH/)
})
