// What does publishing cost beside its cryptography and its disk? One release a commit, and 256 a commit.

import { type FileHandle, open } from 'node:fs/promises'
import type { JsonObject } from '../src/lib/index.ts'
import { canonicalBytes, canonicalize } from '../src/lib/index.ts'
import { init, publish, type Workspace } from '../src/registry/index.ts'
import { parseToolkit } from '../src/spec/index.ts'
import { type Change, openLevelStore } from '../src/store/index.ts'
import { makeToolkit } from './corpus.ts'
import { digest, makeKeys, openRaw, type Raw, signHead, signRelease } from './floor.ts'
import { withFolder } from './folders.ts'
import { type Measured, race } from './measure.ts'
import { type Read, record } from './recorder.ts'

const ROUNDS = 12
const BATCH = 256

export async function measure(): Promise<readonly Measured[]> {
  return [
    await measureSize(1, 'publish, one release a commit', 0),
    await measureSize(BATCH, 'publish, 256 releases a commit', 2),
  ]
}

function measureSize(size: number, question: string, target: number): Promise<Measured> {
  return withFolder(async (folder) => {
    await using store = await openLevelStore(folder)
    const { store: recording, changes, reads } = record(store)
    const workspace: Workspace = {
      store: recording,
      keys: `${folder}/keys`,
      passphrase: async () => undefined,
      now: () => new Date(0),
    }
    await init(workspace)
    const raw = await openRaw(folder)
    await using floors = await open(`${folder}/raw-floors`, 'a')
    const repeats = size === 1 ? 64 : 1
    let seed = 0
    const texts = Array.from({ length: ROUNDS }, () =>
      Array.from({ length: repeats }, () =>
        Array.from({ length: size }, () => canonicalBytes(makeToolkit(seed++))),
      ),
    )
    let round = 0
    const raced = await race(
      { rounds: ROUNDS, items: size * repeats },
      async () => {
        changes.length = 0
        reads.length = 0
        for (const text of texts[round++] ?? []) {
          await publish(
            workspace,
            text.map((bytes) => parseToolkit(bytes)),
          )
        }
      },
      createFloor({ raw, floors }, { changes, reads }),
    )
    await raw.close()
    return {
      question,
      unit: 'µs/release',
      ...raced,
      floorIs:
        'parse, JCS, sha-256, signatures, index nodes, the same reads and the same synced writes',
      target,
    }
  })
}

/** Repeats the cryptography, the reads and the writes of what the subject has just done. */
function createFloor(
  { raw, floors }: { readonly raw: Raw; readonly floors: FileHandle },
  { changes, reads }: { readonly changes: readonly Change[]; readonly reads: readonly Read[] },
): () => Promise<void> {
  const keys = makeKeys()
  return async () => {
    for (const { key } of reads.flat()) {
      const value = raw.getSync(Buffer.from(key))
      if (value !== undefined && key.startsWith('index ')) parseCanonicalCheaply(value)
    }
    for (const change of changes) {
      const operations = []
      const path = indexPathOf(change)
      for (const { bytes } of change.blocks ?? []) {
        const value = parseCanonicalCheaply(bytes)
        operations.push({
          type: 'put',
          key: digest(Buffer.from(canonicalize(value))),
          value: bytes,
        } as const)
        if ('predicateType' in value) signRelease(keys, bytes)
      }
      for (const { table, key, value } of change.put ?? []) {
        // An entry commits to an index: its history, its leaf and the branches above are written and hashed for every one.
        if (table === 'entry') for (const node of path) digest(Buffer.from(canonicalize(node)))
        operations.push({ type: 'put', key: Buffer.from(`${table} ${key}`), value } as const)
      }
      for (const { table, key } of change.remove ?? []) {
        operations.push({ type: 'del', key: Buffer.from(`${table} ${key}`) } as const)
      }
      signHead(keys, Buffer.alloc(150))
      await raw.batch(operations, { sync: true })
      // The rollback floor outlives the database beside it.
      await floors.write(JSON.stringify(change.floors))
      await floors.datasync()
    }
  }
}

/** The newest history, leaf and branches of a change: what each of its entries had to make anew, at about their size. */
function indexPathOf(change: Change): readonly JsonObject[] {
  const nodes = (change.put ?? [])
    .filter(({ table }) => table === 'index')
    .map(({ value }) => parseCanonicalCheaply(value))
  const last = (has: string): JsonObject[] => nodes.filter((node) => has in node).slice(-1)
  const branches = nodes.filter((node) => 'children' in node)
  return [...last('versions'), ...last('entries'), ...branches.slice(-2)]
}

function parseCanonicalCheaply(bytes: Uint8Array): JsonObject {
  return JSON.parse(Buffer.from(bytes.buffer, bytes.byteOffset, bytes.length).toString('utf8'))
}
