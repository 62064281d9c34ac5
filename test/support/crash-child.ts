// One run of a product's verb, killed at a numbered point: crash-child SCENARIO FOLDER POINT. The product is the real one, on a
// real folder; only the calls below it are counted. POINT 0 runs to the end and prints the points. POINT `each` copies the
// state of the disk at every await, beside FOLDER.

import { writeSync } from 'node:fs'
import { enableCompileCache } from 'node:module'
import { join } from 'node:path'
import { createPoints, watch, watchFiles, watchLevel } from './crash-points.ts'

enableCompileCache()
const { openLogs, RUNS } = await import('./crash-scenarios.ts')
const [, , scenario = '', folder = '', chosen = '0'] = process.argv
const run = RUNS[scenario]
if (run === undefined) throw new Error(`no scenario ${scenario}`)
const points = createPoints(Number(chosen) || undefined)
const context = {
  folder,
  logs: scenario === 'pull' ? await openLogs(folder) : undefined,
  /** Said only after the verb has resolved, and in one write: what was said must never be lost. */
  acknowledge: (what: string): void => {
    writeSync(1, `ack ${what}\n`)
    points.mark()
  },
  watch: <T extends object>(name: string, object: T, methods: readonly string[]): T =>
    watch(points, name, object, methods),
}

if (chosen === 'each') {
  const { copyAtEveryAwait } = await import('./crash-copies.ts')
  const copies = copyAtEveryAwait(join(folder, 'home'), join(folder, 'copies'))
  await run({ ...context, acknowledge: copies.acknowledge })
  writeSync(1, JSON.stringify(copies.stop()))
} else {
  if (chosen !== 'bare') {
    await watchFiles(points)
    watchLevel(points)
  }
  await run(context)
  if (chosen === '0') writeSync(1, JSON.stringify(points.labels))
}
