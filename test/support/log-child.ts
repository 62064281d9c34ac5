// A process that writes and reads one log among others: log-child FOLDER PUBLISHER SEED ROUNDS. What it does is drawn from its seed; the keys
// are in FOLDER/keys.json. Each entry that is stored is told: "ack SEQ KIND".

import { createPrivateKey, sign } from 'node:crypto'
import { readFileSync, writeSync } from 'node:fs'
import { join } from 'node:path'
import { createRandom, isRegistryError } from '../../src/lib/index.ts'
import { openDraft } from '../../src/log/index.ts'
import { checkLog } from '../../src/registry/index.ts'
import { localSource, resolveFrom } from '../../src/resolve/index.ts'
import type { PublisherId } from '../../src/spec/index.ts'
import { openStore, type Store } from '../../src/store/index.ts'
import { loadVerifier, type Signer } from '../../src/trust/index.ts'
import { cidFor, type Entry } from './many-keys.ts'

const [, , folder = '', id = '', seed = '', rounds = ''] = process.argv
const publisher = id as PublisherId
const keys = JSON.parse(readFileSync(join(folder, 'keys.json'), 'utf8'))
const root = signerOf(keys.root, 'sha256')
const log = signerOf(keys.log, null)
const random = createRandom(Number(seed))

function signerOf({ key, pem }: { key: Signer['key']; pem: string }, hash: string | null): Signer {
  const secret = createPrivateKey(pem)
  return { key, sign: async (data) => sign(hash, data, secret) }
}

/** A number below `limit`, the same for the same seed. */
function draw(limit: number): number {
  return Math.floor(random() * 2 ** 32) % limit
}

function drawEntry(): Entry {
  const name = `com.acme/tool-${draw(4)}`
  const version = `1.${draw(6)}.0`
  const subject = cidFor(`${name}@${version}`)
  const kinds: readonly Entry[] = [
    { kind: 'release', name, version, subject },
    { kind: 'release', name, version, subject },
    { kind: 'yank', name, version, subject, reason: undefined },
    { kind: 'deprecate', name, version, subject, message: 'old', successor: undefined },
    { kind: 'revoke', target: 'block', subject, reason: 'broken' },
    { kind: 'claim', namespace: `com.acme.n${draw(20)}` },
  ]
  return kinds[draw(kinds.length)] as Entry
}

async function write(store: Store): Promise<void> {
  await using _lock = await store.lock(`log/${publisher}`)
  const draft = await openDraft(store, publisher)
  const said: string[] = []
  for (let i = draw(3); i >= 0; i--) {
    const entry = drawEntry()
    try {
      const { kind, seq } = await draft.add(entry, root)
      if (kind === 'added') said.push(`ack ${seq} ${entry.kind}\n`)
    } catch (error) {
      // Said before, or about what was never released.
      if (!isRegistryError(error, 'NOT_FOUND') && !isRegistryError(error, 'LIFECYCLE_INVALID'))
        throw error
    }
  }
  await store.commit(await draft.finish(log))
  writeSync(1, said.join(''))
}

async function read(store: Store): Promise<void> {
  if (draw(2) === 0) {
    await checkLog(store, publisher)
    return
  }
  const request = {
    publisher,
    name: `com.acme/tool-${draw(4)}`,
    range: undefined,
    floor: undefined,
  }
  try {
    await resolveFrom(localSource(store), await loadVerifier(), request)
  } catch (error) {
    const known = ['NOT_FOUND', 'YANKED', 'REVOKED'] as const
    if (!known.some((code) => isRegistryError(error, code))) throw error
  }
}

for (let i = 0; i < Number(rounds); i++) {
  await using store = await openStore(folder)
  for (let j = draw(3); j >= 0; j--) await (draw(3) === 0 ? read(store) : write(store))
}
