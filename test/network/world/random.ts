// Chance that can be repeated: everything a simulation draws follows from its seed.

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

/** mulberry32. */
export function createRandom(seed: number): Random {
  let state = seed >>> 0
  const draw = (): number => {
    state = (state + 0x6d2b79f5) >>> 0
    let mixed = Math.imul(state ^ (state >>> 15), state | 1)
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61)
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32
  }
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
