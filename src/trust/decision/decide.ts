// The decision: a policy and what has been proven of a release in, a tree of claims out. Pure: no I/O, no clock. It only ever narrows:
// nothing that verification has refused comes here, and nothing is allowed that no row speaks of.

import { type PublisherId, splitName } from '../../spec/index.ts'
import type { Policy, PublisherPolicy } from '../policy/index.ts'
import { coversTool } from '../policy/index.ts'
import { allOf, type Claim, type Decision, fails, firstError, holds } from './claim.ts'
import type { ReleaseEvidence } from './evidence.ts'
import { judgeAge, judgeFreshness } from './judge-age.ts'
import { judgeAdvisories, judgeText } from './judge-content.ts'
import { judgeAttestations, judgeEvidence, judgeSigners } from './judge-signers.ts'

export interface DecideOptions {
  readonly now: Date
  /** Whether a log that witnesses have not seen lately goes on, with a warning. */
  readonly allowStale?: boolean
}

/**
 * Rows are read from top to bottom: the first one whose namespace and patterns cover a tool decides about it, alone. All claims are made,
 * also after one has failed, so that an explanation shows everything that is missing.
 */
export function decide(
  policy: Policy,
  evidence: ReleaseEvidence,
  options: DecideOptions,
): Decision {
  const { name, version } = evidence
  const warnings: string[] = []
  const judged = { policy, evidence, ...options, warn: (text: string) => void warnings.push(text) }
  const { rows, covered } = judgeCovered(judged)
  const claims = [
    covered,
    ...rows.flatMap((row) => [
      judgePublisher(row, evidence),
      judgeEvidence(row, evidence),
      judgeSigners(row, judged),
      ...judgeAttestations(row, judged),
    ]),
    judgeAdvisories(judged),
    judgeText(judged),
    judgeAge(judged),
    judgeFreshness(judged),
  ]
  const claim = allOf('allowed', `${name}@${version} is allowed`, claims)
  const error = firstError(claim)
  const others = claims.slice(1).every((one) => one.holds)
  if (error === undefined) return { kind: 'allowed', claim, warnings, error }
  const isOpen = policy.default === 'prompt' && rows.length === 0 && others
  return { kind: isOpen ? 'ask' : 'refused', claim, warnings, error }
}

export interface Judged extends DecideOptions {
  readonly policy: Policy
  readonly evidence: ReleaseEvidence
  readonly warn: (text: string) => void
}

function judgeCovered({ policy, evidence }: Judged): {
  readonly rows: readonly PublisherPolicy[]
  readonly covered: Claim
} {
  const { name, tools, publisher } = evidence
  const { namespace } = splitName(name)
  const of = policy.publishers.filter((row) => row.namespace === namespace)
  const rowOf = rowFinder(of, name)
  const open: string[] = []
  const found = new Set<PublisherPolicy>()
  for (const { name: tool } of tools) {
    const row = rowOf(tool)
    if (row === undefined) open.push(tool)
    else found.add(row)
  }
  const says = `the policy speaks of ${name}`
  const rows = [...found]
  if (open.length === 0 && tools.length > 0) {
    const by = rows.map((row) => `publisher row of ${row.namespace}: ${row.tools.join(', ')}`)
    return { rows, covered: holds('covered', says, by) }
  }
  const got = open.length === tools.length ? 'no row for it' : `no row for ${list(open)}`
  const isEmpty = policy.publishers.length === 0
  const covered = fails('covered', says, {
    code: 'PUBLISHER_UNTRUSTED',
    message: isEmpty
      ? 'The trust policy allows nothing: it has no publisher.'
      : `The trust policy does not allow ${name}.`,
    expected: `a [[publisher]] of ${namespace} whose tools cover ${name}`,
    got: isEmpty ? 'an empty policy' : got,
    next: `If you trust this publisher: \`registry trust add ${namespace} --id ${publisher}\`.`,
  })
  // A row that covers some of them does not begin to speak for the others.
  return { rows, covered }
}

/** The first row that covers a tool of the release. Where no pattern names tools, that is one row for all of them. */
function rowFinder(
  rows: readonly PublisherPolicy[],
  name: string,
): (tool: string | undefined) => PublisherPolicy | undefined {
  const find = (tool: string | undefined): PublisherPolicy | undefined =>
    rows.find(({ tools }) => tools.some((pattern) => coversTool(pattern, name, tool)))
  const areNamed = rows.some(({ tools }) => tools.some((pattern) => pattern.includes('#')))
  if (areNamed) return find
  const row = find(undefined)
  return () => row
}

function judgePublisher(row: PublisherPolicy, evidence: ReleaseEvidence): Claim {
  const { namespace } = row
  const { publisher } = evidence
  const says = `${namespace} is published by whom it should be`
  const wanted = idOf(row, evidence)
  if (wanted === undefined) {
    return fails('publisher', says, {
      code: 'PUBLISHER_UNPINNED',
      message: `Nobody has said yet which publisher ${namespace} means.`,
      expected: 'an id in the policy, or a pin',
      got: 'neither',
      next: `Compare the id with the publisher’s own word, then write it as the \`id\` of the row: ${publisher}.`,
    })
  }
  if (wanted.id === publisher) return holds('publisher', says, [`${publisher}, ${wanted.by}`])
  return fails('publisher', says, {
    code: 'PUBLISHER_CHANGED',
    message: `${namespace} is published by somebody else than before.`,
    expected: `${wanted.id}, ${wanted.by}`,
    got: publisher,
    next: 'Do not accept it unless the publisher you know says so, elsewhere than here.',
  })
}

/** The policy’s word, then the name’s own, then the pin of first use. */
function idOf(
  { id, namespace }: PublisherPolicy,
  { pinned, publisher }: ReleaseEvidence,
): { readonly id: PublisherId; readonly by: string } | undefined {
  if (id !== undefined) return { id, by: 'named by the policy' }
  if (namespace === publisher) return { id: publisher, by: 'the namespace is the id' }
  return pinned === undefined ? undefined : { id: pinned, by: 'pinned at first use' }
}

function list(names: readonly string[]): string {
  const shown = names.slice(0, 5).join(', ')
  return names.length > 5 ? `${shown} and ${names.length - 5} more` : shown
}
