// Whether all who do not lie have what they want, to the byte: every record and block that the owner’s log amounts to, or the proof that its
// owner has two histories.

import { listLacking } from '../../../src/registry/index.ts'
import type { PublisherId } from '../../../src/spec/index.ts'
import type { Contents, SimLog } from './logs.ts'
import type { SimNode } from './node.ts'
import { type Scenario, wants } from './scenario.ts'

interface Pair {
  readonly node: SimNode
  readonly log: SimLog
  readonly isForked: boolean
  /** What the owner has. */
  readonly contents: Contents
  /** Those it has a link with that do not lie. */
  readonly peers: readonly SimNode[]
}

/** Quickly: heads, proofs, and nothing lacking. */
export async function isSettled(scenario: Scenario, nodes: readonly SimNode[]): Promise<boolean> {
  for (const pair of pairsOf(scenario, nodes)) if (!(await hasHead(pair))) return false
  for (const node of nodes) {
    if (node.lie === undefined && (await lacking(node, scenario)).size > 0) return false
  }
  return true
}

export async function differences(
  scenario: Scenario,
  nodes: readonly SimNode[],
): Promise<{ readonly pairs: number; readonly found: readonly string[] }> {
  const pairs = [...pairsOf(scenario, nodes)]
  const found: string[] = []
  for (const pair of pairs) {
    const { node, log } = pair
    const fault = await faultOf(pair)
    if (fault !== undefined) found.push(`${node.name} and ${log.namespace}: ${fault}`)
  }
  for (const node of nodes) {
    if (node.lie !== undefined) continue
    for (const id of await lacking(node, scenario)) found.push(`${node.name} lacks blocks of ${id}`)
  }
  return { pairs: pairs.length, found }
}

function* pairsOf({ logs, forked, links }: Scenario, nodes: readonly SimNode[]): Generator<Pair> {
  for (const [i, log] of logs.entries()) {
    const owner = nodes.find(({ writes }) => writes?.log === log && !writes.isTwin)
    const contents = log.contents[owner?.step ?? 0]
    if (contents === undefined) continue
    for (const node of nodes) {
      if (node.lie !== undefined || !wants(node, log)) continue
      const peers = nodes.filter(
        ({ index, lie }) => lie === undefined && isLinked(index, node.index),
      )
      yield { node, log, contents, isForked: forked.has(i), peers }
    }
  }
  function isLinked(one: number, other: number): boolean {
    return links.some(([a, b]) => (a === one && b === other) || (a === other && b === one))
  }
}

async function hasHead(pair: Pair): Promise<boolean> {
  const { node, log, contents, isForked } = pair
  const table = isForked ? 'fork' : 'head'
  const [value] = await node.disk.findRecords([{ table, key: log.id }])
  if (value === undefined) return isForked && !(await knows(pair))
  return isForked || Buffer.compare(value, contents.head) === 0
}

/**
 * Who follows a namespace, and had nothing of a log before others dropped it as forked, cannot be told that it was meant; nor can those who
 * have only such peers. Everybody else has a head that is to be answered by the proof, or a peer that has the proof.
 */
async function knows({ node, log, peers }: Pair): Promise<boolean> {
  const { follows, disk } = node
  const key = { table: 'head', key: log.id } as const
  if ((await disk.findRecords([key]))[0] !== undefined) return true
  if (follows !== undefined && !follows.includes(log.id)) return false
  const proof = { table: 'fork', key: log.id } as const
  const held = await Promise.all(peers.map((peer) => peer.disk.findRecords([proof])))
  return held.some(([found]) => found !== undefined)
}

async function faultOf(pair: Pair): Promise<string | undefined> {
  const { node, contents, isForked, log } = pair
  const { disk } = node
  if (!(await hasHead(pair))) return isForked ? 'no proof of its fork' : 'another head'
  if (isForked) return undefined
  const values = await disk.findRecords(contents.records)
  // Of several releases that hold a tool, it may be found by another: one of them came late, from a second peer.
  const other = contents.records.filter(({ table, value }, i) => {
    const found = values[i]
    return found === undefined || (table !== 'use' && Buffer.compare(found, value) !== 0)
  })
  if (other.length > 0) {
    return `other records: ${other.map(({ table, key }) => `${table} ${key}`).join(', ')}`
  }
  const has = await disk.hasBlocks(contents.blocks)
  const missing = contents.blocks.filter((_, i) => has[i] !== true)
  if (missing.length > 0) return `no blocks ${missing.join(', ')}`
  const [fork, partial] = await disk.findRecords([
    { table: 'fork', key: log.id },
    { table: 'partial', key: log.id },
  ])
  if (fork !== undefined) return 'a proof of a fork that never was'
  return partial === undefined ? undefined : 'something left over of a log on its way'
}

/** Of logs that did not fork. */
async function lacking(
  { disk }: SimNode,
  { logs, forked }: Scenario,
): Promise<ReadonlySet<PublisherId>> {
  const ids = new Set(logs.flatMap(({ id }, i) => (forked.has(i) ? [] : [id])))
  const found = new Set<PublisherId>()
  for await (const { publisher } of listLacking(disk)) if (ids.has(publisher)) found.add(publisher)
  return found
}
