// The index map: release name → CID of its history, as a Merkle tree whose shape depends on its content alone
// (docs/protocol.md, "The index map"). Names are added and replaced, never removed.

import type { Cid } from '../../cid/index.ts'
import type { Block } from '../../store/index.ts'
import { pathOf, type ReadNode, type ReadNodes, readNode } from './index-node.ts'
import { openIndex } from './index-tree.ts'

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

/** Throws NOT_FOUND for a node that `read` has not, PROOF_INVALID for one that is not a node of this map. */
export async function updateIndex(
  root: Cid,
  entries: readonly IndexEntry[],
  read: ReadNodes,
): Promise<IndexUpdate> {
  const tree = openIndex(root, read)
  return { root: await tree.set(entries), ...tree.changes() }
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
  return { history: node?.kind === 'leaf' ? node.entries.get(name) : undefined, nodes }
}

async function walk(root: Cid, name: string, read: ReadNodes): Promise<readonly ReadNode[]> {
  const path = pathOf(name)
  const nodes: ReadNode[] = []
  for (let cid: Cid | undefined = root; cid !== undefined; ) {
    const depth: number = nodes.length
    const found = await readNode(read, cid)
    nodes.push(found)
    cid = found.node.kind === 'branch' ? found.node.children.get(path.charAt(depth)) : undefined
  }
  return nodes
}
