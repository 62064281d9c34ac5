// Chance that can be repeated: everything a simulation draws follows from its seed.

import { createRandom as createSeeded } from '../../../src/lib/index.ts'

export interface Random {
  /** From 0 to 1. */
  (): number
  /** A whole number below `end`. */
  below(end: number): number
  between(least: number, most: number): number
  chance(share: number): boolean
  pick<T>(from: readonly T[]): T
  some<T>(from: readonly T[], count: number): readonly T[]
}

export function createRandom(seed: number): Random {
  const draw = createSeeded(seed)
  const below = (end: number): number => Math.floor(draw() * end)
  return Object.assign(draw, {
    below,
    between: (least: number, most: number) => least + below(most - least + 1),
    chance: (share: number) => draw() < share,
    pick: <T>(from: readonly T[]) => from[below(from.length)] as T,
    some<T>(from: readonly T[], count: number) {
      const left = [...from]
      return Array.from({ length: Math.min(count, left.length) }, () => {
        return left.splice(below(left.length), 1)[0] as T
      })
    },
  })
}
