// Which version step the changes ask for (SemVer 2.0.0, sections 4 and 6–9), and whether the one taken is smaller.

import { loadSemver } from '../semver.ts'
import type { Risk, Step, VersionStep } from './types.ts'

/** Worst first: the order of every list of risks. */
const STEP_OF: Readonly<Record<Risk, Step>> = {
  'schema-breaking': 'major',
  'effects-widened': 'major',
  binding: 'minor',
  'schema-compatible': 'minor',
  'effects-narrowed': 'minor',
  text: 'patch',
  other: 'patch',
}

const SIZE: Readonly<Record<Step, number>> = { none: 0, patch: 1, minor: 2, major: 3 }

export function sortRisks(risks: Iterable<Risk>): readonly Risk[] {
  const met = new Set(risks)
  return (Object.keys(STEP_OF) as Risk[]).filter((risk) => met.has(risk))
}

export function versionStep(risks: readonly Risk[], before: string, after: string): VersionStep {
  const [worst] = sortRisks(risks)
  const wanted = worst === undefined ? 'none' : STEP_OF[worst]
  const suggested = before.startsWith('0.') ? stepOfZero(wanted) : wanted
  const actual = stepBetween(before, after)
  // A prerelease has promised nothing yet, and a step back cannot be too small.
  const free = actual === 'backward' || before.includes('-')
  const size = actual === 'backward' || actual === 'prerelease' ? 0 : SIZE[actual]
  return { suggested, actual, tooSmall: !free && size < SIZE[suggested] }
}

/** Below 1.0.0 a caret range ends at the next minor version: that is where a break belongs. */
function stepOfZero(wanted: Step): Step {
  if (wanted === 'major') return 'minor'
  return wanted === 'minor' ? 'patch' : wanted
}

function stepBetween(before: string, after: string): VersionStep['actual'] {
  if (before === after) return 'none'
  if (loadSemver().compare(after, before) < 0) return 'backward'
  const [old, now] = [coreOf(before), coreOf(after)]
  if (old[0] !== now[0]) return 'major'
  if (old[1] !== now[1]) return 'minor'
  return old[2] === now[2] ? 'prerelease' : 'patch'
}

function coreOf(version: string): readonly string[] {
  return (version.split('-')[0] ?? '').split('.')
}
