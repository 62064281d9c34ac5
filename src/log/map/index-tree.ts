// The index map in the hands of whoever writes the log: the nodes it has touched stay in memory, each change makes only the way
// from its names to the root anew, and what only lived in between is never stored.

import { type Cid, cidOf } from '../../cid/index.ts'
import { copyBytes } from '../../lib/index.ts'
import type { Block } from '../../store/index.ts'
import type { IndexEntry } from './index-map.ts'
import {
  EMPTY_INDEX,
  FIRST_CID,
  LEAF_NAMES,
  NEXT_CID,
  pathOf,
  type ReadNodes,
  readNode,
  writeNode,
} from './index-node.ts'

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
  | { readonly kind: 'leaf'; members: Map<string, Cid> }
  | { readonly kind: 'branch'; members: Map<string, Slot> }

/** A place in the map. */
interface Slot {
  cid: Cid
  /** Unless it has not been read yet. */
  node: Node | undefined
  /** The node’s bytes, with a place for each of its members; undefined when it has gained one since, or was not written here. */
  written: Buffer | undefined
  /** It was there before the map was opened. */
  stored: boolean
  /** Changed since `cid` was computed. */
  dirty: boolean
}

/** From the root down. */
type Way = readonly [Slot, ...Slot[]]

export function openIndex(cid: Cid, read: ReadNodes): IndexTree {
  const root = storedSlot(cid)
  const replaced = new Set<Cid>()

  async function load(slot: Slot): Promise<void> {
    const { node } = await readNode(read, slot.cid)
    slot.node =
      node.kind === 'leaf'
        ? { kind: 'leaf', members: new Map(node.entries) }
        : { kind: 'branch', members: mapValues(node.children, storedSlot) }
  }

  /** The slots from the root to the leaf where the path ends, or to the branch without that child. */
  async function reach(path: string): Promise<Way> {
    for (;;) {
      const way = descend(path)
      const last = lastOf(way)
      if (last.node !== undefined) return way
      await load(last)
    }
  }

  /** The same, or as far as nodes have been read. */
  function descend(path: string): Way {
    const way: [Slot, ...Slot[]] = [root]
    for (let slot: Slot | undefined = root; slot?.node?.kind === 'branch'; ) {
      slot = slot.node.members.get(path.charAt(way.length - 1))
      if (slot !== undefined) way.push(slot)
    }
    return way
  }

  function put(way: Way, path: string, { name, history }: IndexEntry): void {
    const last = lastOf(way)
    const { node } = last
    if (node?.kind === 'branch') {
      const leaf: Node = { kind: 'leaf', members: new Map([[name, history]]) }
      node.members.set(path.charAt(way.length - 1), newSlot(leaf))
      last.written = undefined
    } else if (node?.kind === 'leaf') {
      const before = node.members.get(name)
      if (before === history) return
      node.members.set(name, history)
      if (before === undefined) {
        last.node = splitLeaf(node.members, way.length - 1)
        last.written = undefined
      } else {
        writeMember(last, node.members, name, history)
      }
    }
    for (const slot of way) slot.dirty = true
  }

  function seal(slot: Slot): void {
    const { node } = slot
    if (!slot.dirty || node === undefined) return
    slot.dirty = false
    if (node.kind === 'branch') sealChildren(slot, node.members)
    slot.written ??= writeWhole(node)
    const cid = cidOf(slot.written)
    if (cid === slot.cid) return
    if (slot.stored) replaced.add(slot.cid)
    slot.stored = false
    slot.cid = cid
  }

  /** In a long log one of sixteen changes at a time. */
  function sealChildren({ written }: Slot, children: ReadonlyMap<string, Slot>): void {
    // Each key is one digit.
    let at = FIRST_CID.branch + 1
    for (const child of children.values()) {
      if (child.dirty) {
        seal(child)
        written?.write(child.cid, at, 'latin1')
      }
      at += NEXT_CID + 1
    }
  }

  return {
    async find(name) {
      const { node } = lastOf(await reach(pathOf(name)))
      return node?.kind === 'leaf' ? node.members.get(name) : undefined
    },
    async set(entries) {
      for (const entry of entries) {
        const path = pathOf(entry.name)
        const way = descend(path)
        put(lastOf(way).node === undefined ? await reach(path) : way, path, entry)
      }
      seal(root)
      return root.cid
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
  return { cid, node: undefined, written: undefined, stored: true, dirty: false }
}

/** Named once it is sealed. */
function newSlot(node: Node): Slot {
  return { cid: EMPTY_INDEX.cid, node, written: undefined, stored: false, dirty: true }
}

/** A leaf, or the branches that more names than a leaf holds belong under. */
function splitLeaf(members: Map<string, Cid>, depth: number): Node {
  if (members.size <= LEAF_NAMES) return { kind: 'leaf', members }
  const groups = Map.groupBy(members, ([name]) => pathOf(name).charAt(depth))
  const split = (group: [string, Cid][]): Slot => newSlot(splitLeaf(new Map(group), depth + 1))
  return { kind: 'branch', members: mapValues(groups, split) }
}

/** The whole node, whose members then have the order of its text. */
function writeWhole(node: Node): Buffer {
  if (node.kind === 'leaf') {
    node.members = sortByKey(node.members)
    return writeNode('leaf', node.members)
  }
  node.members = sortByKey(node.members)
  return writeNode(
    'branch',
    mapValues(node.members, ({ cid }) => cid),
  )
}

/** Another CID for a member of a leaf that is written: each is as long as the next. */
function writeMember({ written }: Slot, members: Map<string, Cid>, name: string, cid: Cid): void {
  let at = FIRST_CID.leaf
  for (const key of members.keys()) {
    at += key.length
    if (key === name) break
    at += NEXT_CID
  }
  written?.write(cid, at, 'latin1')
}

function* newBlocks({ cid, node, written, stored }: Slot): Generator<Block> {
  if (stored || written === undefined) return // Below what is stored, all is stored.
  // A copy: the tree goes on writing into its own.
  yield { cid, bytes: copyBytes(written) }
  if (node?.kind === 'branch') for (const child of node.members.values()) yield* newBlocks(child)
}

function lastOf(way: Way): Slot {
  return way[way.length - 1] ?? way[0]
}

function sortByKey<T>(map: ReadonlyMap<string, T>): Map<string, T> {
  return new Map([...map].sort(([a], [b]) => (a < b ? -1 : 1)))
}

function mapValues<A, B>(map: ReadonlyMap<string, A>, change: (value: A) => B): Map<string, B> {
  const changed = new Map<string, B>()
  for (const [key, value] of map) changed.set(key, change(value))
  return changed
}
