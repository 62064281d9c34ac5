// What a soak came to, for people to read.

import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import type { Found } from './check.ts'
import type { Grown, GrownPart } from './growth.ts'

/** What is in the log of a node, counted; lines that are no events of it are whole. */
export function saidBy(folder: string, name: string): Readonly<Record<string, number>> {
  const lines = readFileSync(join(folder, `${name}.log`), 'utf8')
    .split('\n')
    .filter(Boolean)
  const said = new Map<string, number>()
  for (const line of lines) {
    const [, event] = /"event":"([a-z-]+)"/.exec(line) ?? []
    const [, code = ''] = /"code":"([A-Z_]+)"/.exec(line) ?? []
    const what = event === undefined ? line : `${event} ${code}`.trim()
    said.set(what, (said.get(what) ?? 0) + 1)
  }
  return Object.fromEntries([...said].sort())
}

export interface Figures {
  /** Minutes that are not judged. */
  readonly warmUp: number
  readonly share: number
  readonly settledAfter: number
  readonly counts: Readonly<Record<string, number>>
  readonly said: Readonly<Record<string, Readonly<Record<string, number>>>>
  readonly found: readonly Found[]
  readonly ended: readonly {
    readonly node: string
    readonly code: number | null
    readonly ms: number
  }[]
  readonly growth: readonly {
    readonly node: string
    readonly figures: readonly Grown[]
    readonly parts: readonly GrownPart[]
  }[]
}

/** Answers whether all is well. */
export function report(figures: Figures): boolean {
  const { share, settledAfter, counts: happened, said, found, ended } = figures
  console.info(
    `${(share * 100).toFixed(0)} % of a core; settled after ${settledAfter.toFixed(1)} s`,
  )
  console.info(JSON.stringify({ happened, said }, undefined, 1))
  console.table(found.map(({ wrong, ...rest }) => ({ ...rest, wrong: wrong.length })))
  console.table(ended)
  for (const { node, figures: grown, parts } of figures.growth) {
    console.info(`${node}, from minute ${figures.warmUp}`)
    console.table(
      grown.map((it) => ({ ...it, verdict: it.rise > it.allowed ? 'GROWS' : 'no growth' })),
    )
    console.table(parts)
  }
  const wrong = found.flatMap((it) => it.wrong)
  for (const line of wrong.slice(0, 20)) console.info(line)
  const isGrowing = figures.growth.some(({ figures: grown }) =>
    grown.some((it) => it.rise > it.allowed),
  )
  const isUnclean = ended.some(({ code }) => code !== 0)
  return wrong.length === 0 && !isGrowing && !isUnclean
}
