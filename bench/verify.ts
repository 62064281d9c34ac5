// What does proving a stored release cost beside its reads, hashes and signatures?

import { canonicalBytes } from '../src/lib/index.ts'
import { init, publish, verifyName, type Workspace } from '../src/registry/index.ts'
import { parseToolkit } from '../src/spec/index.ts'
import { openLevelStore, type Store } from '../src/store/index.ts'
import { makeToolkit } from './corpus.ts'
import {
  checkHead,
  checkRelease,
  digest,
  makeKeys,
  openRaw,
  type Raw,
  signHead,
  signRelease,
} from './floor.ts'
import { withFolder } from './folders.ts'
import { type Measured, race } from './measure.ts'
import { type Read, record } from './recorder.ts'

const RELEASES = 300

export function measure(): Promise<readonly Measured[]> {
  return withFolder(async (folder) => {
    await using store = await openLevelStore(folder)
    const names = await publishAll(store, `${folder}/keys`)
    const raw = await openRaw(folder)
    const floor = createFloor(raw, await recordReads(raw, store, names))
    const subject = async (): Promise<void> => {
      for (const name of names) await verifyName(store, name)
    }
    const raced = await race({ rounds: 12, items: RELEASES }, subject, floor)
    await raw.close()
    const floorIs =
      'the same reads, sha-256 and JSON.parse of what they give, 3 P-256 and 1 Ed25519 checks'
    return [{ question: 'verify a stored release', unit: 'µs', ...raced, floorIs, target: 1.5 }]
  })
}

async function publishAll(store: Store, keys: string): Promise<readonly string[]> {
  const workspace: Workspace = {
    store,
    keys,
    passphrase: async () => undefined,
    now: () => new Date(0),
  }
  await init(workspace)
  const toolkits = Array.from({ length: RELEASES }, (_, i) =>
    parseToolkit(canonicalBytes(makeToolkit(i))),
  )
  return (await publish(workspace, toolkits)).map(({ name }) => name)
}

/** What verifying each name reads, put into the raw database under the same keys. */
async function recordReads(
  raw: Raw,
  store: Store,
  names: readonly string[],
): Promise<readonly (readonly Read[])[]> {
  const all: Read[][] = []
  for (const name of names) {
    const { store: recording, reads } = record(store)
    await verifyName(recording, name)
    all.push(reads)
    const puts = reads
      .flat()
      .flatMap(({ key, value }) =>
        value === undefined ? [] : [{ type: 'put', key: Buffer.from(key), value } as const],
      )
    await raw.batch(puts, { sync: false })
  }
  return all
}

function createFloor(raw: Raw, all: readonly (readonly Read[])[]): () => void {
  const keys = makeKeys()
  const statement = Buffer.alloc(700)
  const head = Buffer.alloc(150)
  const signature = signRelease(keys, statement)
  const headSignature = signHead(keys, head)
  return () => {
    for (const reads of all) {
      for (const { key } of reads.flat()) {
        const bytes = raw.getSync(Buffer.from(key))
        if (bytes === undefined) continue
        digest(bytes)
        if (bytes.length > 32 && bytes[0] === 0x7b) JSON.parse(Buffer.from(bytes).toString('utf8'))
      }
      // The genesis, the newest entry, the release’s own entry; the checkpoint.
      for (let i = 0; i < 3; i++) if (!checkRelease(keys, statement, signature)) throw new Error()
      if (!checkHead(keys, head, headSignature)) throw new Error()
    }
  }
}
