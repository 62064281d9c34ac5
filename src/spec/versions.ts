// Versions: strict SemVer 2.0.0 without build metadata, which SemVer ignores in comparison: 1.0.0+a and 1.0.0+b would be
// two releases of equal rank. Numbers have at most 15 digits, so that comparing them as floats is exact.

import { RegistryError } from '../lib/index.ts'
import { loadSemver } from './semver.ts'

const NUMBER = '(?:0|[1-9][0-9]{0,14})'
const PART = `(?:${NUMBER}|[0-9]*[A-Za-z-][0-9A-Za-z-]*)`
/** The same text is the pattern in schema/release.schema.json. */
export const VERSION_PATTERN: string = `^${NUMBER}\\.${NUMBER}\\.${NUMBER}(?:-${PART}(?:\\.${PART})*)?$`
const VERSION_LENGTH = 100
const VERSION = new RegExp(VERSION_PATTERN)
const RANGE_LENGTH = 200

export function isVersion(text: unknown): text is string {
  return typeof text === 'string' && text.length <= VERSION_LENGTH && VERSION.test(text)
}

/** Throws VERSION_INVALID for anything but MAJOR.MINOR.PATCH[-PRERELEASE]. */
export function parseVersion(text: unknown): string {
  if (isVersion(text)) return text
  throw new RegistryError('VERSION_INVALID', 'This is not a version.', {
    expected: 'MAJOR.MINOR.PATCH or MAJOR.MINOR.PATCH-PRERELEASE, without "v" and without "+"',
    got: show(text),
  })
}

/** A semver range or `latest`, as written. Throws VERSION_INVALID. */
export function parseRange(text: unknown): string {
  if (typeof text === 'string' && text !== '' && text.length <= RANGE_LENGTH) {
    if (
      text === 'latest' ||
      (/^[\x20-\x7e]+$/.test(text) && loadSemver().validRange(text) !== null)
    )
      return text
  }
  throw new RegistryError('VERSION_INVALID', 'This is not a version range.', {
    expected: '"latest", a version, or a range such as ^1.2 or >=1.2.0 <2',
    got: show(text),
    next: 'Correct what follows the "@"; quote it for the shell if it holds < or >.',
  })
}

/** The highest version in the range. Without a range (or `latest`): the highest, prereleases only if nothing else exists. */
export function pickVersion(
  versions: readonly string[],
  range: string | undefined,
): string | undefined {
  if (range !== undefined && range !== 'latest') {
    return loadSemver().maxSatisfying([...versions], range) ?? undefined
  }
  const stable = versions.filter((version) => !version.includes('-'))
  const candidates = stable.length > 0 ? stable : versions
  return [...candidates].sort(loadSemver().compare).at(-1)
}

/** Below 0 when `a` is the older one. */
export function compareVersions(a: string, b: string): number {
  return loadSemver().compare(a, b)
}

function show(text: unknown): string {
  return typeof text === 'string' ? JSON.stringify(text.slice(0, 100)) : typeof text
}
