// Claims about time. Only witnesses tell it: a publisher’s clock says whatever the publisher wants, and a signature never grows old (T2).

import { inUnits } from '../../lib/index.ts'
import { type Claim, fails, holds } from './claim.ts'
import type { Judged } from './decide.ts'

const OWN = 'the log is written here'

/** Cooldown: what was published an hour ago has been looked at by nobody. */
export function judgeAge({ policy, evidence, now }: Judged): Claim {
  const { minAgeMs } = policy
  const { witnessed, name, version } = evidence
  if (minAgeMs === 0) return holds('age', 'it may be new', ['no min_age in the policy'])
  const says = `witnesses have known it for ${inUnits(minAgeMs)}`
  if (witnessed.kind === 'own') return holds('age', says, [OWN])
  const { first } = witnessed
  const age = first === undefined ? undefined : Number(now) - Number(first)
  if (first !== undefined && age !== undefined && age >= minAgeMs) {
    return holds('age', says, [`first seen ${first.toISOString()}`])
  }
  return fails('age', says, {
    code: 'TOO_NEW',
    message: `${name}@${version} is too new for the policy.`,
    expected: `seen by witnesses at least ${inUnits(minAgeMs)} ago`,
    got: age === undefined ? 'not seen by enough witnesses' : `${inUnits(Math.max(0, age))} ago`,
    next: 'Wait, or use the release before it.',
  })
}

export function judgeFreshness({ policy, evidence, now, allowStale, warn }: Judged): Claim {
  const { maxStalenessMs } = policy
  const { witnessed, name, version } = evidence
  if (maxStalenessMs === undefined) {
    return holds('freshness', 'nobody is asked how old its log is', ['quorum = "none"'])
  }
  const says = `witnesses have seen its log within ${inUnits(maxStalenessMs)}`
  if (witnessed.kind === 'own') return holds('freshness', says, [OWN])
  const { newest } = witnessed
  const age = newest === undefined ? undefined : Number(now) - Number(newest)
  if (newest !== undefined && age !== undefined && age <= maxStalenessMs) {
    return holds('freshness', says, [`newest seen ${newest.toISOString()}`])
  }
  const got =
    newest === undefined || age === undefined
      ? 'no word of enough witnesses'
      : `${newest.toISOString()}, ${inUnits(age)} ago`
  if (allowStale === true) {
    warn(`${name}@${version} goes on although it is STALE: ${got}. News of it may be withheld.`)
    return holds('freshness', says, [`stale ones are allowed: ${got}`])
  }
  return fails('freshness', says, {
    code: 'STALE',
    message: `Nothing says that what is known here of ${name}@${version} is still so.`,
    expected: `its log seen by enough witnesses within the last ${inUnits(maxStalenessMs)}`,
    got,
    next: 'Pull it again, or allow stale tools explicitly.',
  })
}
