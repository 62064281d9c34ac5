// One [[publisher]] of a policy: whose names, who may sign them, and what else has to be there.

import { isRegistryError } from '../../lib/index.ts'
import { parsePublisherId, splitName } from '../../spec/index.ts'
import { CLAIM_NAMES, parseIdentityRule } from '../identity/index.ts'
import { whyNoToolPattern } from './patterns.ts'
import {
  type AttestationPolicy,
  EVIDENCE,
  type EvidenceWord,
  type PublisherPolicy,
  type QuorumPolicy,
  type SignerRule,
} from './policy.ts'
import {
  asParsed,
  count,
  invalid,
  listOf,
  nameOf,
  oneOf,
  optional,
  type Reader,
  readTable,
  required,
  type Table,
  text,
} from './read.ts'

const FINGERPRINT = /^SHA256:[A-Za-z0-9+/]{43}$/
const DAY = /^\d{4}-(0[1-9]|1[0-2])-(0[1-9]|[12]\d|3[01])$/
const URI = /^[a-z][a-z0-9+.-]*:[^\s*]{1,500}$/
const KEYS = ['namespace', 'id', 'tools', 'require', 'threshold', 'signer', 'attestation']
const KINDS = ['keyless', 'key'] as const
const RULE_KEYS: Readonly<Record<(typeof KINDS)[number], readonly string[]>> = {
  keyless: ['issuer', 'san', ...CLAIM_NAMES],
  key: ['fingerprint'],
}

/** A namespace is what a name may begin with. */
export const readNamespace: Reader<string> = (value, path) => {
  try {
    if (typeof value === 'string') return splitName(`${value}/x`).namespace
  } catch (error) {
    if (!isRegistryError(error)) throw error
  }
  throw invalid(path, `${nameOf(path)} is not a namespace.`, {
    expected: 'a domain in reverse, such as com.acme, or a publisher id; without *',
    got: value,
  })
}

export const readId: Reader<ReturnType<typeof parsePublisherId>> = asParsed(parsePublisherId)

export function readPublisher(quorum: QuorumPolicy): Reader<PublisherPolicy> {
  return (value, path) => {
    const table = readTable(value, path, KEYS)
    const namespace = required(table, 'namespace', readNamespace)
    const id = optional(table, 'id', readId, undefined)
    const tools = optional(table, 'tools', listOf(readPattern(namespace)), [`${namespace}/*`])
    const require = optional(table, 'require', listOf(readEvidence(quorum)), usualEvidence(quorum))
    const signers = optional(table, 'signer', listOf(readSigner, 100), [])
    const threshold = readThreshold(table, signers)
    const read = listOf(readAttestation(signers), 100)
    const attestations = optional(table, 'attestation', read, [])
    return { namespace, id, tools, require, signers, threshold, attestations }
  }
}

function readPattern(namespace: string): Reader<string> {
  return (value, path) => {
    const why =
      typeof value === 'string'
        ? whyNoToolPattern(value, namespace)
        : `a text such as ${namespace}/*`
    if (why === undefined) return value as string
    throw invalid(path, `${nameOf(path)} covers no tool of ${namespace}.`, {
      expected: why,
      got: value,
    })
  }
}

function usualEvidence({ kind }: QuorumPolicy): readonly EvidenceWord[] {
  const always = ['release-signature', 'log-inclusion'] as const
  return kind === 'none' ? always : [...always, 'witness-quorum']
}

function readEvidence(quorum: QuorumPolicy): Reader<EvidenceWord> {
  return (value, path) => {
    const word = oneOf(EVIDENCE)(value, path)
    if (word !== 'witness-quorum' || quorum.kind !== 'none') return word
    throw invalid(path, `${nameOf(path)} asks for witnesses, and this policy names none.`, {
      expected: '[quorum] with a file',
      got: word,
    })
  }
}

function readThreshold(table: Table, signers: readonly SignerRule[]): number {
  const threshold = optional(table, 'threshold', count, 1)
  if (threshold <= Math.max(1, signers.length)) return threshold
  const path = `${table.path}/threshold`
  throw invalid(path, `${nameOf(path)} asks for more signers than are named.`, {
    expected: `at most ${signers.length}, or more [[…signer]] rows`,
    got: threshold,
  })
}

const readSigner: Reader<SignerRule> = (value, path) => {
  const all = readTable(value, path, ['kind', 'not_after', ...Object.values(RULE_KEYS).flat()])
  const kind = required(all, 'kind', oneOf(KINDS))
  const table = readTable(value, path, ['kind', 'not_after', ...RULE_KEYS[kind]])
  const notAfter = optional(table, 'not_after', readDay, undefined)
  if (kind === 'keyless') {
    const { kind: _kind, not_after: _day, ...fields } = table.values
    return { kind, rule: parseIdentityRule(fields, path), notAfter }
  }
  const expected = 'SHA256: and 43 characters of base64, as `registry key list` shows it'
  return {
    kind,
    fingerprint: required(table, 'fingerprint', text(FINGERPRINT, expected)),
    notAfter,
  }
}

/** The whole day counts, in UTC. */
const readDay: Reader<Date> = (value, path) => {
  const day = text(DAY, 'a day such as 2027-06-01')(value, path)
  const end = new Date(`${day}T23:59:59.999Z`)
  if (end.toISOString().startsWith(day)) return end
  throw invalid(path, `${nameOf(path)} is not in the calendar.`, { expected: 'a day', got: value })
}

/** Whoever ships an attestation beside a release is nobody yet: somebody has to be named whose word it is. */
function readAttestation(inherited: readonly SignerRule[]): Reader<AttestationPolicy> {
  return (value, path) => {
    const table = readTable(value, path, ['predicate', 'builder', 'threshold', 'signer'])
    const uri = text(URI, 'a whole URI, without *')
    const predicate = required(table, 'predicate', uri)
    const builder = optional(table, 'builder', uri, undefined)
    const signers = optional(table, 'signer', listOf(readSigner, 100), inherited)
    if (signers.length === 0) {
      throw invalid(path, `${nameOf(path)} does not say whose word it has to be.`, {
        expected: 'a [[publisher.attestation.signer]] or a [[publisher.signer]]',
        got: undefined,
      })
    }
    return { predicate, builder, signers, threshold: readThreshold(table, signers) }
  }
}
