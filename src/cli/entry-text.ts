// What an entry says, whole, for whoever is to sign it: the tools of a release as a model would see them, keys by their fingerprints.

import type { RequestedEntry } from '../registry/index.ts'
import { lintRelease } from '../spec/index.ts'
import { type IdentityRule, keyFingerprint, type PublicKey } from '../trust/index.ts'
import { describeSurface } from './surface-text.ts'
import { safe } from './terminal.ts'
import { findingLines } from './verbs/finding-text.ts'

interface Role {
  readonly threshold?: number
  readonly keys: readonly PublicKey[]
  readonly identities?: readonly IdentityRule[]
}

/** Lines that have gone through `safe`. */
export function describeEntry({ statement, content }: RequestedEntry): readonly string[] {
  const head = `${String(statement.seq).padStart(6)}  ${statement.kind}`
  if (content === undefined) return [head, ...describeSaid(statement)]
  const { release, tools } = content
  const { name, version, title, description } = release
  return [
    `${head}  ${safe(name)}@${version}`,
    ...[title, description].flatMap((text) => (text === undefined ? [] : [`  | ${safe(text)}`])),
    ...tools.flatMap(describeSurface),
    ...lintRelease({ release, tools }).flatMap(findingLines),
  ]
}

function describeSaid(statement: RequestedEntry['statement']): readonly string[] {
  if (statement.kind === 'keys') {
    const { roles, nextKeyHashes = [] } = statement
    const next = nextKeyHashes.map((hash) => `  next root  SPKI with sha-256 ${hash}`)
    return [...Object.entries(roles).flatMap(([name, role]) => describeRole(name, role)), ...next]
  }
  const {
    kind: _,
    publisher: _p,
    seq: _s,
    prev: _v,
    index: _i,
    cid: _c,
    bytes: _b,
    ...said
  } = statement
  return Object.entries(said).flatMap(([field, value]) => {
    if (value === undefined) return []
    if (field === 'role' && value !== null) return describeRole(field, value as unknown as Role)
    return [`  ${field.padEnd(10)} ${safe(value === null ? 'none' : String(value))}`]
  })
}

function describeRole(
  name: string,
  { threshold = 1, keys, identities = [] }: Role,
): readonly string[] {
  return [
    `  ${name.padEnd(10)} ${threshold} of ${keys.length + identities.length}`,
    ...keys.map((key) => `             ${keyFingerprint(key)}`),
    ...identities.map(
      (rule) =>
        `             ${safe(
          Object.entries(rule)
            .map(([claim, is]) => `${claim}=${is}`)
            .join(','),
        )}`,
    ),
  ]
}
