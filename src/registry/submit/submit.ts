// Submitting: publishing in a log whose key is elsewhere. What is signed here follows the head that the home node has proven; if others
// were faster, it is signed again on the new one. In the end the log is read as by any puller, and that is the acknowledgement.

import type { Cid } from '../../cid/index.ts'
import { isRegistryError, RegistryError } from '../../lib/index.ts'

import {
  assertNotForked,
  publisherFor,
  readHead,
  type ShownHead,
  type VerifiedHead,
} from '../../resolve/index.ts'
import { type PublisherId, splitToolkit, type Toolkit } from '../../spec/index.ts'
import type { Block } from '../../store/index.ts'
import { loadVerifier } from '../../trust/index.ts'
import { findSeenHead, keepForkIn } from '../forks.ts'
import type { Published } from '../publish.ts'
import { openKeyring } from '../publisher/keyring.ts'
import { pull } from '../pull.ts'
import { findOwnPublisher, type Running, type Workspace } from '../workspace.ts'
import { handIn } from './hand-in.ts'
import { type Line, type OpenHome, openLine } from './line.ts'
import { planReleases, type Sign, type Split } from './plan.ts'
import { type HomeNode, SUBMISSION_ENTRIES } from './port.ts'

export interface SubmitRequest {
  readonly toolkits: readonly Toolkit[]
  /** The publisher whose log it is, for names that do not say so themselves. */
  readonly publisher: PublisherId
  readonly open: OpenHome
  /** Names of key files that sign; those that the log asks for unless others are named. */
  readonly keys?: readonly string[] | undefined
  /** From 0 to less than 1: how long to stand back when others submit too. */
  readonly random: () => number
}

/** Others may be faster every time; after this many times there is something wrong. */
const ATTEMPTS = 20
/** Less than a home node holds for one submitter. */
const BATCH_BYTES = 12 * 1024 * 1024

interface Desk {
  readonly workspace: Workspace
  readonly publisher: PublisherId
  readonly sign: Sign
  readonly line: Line
  readonly running: Running
}

/**
 * Submits in the order given, up to 64 releases at a time: an error leaves the earlier batches published and nothing of its own. The same
 * content again is `unchanged`. Throws what `pull` throws for a home node whose log does not hold, what it refuses a submission
 * for, CONFLICT after 20 attempts, PEER_*, KEY_*.
 */
export async function submit(
  workspace: Workspace,
  { publisher, toolkits, open, random, keys }: SubmitRequest,
  running: Running = {},
): Promise<readonly Published[]> {
  const { store } = workspace
  await assertElsewhere(workspace, publisher)
  await assertNotForked(store, publisher)
  const sign = { keyring: await openKeyring(workspace), keys }
  const splits = toolkits.map((toolkit) => splitToolkit(toolkit, publisher))
  for (const { name } of splits) await publisherFor(store, name, { chosen: publisher })
  await using line = openLine(open, random, running)
  const desk = { workspace, publisher, sign, line, running }
  const results: Published[] = []
  for (const batch of inBatches(splits)) {
    const handedIn = await submitBatch(desk, batch)
    await store.commit({ blocks: batch.flatMap(blocksOf) })
    for (const split of batch) {
      results.push(await readBack(desk, split, handedIn.has(split)))
      running.onProgress?.({ what: 'submitted', done: results.length, total: splits.length })
    }
  }
  return results
}

/** Those of the batch that the log did not say before. */
async function submitBatch(desk: Desk, batch: readonly Split[]): Promise<ReadonlySet<Split>> {
  const { line, running } = desk
  const handedIn = new Set<Split>()
  let last: RegistryError | undefined
  for (let attempt = 1; attempt <= ATTEMPTS; attempt++) {
    if (attempt > 1) {
      running.onProgress?.({ what: 'attempts', done: attempt, total: ATTEMPTS })
      await line.standBack(attempt - 2)
    }
    try {
      if (await line.with((home) => tryBatch(desk, home, { batch, handedIn }))) return handedIn
    } catch (error) {
      if (!isRegistryError(error, 'CONFLICT') && !isRegistryError(error, 'PEER_LIMIT')) throw error
      last = error
    }
  }
  throw new RegistryError(last?.code ?? 'CONFLICT', 'Others were faster every time.', {
    expected: `the log to stand still for one of ${ATTEMPTS} attempts`,
    got: last?.message ?? 'a log that had grown each time',
    next: 'Submit again when fewer others do; what is in the log already is not repeated.',
  })
}

/** False when the log has grown while it was read. */
async function tryBatch(
  desk: Desk,
  home: HomeNode,
  { batch, handedIn }: { readonly batch: readonly Split[]; readonly handedIn: Set<Split> },
): Promise<boolean> {
  const { publisher, sign, running } = desk
  running.signal?.throwIfAborted()
  const head = await readProvenHead(desk, home)
  if (head === undefined) return false
  const plan = await planReleases(home, head, { splits: batch, sign }, running)
  if (plan === undefined) return false
  if (plan.entries.length === 0) return true
  for (const release of plan.releases) handedIn.add(release)
  const submission = { publisher, head: head.newest.cid, entries: plan.entries }
  await handIn(home, submission, plan.releases.flatMap(blocksOf), running)
  return true
}

async function readProvenHead(
  { workspace: { store }, publisher, running }: Desk,
  home: HomeNode,
): Promise<VerifiedHead | undefined> {
  const floor = await findSeenHead(store, publisher)
  try {
    return (await readHead(home, await loadVerifier(store), { publisher, floor }, running))?.head
  } catch (error) {
    const isFloor = ({ size, root }: ShownHead) => size === floor?.size && root === floor.root
    throw await keepForkIn(store, error, (head) => (isFloor(head) ? floor?.from : home.label))
  }
}

/** What the home node acknowledged is believed when the log proves it; the proof is kept as after any pull. */
async function readBack(
  { workspace, publisher, line, running }: Desk,
  { name, version, release, tools }: Split,
  isNew: boolean,
): Promise<Published> {
  const reference = `${name}@${version}`
  const pulled = await line.with((home) => {
    const open = async () => ({ ...home, [Symbol.asyncDispose]: async () => {} })
    return pull(workspace, { reference, peers: [{ label: home.label, open }], publisher }, running)
  })
  const { statement, position: seq } = pulled.release.entry
  assertAcknowledged(release.cid, pulled.release.cid)
  return {
    kind: isNew ? 'published' : 'unchanged',
    publisher,
    name,
    version,
    release: release.cid,
    statement,
    seq,
    tools: tools.map(({ cid, tool }) => ({ name: tool.name, cid })),
  }
}

function assertAcknowledged(expected: Cid, got: Cid): void {
  if (expected === got) return
  throw new RegistryError('VERSION_EXISTS', 'The log has this version with other content.', {
    expected,
    got,
    next: 'Somebody else published it first. Raise the version.',
  })
}

/** Two writers of one log, each with its own copy, would fork it. */
async function assertElsewhere({ store }: Workspace, publisher: PublisherId): Promise<void> {
  if ((await findOwnPublisher(store)) !== publisher) return
  throw new RegistryError(
    'USAGE',
    'This log is written here: there is no other home to submit to.',
    {
      expected: 'a publisher whose log is elsewhere',
      got: publisher,
      next: 'Publish without `--to`.',
    },
  )
}

function* inBatches(splits: readonly Split[]): Generator<readonly Split[]> {
  let batch: Split[] = []
  let bytes = 0
  for (const split of splits) {
    const size = blocksOf(split).reduce((sum, block) => sum + block.bytes.length, 0)
    const isFull = batch.length === SUBMISSION_ENTRIES || bytes + size > BATCH_BYTES
    if (batch.length > 0 && isFull) {
      yield batch
      batch = []
      bytes = 0
    }
    batch.push(split)
    bytes += size
  }
  if (batch.length > 0) yield batch
}

function blocksOf({ release, tools }: Split): readonly Block[] {
  return [release, ...tools].map(({ cid, bytes }) => ({ cid, bytes }))
}
