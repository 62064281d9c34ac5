#!/usr/bin/env node
// The command `registry`. Loads only what the verb at hand needs: start-up is mostly imports.

// The whole module: an old Node has no such name in it, and would end here before it is told that it is too old.
import * as nodeModule from 'node:module'

nodeModule.enableCompileCache?.()

const MINIMUM = [22, 22, 2]
const running = process.versions.node.split('.').map(Number)
const difference =
  MINIMUM.map((part, i) => (running[i] ?? 0) - part).find((part) => part !== 0) ?? 0

if (difference < 0) {
  process.stderr.write(
    `error USAGE This version of Node is too old.\n  expected Node ${MINIMUM.join('.')} or newer\n  got      Node ${process.versions.node}\n  next     Run it as \`npx registry …\` where it is installed, or update Node.\n`,
  )
  process.exitCode = 2
} else {
  const { run } = await import('./run.ts')
  process.exitCode = await run(process.argv.slice(2), process)
}
