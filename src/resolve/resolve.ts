// Asking a source for a name: one checkpoint, then proofs against it, then one verification of the whole.
// Bytes of the release and its tools are not fetched here.

import { fromHex, RegistryError, toHex } from '../lib/index.ts'
import {
  type Checkpoint,
  parseHistory,
  parseStatement,
  verifyCheckpoint,
  verifyConsistency,
  verifyName,
} from '../log/index.ts'
import { type PublisherId, pickVersion } from '../spec/index.ts'
import type { Floor } from '../store/index.ts'
import type { Verifier } from '../trust/index.ts'
import type { Evidence } from './evidence.ts'
import type { SignedStatement, Source, SourceOptions } from './source.ts'
import { type VerifiedEntry, verifyEvidence, verifyGenesis, verifyHead } from './verify-release.ts'

export interface ResolveRequest {
  readonly publisher: PublisherId
  readonly name: string
  /** A semver range; undefined or `latest` is the newest release. */
  readonly range: string | undefined
  /** The largest state of this log accepted so far. */
  readonly floor: Floor | undefined
}

export interface Resolved {
  readonly entry: VerifiedEntry
  readonly evidence: Evidence
}

/** A log can grow between two questions; after this many growths in a row the source is not answering one question. */
const ATTEMPTS = 4

/** Throws what `verifyEvidence` throws, ROLLBACK or FORKED against the floor, NOT_FOUND, or the source's own failure. */
export async function resolveFrom(
  source: Source,
  verifier: Verifier,
  request: ResolveRequest,
  options: SourceOptions = {},
): Promise<Resolved> {
  for (let attempt = 1; ; attempt++) {
    const start = await readHead(source, verifier, request, options)
    const path = await findPath(source, request, start, options)
    if (path !== undefined) return finish(source, verifier, request, { ...start, ...path }, options)
    if (attempt === ATTEMPTS) {
      throw new RegistryError(
        'PEER_UNAVAILABLE',
        `${source.label} changed its answer ${ATTEMPTS} times in a row.`,
        {
          expected: 'proofs for the checkpoint it just gave',
          got: 'no index for it',
          next: 'Try again in a moment, or ask another peer.',
        },
      )
    }
  }
}

interface Start {
  readonly note: Uint8Array
  readonly checkpoint: Checkpoint
  readonly genesis: SignedStatement
  readonly head: SignedStatement
  readonly headProof: readonly Uint8Array[]
}

async function readHead(
  source: Source,
  verifier: Verifier,
  request: ResolveRequest,
  options: SourceOptions,
): Promise<Start> {
  const { publisher } = request
  const note = await source.checkpoint(publisher, options)
  const genesis = await getEntry(source, publisher, 0, options)
  const { roles } = verifyGenesis(verifier, genesis, publisher)
  const checkpoint = verifyCheckpoint(note, { publisher, logKey: roles.log.keys[0] })
  await assertFloor(source, request, checkpoint, options)

  const index = checkpoint.size - 1
  const head = await getEntry(source, publisher, index, options)
  const headProof = await source.inclusion(publisher, { index, size: checkpoint.size }, options)
  verifyHead(verifier, { head, headProof, roles, checkpoint, publisher })
  return { note, checkpoint, genesis, head, headProof }
}

/** Undefined when the log has grown since its checkpoint was read. */
async function findPath(
  source: Source,
  { publisher, name, range }: ResolveRequest,
  start: Start,
  options: SourceOptions,
): Promise<{ readonly indexPath: readonly Uint8Array[]; readonly seq: number } | undefined> {
  const root = parseStatement(start.head.statement).index
  let indexPath: readonly Uint8Array[]
  try {
    indexPath = await source.indexPath(publisher, { root, name }, options)
  } catch (error) {
    if (error instanceof RegistryError && error.code === 'NOT_FOUND') return undefined
    throw error
  }
  const history = historyIn(root, name, indexPath)
  if (history === undefined) {
    throw new RegistryError('NOT_FOUND', `The publisher does not offer ${name}.`, {
      expected: `${name} in the index of ${publisher}`,
      got: 'a proof that it is absent',
      next: 'Check the spelling, or ask the publisher for the name.',
    })
  }
  const versions = Object.keys(history.versions)
  const version = pickVersion(versions, range)
  const picked = version === undefined ? undefined : history.versions[version]
  if (picked === undefined) {
    throw new RegistryError('NOT_FOUND', `No version of ${name} satisfies the range asked for.`, {
      expected: range ?? 'latest',
      got: versions.slice(-8).join(', '),
      next: 'Ask for one of these versions, or for `@latest`.',
    })
  }
  return { indexPath, seq: picked.seq }
}

function historyIn(
  root: Parameters<typeof verifyName>[0]['root'],
  name: string,
  path: readonly Uint8Array[],
): ReturnType<typeof parseHistory> | undefined {
  const last = path.at(-1)
  // A path that ends in a history block is one longer than the nodes that lead to it.
  if (last !== undefined && isHistory(last)) {
    verifyName({ root, name, nodes: path.slice(0, -1) })
    return parseHistory(last)
  }
  const found = verifyName({ root, name, nodes: path })
  if (found === undefined) return undefined
  throw new RegistryError(
    'PROOF_INVALID',
    'The index names a history that the peer did not send.',
    {
      expected: found,
      got: 'nothing',
      next: 'Ask another peer.',
    },
  )
}

function isHistory(bytes: Uint8Array): boolean {
  return Buffer.from(bytes.buffer, bytes.byteOffset, bytes.length).includes('"kind":"history/v1"')
}

async function finish(
  source: Source,
  verifier: Verifier,
  request: ResolveRequest,
  found: Start & { readonly indexPath: readonly Uint8Array[]; readonly seq: number },
  options: SourceOptions,
): Promise<Resolved> {
  const { publisher } = request
  const { size } = found.checkpoint
  const isHead = found.seq === size - 1
  const entry = isHead ? found.head : await getEntry(source, publisher, found.seq, options)
  const entryProof = isHead
    ? found.headProof
    : await source.inclusion(publisher, { index: found.seq, size }, options)
  const evidence: Evidence = {
    publisher,
    checkpoint: found.note,
    genesis: found.genesis,
    head: found.head,
    headProof: found.headProof,
    entry,
    entryProof,
    indexPath: found.indexPath,
  }
  return { entry: verifyEvidence(verifier, evidence, request), evidence }
}

async function getEntry(
  source: Source,
  publisher: PublisherId,
  seq: number,
  options: SourceOptions,
): Promise<SignedStatement> {
  const [entry] = await source.entries(publisher, { start: seq, end: seq + 1 }, options)
  if (entry !== undefined) return entry
  throw new RegistryError(
    'PEER_MISBEHAVED',
    `${source.label} answered without the entry asked for.`,
    {
      expected: `entry ${seq}`,
      got: 'nothing',
      next: 'Ask another peer.',
    },
  )
}

/** Rollback (T1): a smaller log than one accepted before. Fork (T5): another history than the one accepted before. */
async function assertFloor(
  source: Source,
  { publisher, floor }: ResolveRequest,
  checkpoint: Checkpoint,
  options: SourceOptions,
): Promise<void> {
  if (floor === undefined) return
  const got = { size: checkpoint.size, root: toHex(checkpoint.root) }
  if (got.size < floor.size) {
    throw new RegistryError(
      'ROLLBACK',
      `${source.label} offers an older state of this log than one already accepted here.`,
      {
        expected: `at least ${floor.size} entries`,
        got: `${got.size} entries`,
        next: 'Nothing was changed. Ask another peer; if all answer the same, the publisher has lost or withdrawn entries.',
        evidence: { accepted: floor, offered: got },
      },
    )
  }
  if (got.size === floor.size && got.root === floor.root) return
  try {
    const proof =
      got.size === floor.size
        ? []
        : await source.consistency(publisher, { from: floor.size, to: got.size }, options)
    verifyConsistency({
      from: floor.size,
      to: got.size,
      fromRoot: fromHex(floor.root),
      toRoot: checkpoint.root,
      proof,
    })
  } catch (cause) {
    if (!(cause instanceof RegistryError) || cause.code !== 'PROOF_INVALID') throw cause
    throw new RegistryError(
      'FORKED',
      'This log shows another history than the one already accepted here.',
      {
        expected: `a log that extends ${floor.size} entries with root ${floor.root}`,
        got: `${got.size} entries with root ${got.root}`,
        next: 'Do not use this publisher’s tools until it has explained itself; keep both heads as proof.',
        evidence: { accepted: floor, offered: got },
        cause,
      },
    )
  }
}
