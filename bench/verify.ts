// What does proving a stored release cost beside its hashes, signatures and reads?

import { canonicalBytes } from '../src/lib/index.ts'
import { init, publish, verifyName, type Workspace } from '../src/registry/index.ts'
import { parseToolkit } from '../src/spec/index.ts'
import { openLevelStore } from '../src/store/index.ts'
import { makeToolkit } from './corpus.ts'
import {
  checkHead,
  checkRelease,
  digest,
  type Keys,
  makeKeys,
  openRaw,
  type Raw,
  signHead,
  signRelease,
} from './floor.ts'
import { withFolder } from './folders.ts'
import { type Measured, race } from './measure.ts'

const RELEASES = 300

export function measure(): Promise<readonly Measured[]> {
  return withFolder(async (folder) => {
    await using store = await openLevelStore(folder)
    const workspace: Workspace = {
      store,
      keys: `${folder}/keys`,
      passphrase: async () => undefined,
      now: () => new Date(0),
    }
    await init(workspace)
    const toolkits = Array.from({ length: RELEASES }, (_, i) =>
      parseToolkit(canonicalBytes(makeToolkit(i))),
    )
    const published = await publish(workspace, toolkits)
    const names = published.map(({ name }) => name)
    const raw = await openRaw(folder)
    const floor = await createFloor(raw, await readBlocks(store, published))
    const raced = await race(
      { rounds: 12, items: RELEASES },
      async () => {
        for (const name of names) await verifyName(store, name)
      },
      floor,
    )
    await raw.close()
    return [
      {
        question: 'verify a stored release',
        unit: 'µs',
        ...raced,
        floorIs: 'the same reads, sha-256, JSON.parse, 3 P-256 and 1 Ed25519 checks',
        target: 1.5,
      },
    ]
  })
}

interface Parts {
  readonly statement: Uint8Array
  readonly blocks: readonly Uint8Array[]
}

async function readBlocks(
  store: Awaited<ReturnType<typeof openLevelStore>>,
  published: Awaited<ReturnType<typeof publish>>,
): Promise<readonly Parts[]> {
  const parts: Parts[] = []
  for (const { statement, release, tools } of published) {
    const found = await store.findBlocks([statement, release, ...tools.map(({ cid }) => cid)])
    const [first = new Uint8Array(), ...blocks] = found.map((bytes) => bytes ?? new Uint8Array())
    parts.push({ statement: first, blocks })
  }
  return parts
}

/** Reads, hashes and parses every block, checks three entries and one head, and walks two inclusion proofs. */
async function createFloor(raw: Raw, parts: readonly Parts[]): Promise<() => Promise<void>> {
  const keys: Keys = makeKeys()
  const head = Buffer.alloc(150)
  const headSignature = signHead(keys, head)
  const rows = parts.map(({ statement, blocks }) => ({
    signature: signRelease(keys, statement),
    keys: [statement, ...blocks].map(digest),
  }))
  for (const { statement, blocks } of parts) {
    const puts = [statement, ...blocks].map(
      (value) => ({ type: 'put', key: digest(value), value }) as const,
    )
    await raw.batch(puts, { sync: true })
  }
  const proof = 2 * Math.ceil(Math.log2(parts.length))
  return async () => {
    for (const row of rows) {
      const found = await raw.getMany(row.keys)
      const [statement] = found
      for (const bytes of found) {
        digest(bytes ?? head)
        JSON.parse(Buffer.from(bytes ?? head).toString('utf8'))
      }
      // The genesis, the newest entry, the release’s own entry.
      for (let i = 0; i < 3; i++) {
        if (!checkRelease(keys, statement ?? head, row.signature)) throw new Error('bad signature')
      }
      if (!checkHead(keys, head, headSignature)) throw new Error('bad signature')
      for (let i = 0; i < proof; i++) digest(head)
    }
  }
}
