// Whether a figure grows. Theil and Sen’s line: the median of the slopes between any two samples, which a burst here and there does not bend.
// Growth is what that line rises between its first and its last sample, and only what is beyond the allowance, which is what the same process differs
// by from minute to minute.

import type { Parts } from './parts.ts'
import type { Sample } from './sample.ts'

export interface Grown {
  readonly figure: Figure
  readonly samples: number
  /** Of the first and the last fifth of the samples. */
  readonly first: number
  readonly last: number
  readonly perMinute: number
  readonly rise: number
  readonly allowed: number
}

const FIGURES = {
  live: { allowed: 1.5, of: (it: Sample) => it.live },
  // Functions are compiled once they have run often enough, some after minutes; there is an end to them.
  code: { allowed: 1.5, of: (it: Sample) => it.code },
  anonymous: { allowed: 8, of: (it: Sample) => it.anonymous },
  handles: { allowed: 2, of: (it: Sample) => it.handles },
  sockets: { allowed: 2, of: (it: Sample) => it.sockets },
  files: { allowed: 2, of: (it: Sample) => it.files },
  threads: { allowed: 1, of: (it: Sample) => it.threads },
} as const

export type Figure = keyof typeof FIGURES

export function growthOf(samples: readonly Sample[]): readonly Grown[] {
  return (Object.keys(FIGURES) as Figure[]).map((figure) => {
    const { allowed, of } = FIGURES[figure]
    const points = samples.flatMap((it) => {
      const value = of(it)
      return value === undefined ? [] : [{ at: it.at, value }]
    })
    const fifth = Math.max(1, Math.floor(points.length / 5))
    const values = points.map(({ value }) => value)
    const perMinute = slopeOf(points)
    const rise = perMinute * ((points.at(-1)?.at ?? 0) - (points[0]?.at ?? 0))
    return {
      ...{ figure, samples: points.length, perMinute, rise, allowed },
      first: median(values.slice(0, fifth)),
      last: median(values.slice(-fifth)),
    }
  })
}

export interface GrownPart {
  readonly part: keyof Parts
  readonly first: number
  readonly last: number
  readonly most: number
}

/** Not judged: where to look for what has grown. */
export function partsOfGrowth(samples: readonly Sample[]): readonly GrownPart[] {
  const all = samples.flatMap(({ parts }) => (parts === undefined ? [] : [parts]))
  const fifth = Math.max(1, Math.floor(all.length / 5))
  return (Object.keys(all[0] ?? {}) as (keyof Parts)[]).map((part) => {
    const values = all.map((it) => it[part])
    const [first, last] = [median(values.slice(0, fifth)), median(values.slice(-fifth))]
    return { part, first, last, most: Math.max(...values) }
  })
}

interface Point {
  readonly at: number
  readonly value: number
}

function slopeOf(points: readonly Point[]): number {
  const slopes = points.flatMap((one, i) =>
    points.slice(i + 1).map((other) => (other.value - one.value) / (other.at - one.at)),
  )
  return slopes.length === 0 ? 0 : median(slopes)
}

function median(values: readonly number[]): number {
  const sorted = values.toSorted((a, b) => a - b)
  const middle = sorted.length / 2
  const [low = Number.NaN, high = low] = [sorted[Math.ceil(middle) - 1], sorted[Math.floor(middle)]]
  return (low + high) / 2
}
