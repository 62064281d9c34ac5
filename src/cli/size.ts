// Sizes and counts as people write them: `500MiB`, `10GiB`, or a plain number of bytes; `1 entry`, `2 entries`.

import { RegistryError } from '../lib/index.ts'

const UNITS = { '': 1, KiB: 1024, MiB: 1024 ** 2, GiB: 1024 ** 3, TiB: 1024 ** 4 } as const

/** Bytes. Throws USAGE for anything else than a whole number, at least 1, and its unit. */
export function parseSize(text: string, flag: string): number {
  const [, count, unit] = /^([1-9][0-9]{0,14})(KiB|MiB|GiB|TiB|)$/.exec(text) ?? []
  const bytes = Number(count) * UNITS[unit as keyof typeof UNITS]
  if (Number.isSafeInteger(bytes)) return bytes
  throw new RegistryError('USAGE', `This is no size for ${flag}.`, {
    expected: 'a whole number and KiB, MiB, GiB or TiB, such as 10GiB; without a unit it is bytes',
    got: text,
    next: `Write for example \`${flag} 10GiB\`.`,
  })
}

/** Three digits or so, of the largest unit that leaves a whole number before the point. */
export function formatSize(bytes: number): string {
  const units = Object.entries(UNITS).toReversed()
  const [unit = '', worth = 1] = units.find(([, size]) => bytes >= size) ?? []
  if (unit === '') return `${bytes} bytes`
  const count = bytes / worth
  return `${count >= 100 ? Math.round(count) : Number(count.toFixed(1))} ${unit}`
}

export function countOf(count: number, word: string): string {
  if (count === 1) return `1 ${word}`
  return `${count} ${word.endsWith('y') ? `${word.slice(0, -1)}ies` : `${word}s`}`
}
