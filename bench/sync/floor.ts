// What no design goes below with these primitives: the same signature checks, hashes and synced batches, with all bytes in memory:
// `floor.ts FOLDER`. Which ones they are is recorded from a session that is not measured.

import { verify } from 'node:crypto'
import { join } from 'node:path'
import { promisify } from 'node:util'
import { type Change, openMemoryStore } from '../../src/store/index.ts'
import {
  openHeadSet,
  openLibp2pNetwork,
  openLink,
  runSession,
  watchHeads,
} from '../../src/sync/index.ts'
import { checkHead, digest, makeKeys, openRaw, signHead, signRelease } from '../floor.ts'
import { record } from '../recorder.ts'
import type { Fetched } from './fetch.ts'
import { answerAsked } from './processes.ts'

const [folder = ''] = process.argv.slice(2)
const verifyOnThread = promisify(verify)
const keys = makeKeys()
const signatures = new Map<string, Uint8Array>()
let changes: readonly Change[] = []
let round = 0

answerAsked({
  /** Once, before any measuring. */
  learn: async (address: string) => {
    const memory = record(openMemoryStore())
    const heads = await openHeadSet(memory.store)
    await using network = await openLibp2pNetwork({ listen: [] })
    await using link = openLink(await network.dial(address))
    const store = watchHeads(memory.store, heads)
    await runSession(link, { store, heads, interest: { wants: () => true } })
    changes = memory.changes
    for (const { blocks = [], put = [] } of changes) {
      for (const { table, value } of put) {
        if (table === 'head') signatures.set(signed(value), signHead(keys, value))
      }
      const entries = put.filter(({ table }) => table === 'entry').length
      for (const { cid, bytes } of blocks.slice(0, entries)) {
        signatures.set(cid, signRelease(keys, bytes))
      }
    }
    return signatures.size
  },
  fetch: async (): Promise<Pick<Fetched, 'ms' | 'cpuMs'>> => {
    const raw = await openRaw(join(folder, `floor-${round++}`))
    const cpu = process.cpuUsage()
    const start = performance.now()
    for (const change of changes) await raw.batch(await check(change), { sync: true })
    const ms = performance.now() - start
    const { user, system } = process.cpuUsage(cpu)
    await raw.close()
    return { ms, cpuMs: (user + system) / 1_000 }
  },
})

function signed(value: Uint8Array): string {
  return Buffer.from(value).toString('latin1')
}

async function check({ blocks = [], put = [], remove = [] }: Change) {
  const operations = []
  const checks: Promise<boolean>[] = []
  for (const { cid, bytes } of blocks) {
    operations.push({ type: 'put', key: digest(bytes), value: bytes } as const)
    const signature = signatures.get(cid)
    if (signature === undefined) continue
    checks.push(verifyOnThread('sha256', bytes, keys.release.publicKey, signature))
  }
  for (const { table, key, value } of put) {
    operations.push({ type: 'put', key: Buffer.from(`${table} ${key}`), value } as const)
    if (table === 'hash') digest(Buffer.concat([value, value]))
    if (table === 'index') digest(value)
    const signature = table === 'head' ? signatures.get(signed(value)) : undefined
    if (signature !== undefined) checks.push(Promise.resolve(checkHead(keys, value, signature)))
  }
  for (const { table, key } of remove) {
    operations.push({ type: 'del', key: Buffer.from(`${table} ${key}`) } as const)
  }
  if ((await Promise.all(checks)).includes(false)) throw new Error('a bad signature')
  return operations
}
