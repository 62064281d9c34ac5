// The index map: release name → CID of its history, as a Merkle tree whose shape depends on its content alone
// (docs/protocol.md, "The index map"). Names are added and replaced, never removed.

import { type Cid, cidOf } from '../../cid/index.ts'
import { RegistryError } from '../../lib/index.ts'
import type { Block } from '../../store/index.ts'
import {
  EMPTY_INDEX,
  type IndexNode,
  LEAF_NAMES,
  nodeBlock,
  pathOf,
  readOwnNode,
} from './index-node.ts'

/** Answers each CID asked for, in order; undefined where there is none. What it answers is hashed again here. */
export type ReadNodes = (cids: readonly Cid[]) => Promise<readonly (Uint8Array | undefined)[]>

export interface IndexEntry {
  readonly name: string
  readonly history: Cid
}

export interface IndexUpdate {
  readonly root: Cid
  /** Nodes of the new map that the old one has not. */
  readonly added: readonly Block[]
  /** Nodes of the old map that the new one has not. */
  readonly removed: readonly Cid[]
}

/** Where an entry goes. */
type Placed = IndexEntry & { readonly path: string }

/** Nodes that were made or read here already: they need no second look. By identity of the bytes, which nobody changes. */
const made = new WeakMap<Uint8Array, { readonly cid: Cid; readonly node: IndexNode }>()

interface Update {
  readonly read: ReadNodes
  readonly added: Map<Cid, Block>
  readonly removed: Set<Cid>
}

/** Throws NOT_FOUND for a node that `read` has not, PROOF_INVALID for one that is not a node of this map. */
export async function updateIndex(
  root: Cid,
  entries: readonly IndexEntry[],
  read: ReadNodes,
): Promise<IndexUpdate> {
  const newest = new Map(entries.map(({ name, history }) => [name, history]))
  const placed = [...newest].map(place)
  const update: Update = { read, added: new Map(), removed: new Set() }
  if (placed.length === 0) return { root, added: [], removed: [] }
  const newRoot = await replace(update, root, '', placed)
  // A node that was there before and is there again is neither.
  const kept = [...update.added.keys()].filter((cid) => update.removed.has(cid))
  for (const cid of kept) {
    update.added.delete(cid)
    update.removed.delete(cid)
  }
  return { root: newRoot, added: [...update.added.values()], removed: [...update.removed] }
}

/** The nodes from the root to the leaf where the name is or would be, or to the branch without that child. Throws NOT_FOUND. */
export async function proveName(
  root: Cid,
  name: string,
  read: ReadNodes,
): Promise<readonly Uint8Array[]> {
  return (await findName(root, name, read)).nodes
}

/** The history of a name in a map of one's own, whose root needs no proof, and the nodes that prove it. Throws NOT_FOUND. */
export async function findName(
  root: Cid,
  name: string,
  read: ReadNodes,
): Promise<{ readonly history: Cid | undefined; readonly nodes: readonly Uint8Array[] }> {
  const walked = await walk(root, name, read)
  const nodes = walked.map(({ bytes }) => bytes)
  const node = walked.at(-1)?.node
  const isHere = node?.kind === 'leaf' && Object.hasOwn(node.entries, name)
  return { history: isHere ? node.entries[name] : undefined, nodes }
}

interface ReadNode {
  readonly bytes: Uint8Array
  readonly node: IndexNode
}

async function walk(root: Cid, name: string, read: ReadNodes): Promise<readonly ReadNode[]> {
  const path = pathOf(name)
  const nodes: ReadNode[] = []
  for (let cid: Cid | undefined = root; cid !== undefined; ) {
    const depth: number = nodes.length
    const found = await readNode(read, cid)
    nodes.push(found)
    cid = found.node.kind === 'branch' ? found.node.children[path.charAt(depth)] : undefined
  }
  return nodes
}

async function replace(
  update: Update,
  cid: Cid,
  prefix: string,
  entries: readonly Placed[],
): Promise<Cid> {
  const { node } = await readNode(update.read, cid)
  update.removed.add(cid)
  if (node.kind === 'leaf') {
    const merged: Record<string, Cid> = { ...node.entries }
    for (const { name, history } of entries) merged[name] = history
    // Names are hashed again only when the leaf has to be split.
    if (Object.keys(merged).length <= LEAF_NAMES)
      return add(update, { kind: 'leaf', entries: merged })
    return build(update, prefix.length, Object.entries(merged).map(place))
  }
  const children: Record<string, Cid> = { ...node.children }
  for (const [digit, group] of groupByDigit(entries, prefix.length)) {
    const child = children[digit]
    children[digit] =
      child === undefined
        ? build(update, prefix.length + 1, group)
        : await replace(update, child, prefix + digit, group)
  }
  return add(update, { kind: 'branch', children })
}

function build(update: Update, depth: number, entries: readonly Placed[]): Cid {
  if (entries.length <= LEAF_NAMES) {
    const pairs = entries.map(({ name, history }) => [name, history])
    return add(update, { kind: 'leaf', entries: Object.fromEntries(pairs) })
  }
  const children: Record<string, Cid> = {}
  for (const [digit, group] of groupByDigit(entries, depth)) {
    children[digit] = build(update, depth + 1, group)
  }
  return add(update, { kind: 'branch', children })
}

function add({ added }: Update, node: IndexNode): Cid {
  const block = nodeBlock(node)
  made.set(block.bytes, { cid: block.cid, node })
  added.set(block.cid, block)
  return block.cid
}

function place([name, history]: readonly [string, Cid]): Placed {
  return { name, history, path: pathOf(name) }
}

function groupByDigit(entries: readonly Placed[], depth: number): Map<string, Placed[]> {
  return Map.groupBy(entries, ({ path }) => path.charAt(depth))
}

async function readNode(read: ReadNodes, cid: Cid): Promise<ReadNode> {
  const [bytes] = cid === EMPTY_INDEX.cid ? [EMPTY_INDEX.bytes] : await read([cid])
  if (bytes === undefined) {
    throw new RegistryError('NOT_FOUND', 'A node of this index is not here.', {
      expected: cid,
      got: 'nothing',
      next: 'Ask for the newest checkpoint and its index; older ones are not kept.',
    })
  }
  const own = made.get(bytes)
  if (own?.cid === cid) return { bytes, node: own.node }
  const got = cidOf(bytes)
  if (got === cid) {
    const node = readOwnNode(bytes)
    made.set(bytes, { cid, node })
    return { bytes, node }
  }
  throw new RegistryError(
    'PROOF_INVALID',
    'The bytes of an index node are not the ones it is named by.',
    {
      expected: cid,
      got,
      next: 'Run `registry doctor`.',
    },
  )
}
