// How long does a command take beside starting Node at all? Whole processes, wall time.

import { spawnSync } from 'node:child_process'
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { openRegistry } from '../src/index.ts'
import { makeToolkit } from './corpus.ts'
import { type Measured, race } from './measure.ts'

const MAIN = join(import.meta.dirname, '..', 'dist', 'bin', 'registry.js')

export async function measure(): Promise<readonly Measured[]> {
  const home = await mkdtemp(join(tmpdir(), 'toolmark-bench-'))
  try {
    const cid = await prepare(home)
    const show = (): void => start([MAIN, '--home', home, 'show', cid])
    show()
    const raced = await race({ rounds: 15, items: 1 }, show, () => start(['-e', '0']))
    return [
      { question: 'registry show CID', unit: 'µs', ...raced, floorIs: 'node -e 0', target: 2.5 },
    ]
  } finally {
    await rm(home, { recursive: true })
  }
}

async function prepare(home: string): Promise<string> {
  await using registry = await openRegistry({ home })
  await registry.init()
  const [published] = await registry.publish([makeToolkit(1)])
  return published?.tools[0]?.cid ?? ''
}

function start(args: readonly string[]): void {
  const { status, stderr } = spawnSync(process.execPath, args)
  if (status !== 0) throw new Error(`${args.join(' ')} failed: ${stderr}`)
}
