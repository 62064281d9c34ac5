// Health: is what is stored still what was stored, are keys private, is the clock sane, do the known peers answer. Each check
// answers, none stops the others.

import { isRegistryError, RegistryError } from '../lib/index.ts'
import { findHead, parseStatement, readEntries } from '../log/index.ts'
import { scrubStore } from '../store/index.ts'
import { listKeys } from '../trust/index.ts'
import { checkLog } from './check-log.ts'
import type { Peer } from './peers.ts'
import { findOwnPublisher, type Running, type Workspace } from './workspace.ts'

export interface Check {
  readonly check: 'store' | 'log' | 'keys' | 'clock' | 'peer'
  readonly ok: boolean
  readonly detail: string
  readonly error?: RegistryError
}

/** A tolerance for clocks that were set by hand. */
const SKEW = 5 * 60_000

export async function* doctor(
  workspace: Workspace,
  peers: readonly Peer[],
  running: Running = {},
): AsyncIterable<Check> {
  yield await examine('store', () => scrub(workspace, running))
  const publisher = await findOwnPublisher(workspace.store)
  if (publisher !== undefined) {
    yield await examine('log', async () => {
      const { size, root } = await checkLog(workspace.store, publisher)
      return `${size} entries replay to root ${root}`
    })
  }
  yield await examine('keys', async () => {
    const keys = await listKeys(workspace.keys)
    return keys.length === 0
      ? 'no keys yet'
      : `${keys.map(({ name }) => name).join(', ')}: readable by their owner only`
  })
  yield await examine('clock', () => checkClock(workspace))
  for (const peer of peers) {
    yield await examine('peer', async () => {
      await using source = await peer.open(running)
      return `${source.label} answers`
    })
  }
}

async function examine(check: Check['check'], run: () => Promise<string>): Promise<Check> {
  try {
    return { check, ok: true, detail: await run() }
  } catch (error) {
    if (!isRegistryError(error)) throw error
    return { check, ok: false, detail: error.message, error }
  }
}

async function scrub({ store }: Workspace, running: Running): Promise<string> {
  const found: RegistryError[] = []
  for await (const finding of scrubStore(store)) {
    running.signal?.throwIfAborted()
    if (finding.kind !== 'summary') {
      found.push(finding.error)
      continue
    }
    const { blocks, records } = finding
    const [first] = found
    if (first === undefined) return `${blocks} blocks and ${records} records read, all intact`
    throw new RegistryError('STORE_CORRUPT', `${found.length} places in the store are damaged.`, {
      expected: 'bytes that match their hashes',
      got: found
        .slice(0, 3)
        .map(({ message }) => message)
        .join(' '),
      next: 'Pull the damaged blocks again, or restore the store from a backup.',
    })
  }
  return 'nothing to read'
}

/** No time server is asked: the clock must only not run behind what this store has seen. */
async function checkClock({ store, now }: Workspace): Promise<string> {
  const time = now()
  const publisher = await findOwnPublisher(store)
  const head = publisher === undefined ? undefined : await findHead(store, publisher)
  if (publisher !== undefined && head !== undefined) {
    const [first] = await readEntries(store, publisher, { start: 0, end: 1 })
    const genesis = first === undefined ? undefined : parseStatement(first.statement)
    const created = genesis?.kind === 'genesis' ? genesis.created : undefined
    if (created !== undefined && time.getTime() + SKEW < Date.parse(created)) {
      throw new RegistryError(
        'UNEXPECTED',
        'The clock is behind the moment this publisher was made.',
        {
          expected: `after ${created}`,
          got: time.toISOString(),
          next: 'Set the clock of this machine.',
        },
      )
    }
  }
  return time.toISOString()
}
