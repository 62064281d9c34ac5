// What a home node does with a submission, under the log's lock: every signature, root and block is checked against the log as it is,
// then all entries are appended with one checkpoint and one commit, or none.

import type { Cid } from '../../cid/index.ts'
import { RegistryError } from '../../lib/index.ts'
import {
  findName,
  findVersion,
  indexReader,
  type LogDraft,
  type Notices,
  openDraft,
  parseHistory,
  parseStatement,
  type Roles,
  readEntries,
  type Statement,
  type StatementOf,
} from '../../log/index.ts'
import { pinChanges, publisherFor } from '../../resolve/index.ts'
import type { PublisherId } from '../../spec/index.ts'
import type { Block, Store, StoredRecord } from '../../store/index.ts'
import { loadVerifier, type Signer } from '../../trust/index.ts'
import { assertListedTool, parseListedRelease } from '../fits.ts'
import { assertOfferable } from '../lifecycle/offerable.ts'
import { offerRecords } from '../use.ts'
import { MISSING_BLOCKS, type Submission, type SubmissionAnswer, type Submitted } from './port.ts'
import type { Staging } from './staging.ts'

/** Keys, recoveries and what is to be forgotten are decided where the log is. */
const TAKEN: readonly Statement['kind'][] = [
  'release',
  'deprecate',
  'yank',
  'revoke',
  'claim',
  'delegate',
]

/** The key that signs checkpoints, as the log names it. */
export type LogSignerFor = (roles: Roles) => Promise<Signer>

interface Desk {
  readonly store: Store
  readonly logSignerFor: LogSignerFor
  readonly staging: Staging
  readonly now: () => Date
}

/** Hold the lock of the log. Throws as `HomeNode.submit` says. */
export async function acceptSubmission(
  { store, logSignerFor, staging, now }: Desk,
  submission: Submission,
): Promise<SubmissionAnswer> {
  const { publisher, head, entries } = submission
  const draft = await openDraft(store, publisher)
  if (draft.state.head !== head) {
    const said = await findSaid(store, draft, entries)
    if (said === undefined) throw conflict(draft.state.head, head)
    return { missing: [], entries: said }
  }
  const verifier = await loadVerifier(store)
  const statements: Statement[] = []
  // One after the other, and nothing of the rest is read once one is refused: that is what a stranger costs.
  for (const entry of entries) {
    assertTaken(parseStatement(entry.statement).kind)
    statements.push(await draft.append(entry, verifier))
  }
  const releases = statements.filter((statement) => statement.kind === 'release')
  const found = await findReleases(store, staging, { releases, notices: draft.state.notices })
  if (found.missing.length > 0) {
    staging.want(found.missing)
    return { missing: found.missing, entries: [] }
  }
  const records = await Promise.all(
    releases.map((release) => recordsOf(store, publisher, release, found)),
  )
  const names = releases.map(({ name }) => name)
  const pins = await pinChanges(store, names, { publisher, how: 'own', now: now() })
  const change = await draft.finish(await logSignerFor(draft.state.roles))
  await store.commit({
    ...change,
    blocks: [...(change.blocks ?? []), ...found.staged],
    put: [...(change.put ?? []), ...records.flat(), ...pins.put],
    expect: [...(change.expect ?? []), ...pins.expect],
  })
  staging.clear()
  return { missing: [], entries: statements.map(appended) }
}

function appended({ seq, cid }: Statement): Submitted {
  return { kind: 'appended', seq, statement: cid }
}

/** A submission whose acknowledgement was lost: where the log says each of these releases, if it says all of them. */
async function findSaid(
  store: Store,
  { publisher, state }: LogDraft,
  entries: Submission['entries'],
): Promise<readonly Submitted[] | undefined> {
  const read = indexReader(store, publisher)
  const said: Submitted[] = []
  for (const { statement: bytes } of entries) {
    const statement = parseStatement(bytes)
    if (statement.publisher !== publisher) return undefined
    const isOwn = statement.kind === 'release' ? undefined : statement.seq
    const seq = isOwn ?? (await seqOf(statement as StatementOf<'release'>))
    if (seq === undefined || seq >= state.size) return undefined
    const [stored] = await readEntries(store, publisher, { start: seq, end: seq + 1 })
    const { cid } = parseStatement(stored?.statement ?? new Uint8Array())
    if (isOwn !== undefined && cid !== statement.cid) return undefined
    said.push({ kind: 'unchanged', seq, statement: cid })
  }
  return said

  async function seqOf(release: StatementOf<'release'>): Promise<number | undefined> {
    const { history } = await findName(state.index, release.name, read)
    const [bytes] = history === undefined ? [] : await read([history])
    const known = bytes && findVersion(parseHistory(bytes), release.version)
    return known?.release === release.subject ? known.seq : undefined
  }
}

interface Found {
  readonly missing: readonly Cid[]
  /** Those that came with the submission. */
  readonly staged: readonly Block[]
  readonly tools: ReadonlyMap<Cid, readonly Cid[]>
}

/** The release blocks and, of those that are here, their tools: whole, well-formed, and named as the statements name them. */
async function findReleases(
  store: Store,
  staging: Staging,
  {
    releases,
    notices,
  }: {
    readonly releases: readonly StatementOf<'release'>[]
    readonly notices: Notices
  },
): Promise<Found> {
  const blocks = await findBlocks(
    store,
    staging,
    releases.map(({ subject }) => subject),
  )
  const tools = new Map<Cid, readonly Cid[]>()
  const listings: (readonly [name: string, cid: Cid])[] = []
  for (const statement of releases) {
    const bytes = blocks.found.get(statement.subject)
    if (bytes === undefined) continue
    const release = parseListedRelease(bytes, statement)
    const listed = Object.entries(release.tools) as [string, Cid][]
    tools.set(
      statement.subject,
      listed.map(([, cid]) => cid),
    )
    const parts = listed.map(([name, cid]) => ({ name, cid }))
    const itself = { name: statement.name, cid: statement.subject }
    assertOfferable(`${statement.name}@${statement.version}`, [itself, ...parts], notices)
    listings.push(...listed)
  }
  const parts = await findBlocks(
    store,
    staging,
    listings.map(([, cid]) => cid),
  )
  for (const [name, cid] of listings) {
    const bytes = parts.found.get(cid)
    if (bytes !== undefined) assertListedTool(bytes, { name })
  }
  return {
    missing: [...blocks.missing, ...parts.missing].slice(0, MISSING_BLOCKS),
    staged: [...blocks.staged, ...parts.staged],
    tools,
  }
}

async function findBlocks(
  store: Store,
  staging: Staging,
  cids: readonly Cid[],
): Promise<{
  readonly found: ReadonlyMap<Cid, Uint8Array>
  readonly staged: readonly Block[]
  readonly missing: readonly Cid[]
}> {
  const unique = [...new Set(cids)]
  const held = await store.findBlocks(unique)
  const found = new Map<Cid, Uint8Array>()
  const staged: Block[] = []
  for (const [i, cid] of unique.entries()) {
    const sent = held[i] === undefined ? staging.find(cid) : undefined
    const bytes = held[i] ?? sent
    if (bytes !== undefined) found.set(cid, bytes)
    if (sent !== undefined) staged.push({ cid, bytes: sent })
  }
  return { found, staged, missing: unique.filter((cid) => !found.has(cid)) }
}

/** What publishing here writes beside the log. */
async function recordsOf(
  store: Store,
  publisher: PublisherId,
  release: StatementOf<'release'>,
  { tools }: Found,
): Promise<readonly StoredRecord[]> {
  // A namespace that this node has accepted for someone else is not this log’s to publish under.
  await publisherFor(store, release.name, { chosen: publisher })
  return offerRecords([release.subject, ...(tools.get(release.subject) ?? [])], release)
}

function assertTaken(kind: Statement['kind']): void {
  if (TAKEN.includes(kind)) return
  throw new RegistryError('STATEMENT_INVALID', `A home node takes no ${kind} entry from others.`, {
    expected: TAKEN.join(', '),
    got: kind,
    next: 'Make this entry on the home node itself.',
  })
}

function conflict(expected: Cid, got: Cid): RegistryError {
  return new RegistryError('CONFLICT', 'The log has grown since its head was read.', {
    expected,
    got,
    next: 'Read the head again, sign again, and submit again.',
  })
}
