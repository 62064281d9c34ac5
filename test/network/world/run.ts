// Runs a scenario to its end, and then until everybody holds what it wants, or for so long that it should.

import { createMemoryHub } from '../../../src/sync/index.ts'
import { createClock } from './clock.ts'
import { differences, isSettled } from './judge.ts'
import { openNode, type SimNode } from './node.ts'
import { createRandom } from './random.ts'
import type { Happening, Scenario } from './scenario.ts'

export interface Outcome {
  /** Empty where all is well; else who has not got what. */
  readonly faults: readonly string[]
  /** Virtual milliseconds after everything was whole again. */
  readonly settledAfter: number
  /** Pairs of a node and a log that it had to have. */
  readonly pairs: number
  readonly events: number
  readonly frames: number
  /** Of every frame, its time, sender and receiver: alike for two runs of one seed. */
  readonly trace: number
}

const LOOK_MS = 250
/** So many periods and pauses are enough to reach across any of these networks. */
const PATIENCE_MS = 20 * 60_000

export async function runScenario(
  scenario: Scenario,
  look?: (nodes: readonly SimNode[]) => Promise<void>,
): Promise<Outcome> {
  const {
    seed,
    loss,
    latency: [least, most],
    happenings,
    end,
  } = scenario
  // Traces of thousands of expected refusals cost more than anything that is measured here.
  Error.stackTraceLimit = look === undefined ? 0 : 10
  const clock = createClock()
  const chance = createRandom(seed ^ 0x2545f491)
  let [frames, trace] = [0, 0]
  const pass = (from: string, to: string): Promise<void> => {
    frames += 1
    const takes = chance.between(least, most)
    trace = mix(mix(mix(trace, clock.now()), numberOf(from)), numberOf(to))
    return new Promise((resolve) => clock.after(takes, resolve))
  }
  const hub = createMemoryHub({ seed, loss, delay: pass, latency: pass })
  const faults: string[] = []
  const onFault = (error: unknown): void => {
    faults.push(error instanceof Error ? (error.stack ?? error.message) : String(error))
  }
  const { period, backOff, maxBackOff, announces } = scenario
  const random = createRandom(seed ^ 0x9e3779b9)
  const { logs } = scenario
  const world = { logs, hub, clock, random, onFault, period, backOff, maxBackOff, announces }
  const nodes: SimNode[] = []
  for (const spec of scenario.nodes) nodes.push(await openNode(spec, world))
  for (const happening of happenings) {
    await clock.run(happening.at)
    happen(happening, nodes, hub)
  }
  await clock.run(end)
  for (const [a, b] of scenario.links) hub.heal(`n${a}`, `n${b}`)
  for (const node of nodes) node.start()
  while (!(await isSettled(scenario, nodes)) && clock.now() < end + PATIENCE_MS) {
    await clock.run(clock.now() + LOOK_MS)
  }
  const settledAfter = clock.now() - end
  const { pairs, found } = await differences(scenario, nodes)
  await look?.(nodes)
  for (const node of nodes) node.crash()
  await clock.run(clock.now() + 10_000)
  return { faults: [...faults, ...found], settledAfter, pairs, events: clock.events, frames, trace }
}

function happen(
  happening: Happening,
  nodes: readonly SimNode[],
  hub: ReturnType<typeof createMemoryHub>,
): void {
  switch (happening.kind) {
    case 'cut':
    case 'heal': {
      const [a, b] = happening.link
      hub[happening.kind](`n${a}`, `n${b}`)
      return
    }
    default:
      nodes[happening.node]?.[happening.kind]()
  }
}

function numberOf(name: string): number {
  return Number(name.slice(1))
}

function mix(sum: number, value: number): number {
  const mixed = Math.imul(sum ^ value, 0x5bd1e995)
  return (mixed ^ (mixed >>> 15)) >>> 0
}
