// Runs crash-child on copies of a prepared folder, and looks at what is left with the product's own eyes.

import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { cp, mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { text } from 'node:stream/consumers'
import { afterAll } from 'vitest'
import { type BundledProgram, bundleProgram } from './bundle.ts'
import type { Copies } from './crash-copies.ts'

const CHILD = join(import.meta.dirname, 'crash-child.ts')

export interface CrashEnd {
  readonly signal: NodeJS.Signals | null
  readonly code: number | null
  readonly acknowledged: readonly string[]
  /** What it printed besides. */
  readonly rest: string
}

let program: Promise<BundledProgram> | undefined

/** Made by the first of a file that asks. */
function childProgram(): Promise<BundledProgram> {
  program ??= bundleProgram(CHILD)
  return program
}

afterAll(async () => {
  await (await program)?.[Symbol.asyncDispose]()
})

async function runChild(
  scenario: string,
  folder: string,
  point: number | 'each' | 'bare',
): Promise<CrashEnd> {
  const { path } = await childProgram()
  const child = spawn(process.execPath, [path, scenario, folder, String(point)], {
    stdio: ['ignore', 'pipe', 'pipe'],
  })
  const [[code, signal], output, errors] = await Promise.all([
    once(child, 'close') as Promise<[number | null, NodeJS.Signals | null]>,
    text(child.stdout),
    text(child.stderr),
  ])
  if (code !== null && code !== 0) throw new Error(`${scenario} at ${point}: ${errors}`)
  const lines = output.split('\n')
  return {
    code,
    signal,
    acknowledged: lines.filter((line) => line.startsWith('ack ')).map((line) => line.slice(4)),
    rest: lines.filter((line) => !line.startsWith('ack ')).join('\n'),
  }
}

export interface Crashed {
  readonly folder: string
  readonly acknowledged: readonly string[]
  /** Where it died, for messages. */
  readonly where: string
}

/** Kills the run at each of its points that `at` names, and hands over every folder that is left. Answers these points. */
export async function crashEverywhere(
  scenario: string,
  template: string,
  check: (crashed: Crashed) => Promise<void>,
  at: RegExp = /^/,
): Promise<readonly string[]> {
  await using whole = await copyOf(template)
  const end = await runChild(scenario, whole.path, 0)
  const labels = JSON.parse(end.rest) as readonly string[]
  await check({ folder: whole.path, acknowledged: end.acknowledged, where: 'not at all' })
  const chosen = [...labels.keys()].filter((i) => at.test(labels[i] ?? ''))
  const queue = [...chosen]
  const work = async (): Promise<void> => {
    for (let i = queue.shift(); i !== undefined; i = queue.shift()) {
      const where = `${scenario} at point ${i + 1}, ${labels[i]}`
      await using copy = await copyOf(template)
      const { signal, acknowledged } = await runChild(scenario, copy.path, i + 1)
      if (signal !== 'SIGKILL') throw new Error(`${where}: was not killed`)
      await explain(where, () => check({ folder: copy.path, acknowledged, where }))
    }
  }
  // A few at a time: most of a run is the start of its process.
  await Promise.all([work(), work(), work()])
  return chosen.map((i) => labels[i] ?? '')
}

/** Hands over the state of the disk at each await of a run that is not disturbed. Answers how many awaits there were. */
export async function crashAtEveryAwait(
  scenario: string,
  template: string,
  check: (crashed: Crashed) => Promise<void>,
): Promise<{ readonly awaits: number; readonly states: number }> {
  await using copy = await copyOf(template)
  const { awaits, copies } = JSON.parse(
    (await runChild(scenario, copy.path, 'each')).rest,
  ) as Copies
  for (const [i, { folder, acknowledged }] of copies.entries()) {
    const where = `${scenario}, state ${i} of ${copies.length}`
    await explain(where, () => check({ folder, acknowledged, where }))
  }
  return { awaits, states: copies.length }
}

async function explain(where: string, check: () => Promise<void>): Promise<void> {
  try {
    await check()
  } catch (cause) {
    throw new Error(`${where}: ${String(cause)}`, { cause })
  }
}

export interface TemporaryFolder extends AsyncDisposable {
  readonly path: string
}

export async function copyOf(template?: string): Promise<TemporaryFolder> {
  const path = await mkdtemp(join(tmpdir(), 'toolmark-crash-'))
  if (template !== undefined) await cp(template, path, { recursive: true })
  return { path, [Symbol.asyncDispose]: () => rm(path, { recursive: true, force: true }) }
}
