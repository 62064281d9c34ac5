// The release itself, before and after: how its tools are reached, what it says of itself. No model is shown any of it.

import type { Json } from '../../lib/index.ts'
import type { Release } from '../release.ts'
import type { ClassedChange } from './effects.ts'
import { jsonChanges, keysOfBoth, memberOf } from './json-changes.ts'
import type { Risk } from './types.ts'

/** What is compared elsewhere: tools one by one, the version as a step. */
const APART: readonly string[] = ['kind', 'tools', 'version']

const RISKS: ReadonlyMap<string, Risk> = new Map([
  ['bindings', 'binding'],
  // Other bytes are other code.
  ['artifacts', 'binding'],
  ['title', 'text'],
  ['description', 'text'],
  ['keywords', 'text'],
  ['patterns', 'text'],
])

/** Commands that somebody runs, wherever they stand: a login, a check, the step of a pattern. */
const COMMAND = /\/(?:setupCommand|checkCommand|command|executable|variables)(?:\/|$)/

export function releaseChanges(before: Release, after: Release): readonly ClassedChange[] {
  return keysOfBoth(before, after)
    .filter((key) => !APART.includes(key))
    .flatMap((key) => {
      const [old, now] = [memberOf(before, key), memberOf(after, key)]
      if (key === 'permissions') return permissionChanges(old, now)
      return jsonChanges(old, now, `/${key}`).map((change) => ({
        ...change,
        risk: riskOf(key, change.path, change.before ?? null, change.after ?? null),
      }))
    })
}

function riskOf(key: string, path: string, ...values: readonly Json[]): Risk {
  const known = RISKS.get(key) ?? 'other'
  if (key !== 'auth' && key !== 'patterns') return known
  const isCommand =
    COMMAND.test(path) ||
    values.some((value) => /"(?:setupC|checkC|c)ommand":/.test(JSON.stringify(value)))
  return isCommand ? 'binding' : known
}

function permissionChanges(before: Json | undefined, after: Json | undefined): ClassedChange[] {
  const [old, now] = [listOf(before), listOf(after)]
  return jsonChanges(before, after, '/permissions').map((change) => ({
    ...change,
    risk: now.some((one) => !old.includes(one))
      ? 'effects-widened'
      : old.some((one) => !now.includes(one))
        ? 'effects-narrowed'
        : 'other',
  }))
}

function listOf(value: Json | undefined): readonly Json[] {
  return Array.isArray(value) ? value : []
}
