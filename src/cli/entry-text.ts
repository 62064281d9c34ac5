// What an entry says, whole, for whoever is to sign it: a release with all that is in it, keys by their fingerprints.

import type { JsonObject } from '../lib/index.ts'
import { actionOf, type Role } from '../log/index.ts'
import type { RequestedEntry } from '../registry/index.ts'
import { lintRelease, type Tool } from '../spec/index.ts'
import { keyFingerprint } from '../trust/index.ts'
import { describeFields } from './surface-text.ts'
import { safe } from './terminal.ts'
import { findingLines } from './verbs/finding-text.ts'

/** Lines that have gone through `safe`. */
export function describeEntry({ statement, content }: RequestedEntry): readonly string[] {
  const head = `${String(statement.seq).padStart(6)}  ${statement.kind}`
  if (content === undefined) return [head, ...describeSaid(statement)]
  const { release, tools } = content
  const { kind: _, name, version, tools: _cids, ...said } = release
  return [
    `${head}  ${safe(name)}@${version}`,
    ...describeFields(said as unknown as JsonObject),
    ...tools.flatMap(describeTool),
    ...lintRelease({ release, tools }).flatMap(findingLines),
  ]
}

/** Also what no model sees: a signature is for all of it. */
function describeTool({ kind: _, name, ...fields }: Tool): readonly string[] {
  return [`  tool ${safe(name)}`, ...describeFields(fields as unknown as JsonObject)]
}

function describeSaid(statement: RequestedEntry['statement']): readonly string[] {
  if (statement.kind === 'keys') {
    const { roles, nextKeyHashes = [] } = statement
    const next = nextKeyHashes.map((hash) => `  next root  SPKI with sha-256 ${hash}`)
    return [...Object.entries(roles).flatMap(([name, role]) => describeRole(name, role)), ...next]
  }
  const { kind: _, ...said } = actionOf(statement)
  return Object.entries(said).flatMap(([field, value]: [string, unknown]) => {
    if (value === undefined) return []
    if (field === 'role' && value !== null) return describeRole(field, value as Role)
    return [`  ${field.padEnd(10)} ${safe(value === null ? 'none' : String(value))}`]
  })
}

function describeRole(
  name: string,
  { threshold = 1, keys, identities = [] }: Pick<Role, 'keys'> & Partial<Role>,
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
