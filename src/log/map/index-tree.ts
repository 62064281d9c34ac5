// The index map in the hands of whoever writes the log: the nodes it has touched stay in memory, each change makes only the way
// from its names to the root anew, and what only lived in between is never stored.

import type { Cid } from '../../cid/index.ts'
import type { Block } from '../../store/index.ts'
import type { IndexEntry } from './index-map.ts'
import {
  EMPTY_INDEX,
  LEAF_NAMES,
  nodeBlock,
  patchBranch,
  pathOf,
  type ReadNodes,
  readNode,
} from './index-node.ts'

const DIGITS: readonly string[] = [...'0123456789abcdef']

/** One writer at a time: calls must not overlap. */
export interface IndexTree {
  /** The history of a name. Throws NOT_FOUND for a node that is not there, PROOF_INVALID for one that is not what it is named by. */
  find(name: string): Promise<Cid | undefined>
  /** Adds names, or gives them new histories, and answers the new root. Throws as `find`; then the tree is used up. */
  set(entries: readonly IndexEntry[]): Promise<Cid>
  /** Nodes that the map has and the one it was opened at has not, and the other way round. */
  changes(): { readonly added: readonly Block[]; readonly removed: readonly Cid[] }
}

type Node =
  | { readonly kind: 'leaf'; readonly entries: Map<string, Cid> }
  | { readonly kind: 'branch'; readonly children: Map<string, Slot>; written?: Written }

/** A branch as it was last, and how many children it had. */
interface Written {
  readonly bytes: Uint8Array
  readonly count: number
}

/** A place in the map. */
interface Slot {
  cid: Cid
  /** Unless it has not been read yet. */
  node: Node | undefined
  /** What to store, if it was not there before. */
  bytes: Uint8Array | undefined
  /** Changed since `cid` was computed. */
  dirty: boolean
}

export function openIndex(cid: Cid, read: ReadNodes): IndexTree {
  const root = storedSlot(cid)
  const replaced = new Set<Cid>()

  async function load(slot: Slot): Promise<Node> {
    const { node } = await readNode(read, slot.cid)
    slot.node =
      node.kind === 'leaf'
        ? { kind: 'leaf', entries: new Map(node.entries) }
        : { kind: 'branch', children: mapValues(node.children, storedSlot) }
    return slot.node
  }

  /** The slots from the root to the leaf where the path ends, or to the branch without that child. */
  async function descend(path: string): Promise<readonly [Slot, ...Slot[]]> {
    const slots: [Slot, ...Slot[]] = [root]
    for (let slot: Slot | undefined = root; slot !== undefined; ) {
      const node: Node = slot.node ?? (await load(slot))
      slot = node.kind === 'leaf' ? undefined : node.children.get(path.charAt(slots.length - 1))
      if (slot !== undefined) slots.push(slot)
    }
    return slots
  }

  async function put({ name, history }: IndexEntry): Promise<void> {
    const path = pathOf(name)
    const slots = await descend(path)
    const last = slots.at(-1) ?? root
    const { node } = last
    if (node?.kind === 'branch') {
      const leaf: Node = { kind: 'leaf', entries: new Map([[name, history]]) }
      node.children.set(path.charAt(slots.length - 1), newSlot(leaf))
    } else if (node?.kind === 'leaf') {
      if (node.entries.get(name) === history) return
      node.entries.set(name, history)
      last.node = splitLeaf(node.entries, slots.length - 1)
    }
    for (const slot of slots) slot.dirty = true
  }

  function seal(slot: Slot): Slot {
    if (!slot.dirty || slot.node === undefined) return slot
    const block = blockOf(slot.node)
    slot.dirty = false
    if (block.cid === slot.cid) return slot
    if (slot.bytes === undefined) replaced.add(slot.cid)
    return Object.assign(slot, block)
  }

  function blockOf(node: Node): Block {
    if (node.kind === 'leaf') {
      return nodeBlock('leaf', [...node.entries.keys()].sort(), (name) => node.entries.get(name))
    }
    return branchOf(node)
  }

  /** Children are never taken out, so as many are the same ones: in a long log one of sixteen changes at a time. */
  function branchOf(node: Node & { readonly kind: 'branch' }): Block {
    const { children, written } = node
    const digits = DIGITS.filter((digit) => children.has(digit))
    const changed = new Map<number, Cid>()
    for (const [i, digit] of digits.entries()) {
      const child = children.get(digit)
      if (child?.dirty === true) changed.set(i, seal(child).cid)
    }
    const block =
      written?.count === digits.length
        ? patchBranch(written.bytes, changed)
        : nodeBlock('branch', digits, (digit) => children.get(digit)?.cid)
    node.written = { bytes: block.bytes, count: digits.length }
    return block
  }

  return {
    async find(name) {
      const node = (await descend(pathOf(name))).at(-1)?.node
      return node?.kind === 'leaf' ? node.entries.get(name) : undefined
    },
    async set(entries) {
      for (const entry of entries) await put(entry)
      return seal(root).cid
    },
    changes() {
      const fresh = [...newBlocks(root)]
      const again = new Set(fresh.map(({ cid }) => cid))
      return {
        added: fresh.filter(({ cid }) => !replaced.has(cid)),
        removed: [...replaced].filter((cid) => !again.has(cid)),
      }
    },
  }
}

function storedSlot(cid: Cid): Slot {
  return { cid, node: undefined, bytes: undefined, dirty: false }
}

/** Named once it is sealed. */
function newSlot(node: Node): Slot {
  return { cid: EMPTY_INDEX.cid, node, bytes: EMPTY_INDEX.bytes, dirty: true }
}

/** A leaf, or the branches that more names than a leaf holds belong under. */
function splitLeaf(entries: Map<string, Cid>, depth: number): Node {
  if (entries.size <= LEAF_NAMES) return { kind: 'leaf', entries }
  const groups = Map.groupBy(entries, ([name]) => pathOf(name).charAt(depth))
  const split = (group: [string, Cid][]): Slot => newSlot(splitLeaf(new Map(group), depth + 1))
  return { kind: 'branch', children: mapValues(groups, split) }
}

function* newBlocks({ cid, bytes, node }: Slot): Generator<Block> {
  if (bytes === undefined) return // Below what is stored, all is stored.
  yield { cid, bytes }
  if (node?.kind === 'branch') for (const child of node.children.values()) yield* newBlocks(child)
}

function mapValues<A, B>(map: ReadonlyMap<string, A>, change: (value: A) => B): Map<string, B> {
  const changed = new Map<string, B>()
  for (const [key, value] of map) changed.set(key, change(value))
  return changed
}
