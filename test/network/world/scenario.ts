// What a seed means: who is there, who follows and knows whom, who lies, and what happens when. In the end every link is whole and every node
// runs, and whoever wants a log can get it from its owner through others who want it and do not lie.

import { LIES, type Lie } from './liars.ts'
import { FORKED_AFTER, type SimLog, STEPS } from './logs.ts'
import type { NodeSpec, Pace } from './node.ts'
import { createRandom, type Random } from './random.ts'

export type Happening =
  | { readonly kind: 'publish' | 'crash' | 'start'; readonly node: number }
  | { readonly kind: 'cut' | 'heal'; readonly link: Link }

export type Link = readonly [number, number]

export interface Scenario extends Pace {
  readonly seed: number
  readonly nodes: readonly NodeSpec[]
  readonly logs: readonly SimLog[]
  readonly links: readonly Link[]
  /** By number of the log. */
  readonly forked: ReadonlySet<number>
  /** Times rise. */
  readonly happenings: readonly (Happening & { readonly at: number })[]
  /** When everything is whole again. */
  readonly end: number
  /** A frame’s way takes so many milliseconds, within these. */
  readonly latency: readonly [number, number]
  /** Share of announcements that is lost. */
  readonly loss: number
}

export interface ScenarioOptions {
  readonly seed: number
  /** Drawn unless said: mostly few, at most 50. */
  readonly nodes?: number | undefined
  /** As many as a scenario may need. */
  readonly logs: readonly SimLog[]
}

export function drawScenario({ seed, nodes: given, logs: all }: ScenarioOptions): Scenario {
  const random = createRandom(seed)
  const drawn = drawSize(random)
  const size = given ?? drawn
  const logs = all.slice(0, random.between(1, Math.min(all.length, Math.max(1, size - 1), 4)))
  const forks = logs.map(() => size > logs.length + 1 && random.chance(0.15))
  const forked = new Set(forks.flatMap((isForked, i) => (isForked ? [i] : [])))
  const plain = drawNodes(random, { size, logs, forked })
  const links = drawLinks(random, plain, logs)
  const nodes = plain.map((node) => ({
    ...node,
    links: links.flatMap(([a, b]) => (a === node.index ? [b] : [])),
  }))
  const end = random.between(3_000, 20_000)
  const announces = random.chance(0.7)
  return {
    ...{ seed, nodes, logs, links, forked, end, announces },
    happenings: drawHappenings(random, { nodes, links, end, forked, logs }),
    period: random.between(2_000, 10_000),
    backOff: random.between(200, 2_000),
    maxBackOff: 10_000,
    latency: random.pick([
      [1, 1],
      [1, 60],
      [50, 50],
      [100, 400],
    ] as const),
    loss: random.chance(0.5) ? 0 : random() * 0.5,
  }
}

/** Whether a node that does not lie is to have this log in the end. */
export function wants({ writes, follows }: NodeSpec, log: SimLog): boolean {
  if (writes?.log === log) return true
  return follows === undefined || follows.includes(log.id) || follows.includes(log.namespace)
}

function drawSize(random: Random): number {
  const share = random()
  if (share < 0.86) return random.between(2, 5)
  if (share < 0.97) return random.between(6, 10)
  if (share < 0.995) return random.between(11, 24)
  return random.between(25, 50)
}

interface Drawn {
  readonly size: number
  readonly logs: readonly SimLog[]
  readonly forked: ReadonlySet<number>
}

/** First the owners, then those who show the other history of their log, then everybody else. */
function drawNodes(random: Random, { size, logs, forked }: Drawn): readonly NodeSpec[] {
  const twins = [...forked].slice(0, size - logs.length)
  return Array.from({ length: size }, (_, index): NodeSpec => {
    const own = logs[index]
    const twin = logs[twins[index - logs.length] ?? -1]
    const lie = own === undefined && twin === undefined ? drawLie(random) : undefined
    const log = own ?? twin
    const writes = log && { log, isTwin: own === undefined }
    const follows = drawFollows(
      random,
      logs.filter((one) => one !== log),
    )
    return { index, lie, writes, follows, links: [] }
  })
}

function drawLie(random: Random): Lie | undefined {
  return random.chance(0.15) ? random.pick(LIES) : undefined
}

function drawFollows(random: Random, logs: readonly SimLog[]): readonly string[] | undefined {
  if (random.chance(0.4)) return undefined
  const some = random.some(logs, random.between(Math.min(1, logs.length), logs.length))
  return some.map(({ id, namespace }) => (random.chance(0.25) ? namespace : id))
}

/** Some by chance; then, for every log, what is missing for it to reach all who want it. */
function drawLinks(
  random: Random,
  nodes: readonly NodeSpec[],
  logs: readonly SimLog[],
): readonly Link[] {
  const links: Link[] = []
  const add = (a: number, b: number): void => {
    const isKnown = links.some(([c, d]) => (a === c && b === d) || (a === d && b === c))
    if (a !== b && !isKnown) links.push(random.chance(0.5) ? [a, b] : [b, a])
  }
  for (const { index } of nodes) {
    for (let count = random.between(0, 2); count > 0; count--)
      add(index, random.below(nodes.length))
  }
  for (const log of logs) {
    const wanting = nodes.filter((node) => node.lie === undefined && wants(node, log))
    const [owner] = wanting.filter(({ writes }) => writes?.log === log)
    const reached = new Set(owner === undefined ? [] : [owner.index])
    spread(reached, wanting, links)
    for (const { index } of wanting) {
      if (reached.has(index)) continue
      add(index, random.pick([...reached]))
      reached.add(index)
      spread(reached, wanting, links)
    }
  }
  return links
}

function spread(reached: Set<number>, wanting: readonly NodeSpec[], links: readonly Link[]): void {
  const among = new Set(wanting.map(({ index }) => index))
  for (let before = -1; before !== reached.size; ) {
    before = reached.size
    for (const [a, b] of links) {
      if (!among.has(a) || !among.has(b)) continue
      if (reached.has(a)) reached.add(b)
      else if (reached.has(b)) reached.add(a)
    }
  }
}

interface Stage {
  readonly nodes: readonly NodeSpec[]
  readonly logs: readonly SimLog[]
  readonly links: readonly Link[]
  readonly forked: ReadonlySet<number>
  readonly end: number
}

function drawHappenings(random: Random, stage: Stage): Scenario['happenings'] {
  const { nodes, links, end } = stage
  const found: (Happening & { readonly at: number })[] = []
  const some = (): number => random.below(end)
  for (const { index } of nodes) {
    // Who comes late; the others are there from the beginning.
    found.push({ kind: 'start', node: index, at: random.chance(0.2) ? some() : 0 })
    for (let crashes = random.chance(0.3) ? random.between(1, 3) : 0; crashes > 0; crashes--) {
      const at = some()
      found.push({ kind: 'crash', node: index, at })
      found.push({ kind: 'start', node: index, at: at + random.between(0, 5_000) })
    }
  }
  for (const link of links) {
    for (let cuts = random.chance(0.3) ? random.between(1, 2) : 0; cuts > 0; cuts--) {
      const at = random.chance(0.4) ? 0 : some()
      found.push({ kind: 'cut', link, at })
      found.push({ kind: 'heal', link, at: at + random.between(0, 10_000) })
    }
  }
  if (random.chance(0.25)) found.push(...drawPartition(random, stage))
  found.push(...drawPublishing(random, stage))
  return found.filter(({ at }) => at < end).toSorted((a, b) => a.at - b.at)
}

/** Two halves that do not hear of each other for a while. */
function drawPartition(random: Random, { nodes, links, end }: Stage): Scenario['happenings'] {
  const half = new Set(random.some(nodes, nodes.length >> 1).map(({ index }) => index))
  const at = random.below(end)
  const between = links.filter(([a, b]) => half.has(a) !== half.has(b))
  const until = at + random.between(1_000, 15_000)
  return between.flatMap((link) => [
    { kind: 'cut', link, at } as const,
    { kind: 'heal', link, at: until } as const,
  ])
}

/** A log that forks goes on beyond the place where its two histories part. */
function drawPublishing(
  random: Random,
  { nodes, forked, logs, end }: Stage,
): Scenario['happenings'] {
  return nodes.flatMap(({ index, writes }) => {
    if (writes === undefined) return []
    const isForked = forked.has(logs.indexOf(writes.log))
    const least = isForked ? FORKED_AFTER + 1 : 1
    const steps = random.between(least, writes.isTwin ? FORKED_AFTER + 3 : STEPS - 1)
    return Array.from({ length: steps }, () => {
      return { kind: 'publish', node: index, at: random.below(end) } as const
    })
  })
}
