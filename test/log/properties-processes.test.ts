// Several processes write and read one log at once, each as its seed says. Nothing that was acknowledged is lost or comes twice, and
// the log is whole at the end, as every reader found it in between.

import { generateKeyPairSync, sign } from 'node:crypto'
import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { expect, onTestFinished, test } from 'vitest'
import { draftGenesis, parseStatement, readEntries } from '../../src/log/index.ts'
import { checkLog } from '../../src/registry/index.ts'
import type { PublisherId } from '../../src/spec/index.ts'
import { openLevelStore, type Store, shareStore } from '../../src/store/index.ts'
import type { Signer } from '../../src/trust/index.ts'
import { runProgram } from '../support/processes.ts'

const PROCESSES = 3
const ROUNDS = 5

interface KeyFile {
  readonly signer: Signer
  readonly saved: { readonly key: Signer['key']; readonly pem: string }
}

function makeKey(type: 'ecdsa-p256' | 'ed25519'): KeyFile {
  const { privateKey, publicKey } =
    type === 'ed25519'
      ? generateKeyPairSync('ed25519')
      : generateKeyPairSync('ec', { namedCurve: 'prime256v1' })
  const spki = publicKey.export({ format: 'der', type: 'spki' }).toString('base64')
  const key = { type, spki }
  const hash = type === 'ed25519' ? null : 'sha256'
  const pem = privateKey.export({ format: 'pem', type: 'pkcs8' }).toString()
  return {
    signer: { key, sign: async (data) => sign(hash, data, privateKey) },
    saved: { key, pem },
  }
}

async function makeLog(): Promise<{ readonly folder: string; readonly publisher: PublisherId }> {
  const folder = await mkdtemp(join(tmpdir(), 'toolmark-test-'))
  onTestFinished(() => rm(folder, { recursive: true, force: true }))
  const [root, log] = [makeKey('ecdsa-p256'), makeKey('ed25519')]
  const saved = JSON.stringify({ root: root.saved, log: log.saved })
  await writeFile(join(folder, 'keys.json'), saved)
  const one = { threshold: 1, keys: [root.signer.key] }
  const roles = { root: one, release: one, brake: one, log: { keys: [log.signer.key] as const } }
  await using store = await openLevelStore(folder)
  const signers = { rootSigner: root.signer, logSigner: log.signer }
  const { publisher, change } = await draftGenesis({ store, roles, ...signers })
  await store.commit(change)
  return { folder, publisher }
}

/** What the processes of this seed acknowledged, as "SEQ KIND". */
async function runAll(folder: string, publisher: string, seed: number): Promise<readonly string[]> {
  const running = Array.from({ length: PROCESSES }, (_, i) =>
    runProgram('log-child', folder, publisher, `${seed * 100 + i}`, `${ROUNDS}`),
  )
  const ended = await Promise.all(running.map((one) => one.ended))
  for (const { code, output } of ended) expect(code, output).toBe(0)
  return ended.flatMap(({ output }) => output.match(/(?<=^ack ).*$/gm) ?? [])
}

async function assertWhole(
  store: Store,
  publisher: PublisherId,
  said: readonly string[],
): Promise<void> {
  const { size } = await checkLog(store, publisher)
  const entries = await readEntries(store, publisher, { start: 1, end: size })
  const stored = entries.map(({ statement }) => {
    const { seq, kind } = parseStatement(statement)
    return `${seq} ${kind}`
  })
  expect(said.toSorted()).toEqual(stored.toSorted())
  expect(said.length).toBeGreaterThan(PROCESSES)
}

test.each([1, 2])('each opens the folder in turn, seed %i', async (seed) => {
  const { folder, publisher } = await makeLog()
  const said = await runAll(folder, publisher, seed)
  await using store = await openLevelStore(folder)
  await assertWhole(store, publisher, said)
})

test.each([3, 4])('one shares it with the others, seed %i', async (seed) => {
  const { folder, publisher } = await makeLog()
  await using store = await openLevelStore(folder)
  await using _sharing = await shareStore(store, folder)
  await assertWhole(store, publisher, await runAll(folder, publisher, seed))
})
