// Lengths of time as people write them: `90m`, `36h`, `7d`.

const UNITS = { s: 1000, m: 60_000, h: 60 * 60_000, d: 24 * 60 * 60_000 } as const

/** Milliseconds; undefined for anything else than a whole number from 1 to 99,999 and its unit. */
export function findAge(text: string): number | undefined {
  const [, count, unit] = /^([1-9][0-9]{0,4})([smhd])$/.exec(text) ?? []
  return count === undefined ? undefined : Number(count) * UNITS[unit as keyof typeof UNITS]
}

/** Whole units, rounded down, of the largest one that says enough. */
export function inUnits(ms: number): string {
  if (ms >= 2 * UNITS.d) return `${Math.floor(ms / UNITS.d)} days`
  if (ms >= 2 * UNITS.h) return `${Math.floor(ms / UNITS.h)} hours`
  if (ms >= 2 * UNITS.m) return `${Math.floor(ms / UNITS.m)} minutes`
  return `${Math.floor(ms / UNITS.s)} seconds`
}
