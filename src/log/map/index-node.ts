// Nodes of the index map (docs/protocol.md, "The index map"): leaves of at most 16 names, and branches by one hex digit.
// One node alone; how nodes hang together is index-map.ts's and index-proof.ts's.

import { blockOf, type Cid, cidOf } from '../../cid/index.ts'
import {
  copyBytes,
  createMemo,
  dropOldest,
  equalBytes,
  isJsonObject,
  type JsonObject,
  parseCanonical,
  RegistryError,
  sha256Hex,
} from '../../lib/index.ts'
import { parseName } from '../../spec/index.ts'
import type { Block } from '../../store/index.ts'
import { cidAt, closedObject, constantAt, describe, refusal } from '../entries/fields.ts'

export type IndexNode =
  | { readonly kind: 'leaf'; readonly entries: ReadonlyMap<string, Cid> }
  | { readonly kind: 'branch'; readonly children: ReadonlyMap<string, Cid> }

/** A subtree of more names is a branch. */
export const LEAF_NAMES = 16
/** 16 names of 200 characters with their CIDs take 4.3 KB. */
const MAX_NODE = 8 * 1024
const KIND = 'index/v1'
/** The one key that is no name: the log’s state beside its names. */
export const RESERVED = 'authority'

const refuse = refusal(
  'PROOF_INVALID',
  'This is not a node of a publisher’s index.',
  'Do not use it. Ask another peer; if the answer is the same, tell the publisher.',
)

/** The map without names: what a genesis commits to. */
export const EMPTY_INDEX: Block = blockOf(writeNode('leaf', []))

/** 64 hex digits: the way of a name through the map. */
export function pathOf(name: string): string {
  return paths.get(name, () => sha256Hex(name))
}

/**
 * The canonical form, written directly: names, digits and CIDs hold nothing that JSON escapes. Members are sorted by key. In memory of its
 * own: whoever writes a log keeps it, and writes into it.
 */
export function writeNode(
  kind: IndexNode['kind'],
  members: Iterable<readonly [key: string, cid: Cid]>,
): Buffer {
  let written = ''
  for (const [key, cid] of members) written += `${written === '' ? '' : ','}"${key}":"${cid}"`
  const field = kind === 'leaf' ? 'entries' : 'children'
  const text = `{"${field}":{${written}},"kind":"${KIND}"}`
  const bytes = Buffer.allocUnsafeSlow(text.length)
  bytes.write(text, 'latin1')
  return bytes
}

/** Where the CID of the first member would stand if its key were empty: after `{"entries":{"":"`, or after `{"children":{"":"`. */
export const FIRST_CID: Readonly<Record<IndexNode['kind'], number>> = { leaf: 16, branch: 17 }
/** From one to the next, beside the length of the next one’s key: a CID, `","` and `":"`. */
export const NEXT_CID = 65

/** `prefix` is the part of the path that leads here. Throws PROOF_INVALID, or the JSON_* code that says more. */
function parseNode(bytes: Uint8Array, prefix: string): IndexNode {
  const value = parseCanonical(bytes, { maxBytes: MAX_NODE })
  const isBranch = isJsonObject(value) && Object.hasOwn(value, 'children')
  const fields = closedObject(value, { path: '', refuse }, [
    'kind',
    isBranch ? 'children' : 'entries',
  ])
  constantAt(fields.kind, KIND, '/kind', refuse)
  return isBranch ? parseBranch(fields, prefix) : parseLeaf(fields, prefix)
}

/**
 * A node of a map of one's own, for bytes that hash to the CID that its parent, or the signed head, names: it was checked or made
 * before it was stored, and its hash says that it is still the same.
 */
function readOwnNode(bytes: Uint8Array): IndexNode {
  const text = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.length).toString('utf8')
  const { entries, children } = JSON.parse(text) as {
    readonly entries?: Readonly<Record<string, Cid>>
    readonly children?: Readonly<Record<string, Cid>>
  }
  return children === undefined
    ? { kind: 'leaf', entries: new Map(Object.entries(entries ?? {})) }
    : { kind: 'branch', children: new Map(Object.entries(children)) }
}

/** A node that runs for months fills whatever room there is, so there is little: enough for what many names of one log share. */
const KEPT = 96

/** A name is set again with each of its versions. */
const paths = createMemo<string>(KEPT)

/** Nodes as they were hashed: those near the root are met once for every name below them. */
const hashed = new Map<Cid, Uint8Array>()

/** Whether the bytes hash to the CID, as equal bytes did before. */
export function isNodeOf(cid: Cid, bytes: Uint8Array): boolean {
  const known = hashed.get(cid)
  if (known !== undefined && equalBytes(known, bytes)) return true
  if (cidOf(bytes) !== cid) return false
  // A copy: these bytes are somebody else’s, who may write into them.
  hashed.set(cid, copyBytes(bytes))
  dropOldest(hashed, KEPT)
  return true
}

/** The bytes, if they are there and hash to the CID. Throws NOT_FOUND, PROOF_INVALID. */
function assertNode(cid: Cid, bytes: Uint8Array | undefined): Uint8Array {
  if (bytes === undefined) {
    throw new RegistryError('NOT_FOUND', 'A node of this index is not here.', {
      expected: cid,
      got: 'nothing',
      next: 'Ask for the newest checkpoint and its index; older ones are not kept.',
    })
  }
  if (isNodeOf(cid, bytes)) return bytes
  const got = cidOf(bytes)
  throw new RegistryError(
    'PROOF_INVALID',
    'The bytes of an index node are not the ones it is named by.',
    { expected: cid, got, next: 'Run `registry doctor`.' },
  )
}

/** Answers each CID asked for, in order; undefined where there is none. What it answers is hashed again here. */
export type ReadNodes = (cids: readonly Cid[]) => Promise<readonly (Uint8Array | undefined)[]>

export interface ReadNode {
  readonly bytes: Uint8Array
  readonly node: IndexNode
}

/** A node of a map of one's own. Throws as `assertNode`. */
export async function readNode(read: ReadNodes, cid: Cid): Promise<ReadNode> {
  const [found] = cid === EMPTY_INDEX.cid ? [EMPTY_INDEX.bytes] : await read([cid])
  const bytes = assertNode(cid, found)
  return { bytes, node: own.get(cid, () => readOwnNode(bytes)) }
}

const own = createMemo<IndexNode>(KEPT)
const parsed = createMemo<IndexNode>(KEPT)

/** The same, for bytes that are known to hash to the CID: the nodes near the root are read for every name. */
export function parseHashedNode(cid: Cid, bytes: Uint8Array, prefix: string): IndexNode {
  return parsed.get(`${cid}/${prefix}`, () => parseNode(bytes, prefix))
}

function parseLeaf(fields: JsonObject, prefix: string): IndexNode {
  const entries = cidMap(fields, 'entries')
  const names = [...entries.keys()]
  // Only the map itself may be empty: an empty leaf deeper would be a second form of the same content.
  const least = prefix === '' ? 0 : 1
  if (names.length < least || names.length > LEAF_NAMES) {
    throw refuse(`${least} to ${LEAF_NAMES} names in a leaf`, `${names.length}`, '/entries')
  }
  // A name under another path would be hidden from those who look for it, and shown to those who do not.
  for (const name of names) if (name !== RESERVED) parseName(name)
  const stray = names.find((name) => !pathOf(name).startsWith(prefix))
  if (stray === undefined) return { kind: 'leaf', entries }
  throw refuse(
    `names whose path begins with "${prefix}"`,
    JSON.stringify(stray.slice(0, 200)),
    '/entries',
  )
}

function parseBranch(fields: JsonObject, prefix: string): IndexNode {
  const children = cidMap(fields, 'children')
  const digits = [...children.keys()]
  const odd = digits.find((digit) => !/^[0-9a-f]$/.test(digit))
  if (odd !== undefined)
    throw refuse('hex digits as children', JSON.stringify(odd.slice(0, 20)), '/children')
  if (digits.length === 0) throw refuse('one child or more', 'none', '/children')
  if (prefix.length >= 64) throw refuse('a leaf after 64 digits', 'a branch', '/children')
  return { kind: 'branch', children }
}

function cidMap(fields: JsonObject, key: string): ReadonlyMap<string, Cid> {
  const value = fields[key]
  if (!isJsonObject(value)) throw refuse('an object', describe(value), `/${key}`)
  const members = Object.entries(value)
  return new Map(members.map(([name, cid]) => [name, cidAt(cid, `/${key}/${name}`, refuse)]))
}
