// `npm run simulate -- [--nodes 200] [--seed N] [--runs N]`: what the convergence test does, with as many nodes as one likes, and one seed again.

import { parseArgs } from 'node:util'
import { simLogs } from './world/logs.ts'
import { runScenario } from './world/run.ts'
import { drawScenario } from './world/scenario.ts'
import { shareVerdicts } from './world/verdicts.ts'

const { values } = parseArgs({
  options: {
    nodes: { type: 'string' },
    seed: { type: 'string', default: process.env.SEED ?? '1' },
    runs: { type: 'string', default: '1' },
  },
})
shareVerdicts()
const logs = await simLogs(4)
const nodes = values.nodes === undefined ? undefined : Number(values.nodes)
const first = Number(values.seed)
for (let seed = first; seed < first + Number(values.runs); seed++) {
  const began = performance.now()
  const scenario = drawScenario({ seed, nodes, logs })
  const { faults, ...outcome } = await runScenario(scenario)
  const seconds = Number(((performance.now() - began) / 1000).toFixed(2))
  const { nodes: all, logs: its, links, forked, happenings } = scenario
  const liars = all.filter(({ lie }) => lie !== undefined).length
  const counts = { nodes: all.length, liars, links: links.length, logs: its.length }
  const drawn = { ...counts, forked: forked.size, happenings: happenings.length }
  console.log(JSON.stringify({ seed, ...drawn, ...outcome, seconds }))
  for (const fault of faults) console.log(`  ${fault}`)
  if (faults.length > 0) process.exitCode = 1
}
