// A log whose keys the forger holds: genuine checkpoints, signatures and proofs over whatever statements and blocks a test asks for.
// What is refused of such a log is refused for what it says.

import { type Cid, cidOf } from '../../src/cid/index.ts'
import { canonicalBytes, type Json } from '../../src/lib/index.ts'
import {
  appendLeaves,
  EMPTY_INDEX,
  type Hash,
  type History,
  historyAfter,
  historyBlock,
  leafHash,
  originOf,
  proveConsistency,
  proveInclusion,
  proveName,
  type ReadHashes,
  signCheckpoint,
  updateIndex,
  verifyName,
} from '../../src/log/index.ts'
import type { SignedStatement, Source } from '../../src/resolve/index.ts'
import { splitToolkit, type Toolkit } from '../../src/spec/index.ts'
import { type Signer, signStatement } from '../../src/trust/index.ts'
import { releaseStatement } from '../log/helpers.ts'
import type { TestPublisher } from './publisher.ts'

export interface Forgery {
  readonly name: string
  readonly version: string
  /** The subject's bytes, and the blocks they list. */
  readonly release: Uint8Array
  readonly tools: readonly Uint8Array[]
  /** Rewrites the statement before it is signed and logged. */
  readonly twist?: (statement: Json) => Json
  /** Signs the statement instead of the publisher's own key. */
  readonly signer?: Signer
}

/** What an honest publisher would release: a place to start twisting from. */
export function forgeryOf(publisher: TestPublisher, toolkit: Toolkit): Forgery {
  const { name, version, release, tools } = splitToolkit(toolkit, publisher.id)
  return { name, version, release: release.bytes, tools: tools.map(({ bytes }) => bytes) }
}

export async function forgeLog(
  publisher: TestPublisher,
  forgeries: readonly Forgery[],
  logSigner: Signer = publisher.log,
): Promise<Source> {
  const [genesis] = await publisher.source.entries(publisher.id, { start: 0, end: 1 })
  const entries: SignedStatement[] = [genesis as SignedStatement]
  const index = new Map<Cid, Uint8Array>([[EMPTY_INDEX.cid, EMPTY_INDEX.bytes]])
  const readIndex = async (cids: readonly Cid[]) => cids.map((cid) => index.get(cid))
  const histories = new Map<string, History>()
  const blocks = new Map<Cid, Uint8Array>()
  let root = EMPTY_INDEX.cid
  for (const forgery of forgeries) {
    const { name, version, release } = forgery
    for (const bytes of [release, ...forgery.tools]) blocks.set(cidOf(bytes), bytes)
    const at = { name, version, release: cidOf(release), seq: entries.length }
    const said = { kind: 'release' as const, name, version, subject: at.release }
    const history = historyAfter(histories.get(name), said, at.seq)
    histories.set(name, history)
    const block = historyBlock(history)
    const updated = await updateIndex(root, [{ name, history: block.cid }], readIndex)
    for (const { cid, bytes } of [...updated.added, block]) index.set(cid, bytes)
    root = updated.root
    const prev = cidOf(entries.at(-1)?.statement as Uint8Array)
    const honest = releaseStatement({ ...at, publisher: publisher.id, prev, index: root })
    const json = JSON.parse(Buffer.from(honest).toString()) as Json
    const statement = canonicalBytes(forgery.twist?.(json) ?? json)
    const bundle = await signStatement(statement, forgery.signer ?? publisher.signing)
    entries.push({ statement, bundles: [bundle] })
  }
  const tree = new Map<string, Hash>()
  const readTree: ReadHashes = async (wanted) =>
    wanted.map(({ level, index }) => tree.get(`${level}/${index}`) as Hash)
  const leaves = entries.map(({ statement }) => leafHash(statement))
  const appended = await appendLeaves(0, leaves, readTree)
  for (const { level, index, hash } of appended.hashes) tree.set(`${level}/${index}`, hash)
  const origin = originOf(publisher.id)
  const head = { origin, size: entries.length, root: appended.root }
  const checkpoint = await signCheckpoint(head, logSigner)
  return {
    label: 'the forger',
    checkpoint: async () => checkpoint,
    entries: async (_, { start, end }) => entries.slice(start, end),
    inclusion: (_, position) => proveInclusion(position, readTree),
    consistency: (_, sizes) => proveConsistency(sizes, readTree),
    indexPath: async (_, { root, name }) => {
      const nodes = await proveName(root, name, readIndex)
      const history = verifyName({ root, name, nodes })
      return history === undefined ? nodes : [...nodes, index.get(history) as Uint8Array]
    },
    blocks: async (cids) => cids.map((cid) => blocks.get(cid)),
    claimants: async () => [publisher.id],
  }
}

/** The fields of a release statement's predicate, exchanged. */
export function twistPredicate(fields: {
  readonly [key: string]: Json
}): (statement: Json) => Json {
  return (statement) => {
    const { predicate, ...rest } = statement as { predicate: object }
    return { ...rest, predicate: { ...predicate, ...fields } } as Json
  }
}
