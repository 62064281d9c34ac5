// The end of a soak: what every publisher was told is published must be on every node, with what was taken back, and must verify.

import { setTimeout as sleep } from 'node:timers/promises'
import { command } from './command.ts'
import type { SoakNode } from './node.ts'
import type { Acknowledged } from './work.ts'

export interface Found {
  readonly node: string
  readonly when: 'running' | 'ended'
  readonly acknowledged: number
  readonly verified: number
  readonly revoked: number
  /** Here, and never acknowledged: published by a command whose answer was lost. */
  readonly more: number
  /** Empty unless something is wrong. */
  readonly wrong: readonly string[]
}

interface Listed {
  readonly releases: readonly {
    readonly name: string
    readonly version: string
    readonly said?: string
  }[]
}

interface Result {
  readonly target: string
  readonly verdict: string
  readonly name?: string
  readonly version?: string
  readonly release?: string
}

/** Seconds until every node lists everything, at most so many. */
export async function settled(
  nodes: readonly SoakNode[],
  acknowledged: readonly Acknowledged[],
  most: number,
): Promise<number> {
  const began = performance.now()
  for (;;) {
    const missing = await Promise.all(nodes.map((node) => missingOn(node, acknowledged)))
    const seconds = (performance.now() - began) / 1000
    if (missing.every((list) => list.length === 0) || seconds > most) return seconds
    await sleep(2_000)
  }
}

async function missingOn(
  { home, name: node }: SoakNode,
  acknowledged: readonly Acknowledged[],
): Promise<readonly string[]> {
  const { json } = await command(home, 'list')
  const listed = new Map(
    ((json as Listed).releases ?? []).map(({ name, version, said }) => [
      `${name}@${version}`,
      said,
    ]),
  )
  return acknowledged.flatMap(({ name, version, said }) => {
    const key = `${name}@${version}`
    if (!listed.has(key)) return [`${node}: ${key} is not listed`]
    return listed.get(key) === said ? [] : [`${node}: ${key} is ${listed.get(key)}, not ${said}`]
  })
}

export async function check(
  node: SoakNode,
  acknowledged: readonly Acknowledged[],
  when: Found['when'],
): Promise<Found> {
  const wrong: string[] = [...(await missingOn(node, acknowledged))]
  const gone = acknowledged.filter(({ said }) => said === 'revoked')
  const results = [...(await resultsOf(node))]
  // Without a target, what its publisher has withdrawn is left out.
  if (gone.length > 0) {
    results.push(...(await resultsOf(node, ...gone.map((it) => `${it.name}@${it.version}`))))
  }
  const byTarget = new Map(results.map((result) => [result.target, result]))
  let [verified, revoked] = [0, 0]
  for (const { name, version, release, said } of acknowledged) {
    const target = `${name}@${version}`
    const found = byTarget.get(target)
    if (said === 'revoked' && found?.verdict === 'REVOKED') revoked += 1
    else if (said !== 'revoked' && found?.verdict === 'VERIFIED' && found.release === release) {
      verified += 1
    } else wrong.push(`${node.name}: ${target} (${said}): ${JSON.stringify(found)}`)
  }
  const more = results.length - acknowledged.length
  return {
    node: node.name,
    when,
    acknowledged: acknowledged.length,
    verified,
    revoked,
    more,
    wrong,
  }
}

async function resultsOf(
  { home }: SoakNode,
  ...targets: readonly string[]
): Promise<readonly Result[]> {
  const { json } = await command(home, 'verify', ...targets)
  return (json as { readonly results: readonly Result[] }).results
}
