// Checking a path through the index map against its root: which history a name has, or that it has none. Pure.
// One path shows one map: a part of the map that the path does not pass is not judged.

import { type Cid, cidOf } from '../../cid/index.ts'
import { RegistryError } from '../../lib/index.ts'
import { type IndexNode, isNodeOf, parseHashedNode, pathOf } from './index-node.ts'

/**
 * The CID of the name's history, or undefined where the nodes prove that it has none. Throws PROOF_INVALID for anything else:
 * other bytes, a missing node, an extra one, or a shape that the content does not give.
 */
export function verifyName({
  root,
  name,
  nodes,
}: {
  readonly root: Cid
  readonly name: string
  readonly nodes: readonly Uint8Array[]
}): Cid | undefined {
  const path = pathOf(name)
  let expected: Cid | undefined = root
  let parent: IndexNode | undefined
  for (const [depth, bytes] of nodes.entries()) {
    if (expected === undefined) throw invalid('no node after the end of the path', 'one more')
    assertHash(expected, bytes)
    const node = parse(expected, bytes, path.slice(0, depth))
    assertShape(parent, node)
    if (node.kind === 'leaf') {
      if (depth + 1 < nodes.length) throw invalid('no node after a leaf', 'one more')
      return node.entries.get(name)
    }
    expected = node.children.get(path.charAt(depth))
    parent = node
  }
  if (expected === undefined) return undefined
  throw invalid(`the node ${expected}`, 'the end of the proof')
}

/** A branch over one leaf holds at most 16 names, so it should have been that leaf: content with a second form. */
function assertShape(parent: IndexNode | undefined, node: IndexNode): void {
  if (parent?.kind !== 'branch' || node.kind !== 'leaf') return
  if (parent.children.size > 1) return
  throw invalid('a branch only over more than 16 names', 'a branch over one leaf')
}

function assertHash(expected: Cid, bytes: Uint8Array): void {
  if (isNodeOf(expected, bytes)) return
  throw invalid(`the node ${expected}`, `the node ${cidOf(bytes)}`)
}

function parse(cid: Cid, bytes: Uint8Array, prefix: string): IndexNode {
  try {
    return parseHashedNode(cid, bytes, prefix)
  } catch (cause) {
    if (!(cause instanceof RegistryError) || cause.code === 'PROOF_INVALID') throw cause
    throw new RegistryError('PROOF_INVALID', cause.message, { ...cause.details, cause })
  }
}

function invalid(expected: string, got: string): RegistryError {
  return new RegistryError('PROOF_INVALID', 'This is not a proof from the publisher’s index.', {
    expected,
    got,
    next: 'Do not use it. Ask another peer; if the answer is the same, tell the publisher.',
  })
}
