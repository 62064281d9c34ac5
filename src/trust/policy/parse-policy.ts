// trust.toml in, a policy out; or an error that says in which line, in which key, what would have been good. Fail closed: an empty
// policy denies everything, and nothing that is not understood is skipped.

import { findAge, RegistryError, sha256Hex, utf8 } from '../../lib/index.ts'
import { locateKey } from './locate.ts'
import { type AdvisoryPolicy, FORBIDDABLE, type Policy, type QuorumPolicy } from './policy.ts'
import {
  alwaysTrue,
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
import { readId, readNamespace, readPublisher } from './read-publisher.ts'
import { loadToml } from './toml.ts'

/** Thousands of publishers fit; nobody reads more. */
export const POLICY_BYTES: number = 256 * 1024
const MAX_DEPTH = 16
const DAY_MS = 24 * 60 * 60_000
const KEYS = [
  'version',
  'default',
  'max_staleness',
  'min_age',
  'surface',
  'text',
  'quorum',
  'publisher',
  'advisory',
  'private',
]
const NONE: QuorumPolicy = { kind: 'none' }

/** `source` is how errors name the file. Throws POLICY_INVALID. */
export function parsePolicy(input: Uint8Array | string, source = 'trust.toml'): Policy {
  const bytes = typeof input === 'string' ? utf8(input) : input
  let document = ''
  try {
    document = decode(bytes)
    return readPolicy(parseToml(document), `sha256-${sha256Hex(bytes)}`)
  } catch (error) {
    throw error instanceof RegistryError ? placed(error, document, source) : error
  }
}

/** A policy as it stands in a TOML file, already parsed: what schema/trust.schema.json describes. */
function readPolicy(value: unknown, digest: string): Policy {
  const table = readTable(value, '', KEYS)
  const isEmpty = Object.keys(table.values).length === 0
  if (!isEmpty) required(table, 'version', readVersion)
  const hasRows = Object.hasOwn(table.values, 'publisher')
  // "None" is a decision that somebody has to have written down.
  const quorum = hasRows
    ? required(table, 'quorum', readQuorum)
    : optional(table, 'quorum', readQuorum, NONE)
  const surface = readTable(table.values.surface ?? {}, '/surface', [
    'reapprove_on_change',
    'forbid',
  ])
  const words = readTable(table.values.text ?? {}, '/text', ['deceptive', 'suspicious'])
  const hidden = readTable(table.values.private ?? {}, '/private', ['namespaces'])
  return {
    digest,
    default: optional(table, 'default', readDefault, 'deny'),
    ...readAges(table, quorum),
    surface: {
      reapproveOnChange: optional(surface, 'reapprove_on_change', alwaysTrue, true),
      forbid: optional(surface, 'forbid', listOf(oneOf(FORBIDDABLE)), []),
    },
    text: {
      deceptive: optional(words, 'deceptive', oneOf(['refuse', 'warn']), 'refuse'),
      suspicious: optional(words, 'suspicious', oneOf(['refuse', 'warn']), 'warn'),
    },
    quorum,
    publishers: optional(table, 'publisher', listOf(readPublisher(quorum)), []),
    advisories: optional(table, 'advisory', listOf(readAdvisory), []),
    privateNamespaces: optional(hidden, 'namespaces', listOf(readNamespace), []),
  }
}

/** Parsed by the library, dates as the text they stand for. Neither depth nor numbers beyond reason reach anyone. */
function parseToml(document: string): unknown {
  const { parse, TomlError } = loadToml()
  try {
    return plain(parse(document, { maxDepth: MAX_DEPTH }))
  } catch (cause) {
    if (!(cause instanceof TomlError)) throw cause
    const [first = ''] = cause.message.replace(/^Invalid TOML document: /, '').split('\n')
    throw new RegistryError('POLICY_INVALID', `This is not TOML: ${first}.`, {
      expected: 'TOML 1.0',
      got: 'something else',
      line: cause.line,
      next: 'Correct this line; until then this policy allows nothing.',
      cause,
    })
  }
}

function plain(value: unknown): unknown {
  if (value instanceof Date) return value.toISOString()
  if (Array.isArray(value)) return value.map(plain)
  if (typeof value !== 'object' || value === null) return value
  return Object.fromEntries(Object.entries(value).map(([key, item]) => [key, plain(item)]))
}

function decode(bytes: Uint8Array): string {
  if (bytes.length > POLICY_BYTES) {
    throw invalid('', 'The policy is too long.', {
      expected: `at most ${POLICY_BYTES} bytes`,
      got: bytes.length,
    })
  }
  try {
    return new TextDecoder('utf-8', { fatal: true, ignoreBOM: true }).decode(bytes)
  } catch {
    throw invalid('', 'The policy is not text.', { expected: 'UTF-8', got: undefined })
  }
}

/** Says the line as well. Lines are looked for only here: a good policy is read once, at every start of an agent. */
function placed(error: RegistryError, document: string, source: string): RegistryError {
  const { path = '', ...details } = error.details
  const line = details.line ?? locateKey(document, path)
  const at = line === undefined ? source : `${source}, line ${line}`
  const key = error.code === 'POLICY_INVALID' || path === '' ? '' : `${nameOf(path)}: `
  return new RegistryError('POLICY_INVALID', `${at}: ${key}${error.message}`, {
    ...details,
    ...(path === '' ? {} : { path }),
    ...(line === undefined ? {} : { line }),
  })
}

const readVersion: Reader<1> = (value, path) => {
  if (value === 1) return 1
  throw invalid(path, 'This version of the policy file is not known here.', {
    expected: 1,
    got: value,
    next: 'Write `version = 1`, or use a newer release of this program.',
  })
}

const readDefault: Reader<Policy['default']> = (value, path) => {
  if (value !== 'allow') return oneOf(['deny', 'prompt'])(value, path)
  throw invalid(path, 'A policy cannot allow whatever it does not speak of.', {
    expected: 'deny or prompt',
    got: value,
    next: 'Write a [[publisher]] for each namespace whose tools may be used.',
  })
}

const readQuorum: Reader<QuorumPolicy> = (value, path) => {
  if (value === 'none') return NONE
  if (typeof value === 'string') {
    const expected = '"none", or a table [quorum] with a file'
    throw invalid(path, 'quorum does not say who the witnesses are.', { expected, got: value })
  }
  const table = readTable(value, path, ['file'])
  const isFile = text(/^[^\p{Cc}]{1,500}$/u, 'the path of a C2SP tlog-policy file')
  return { kind: 'file', file: required(table, 'file', isFile) }
}

/** Ages are witness time, never a publisher’s clock: without witnesses there is nothing to ask for. */
function readAges(table: Table, quorum: QuorumPolicy): Pick<Policy, 'maxStalenessMs' | 'minAgeMs'> {
  const key = ['max_staleness', 'min_age'].find((age) => Object.hasOwn(table.values, age))
  if (quorum.kind === 'none' && key !== undefined) {
    throw invalid(`/${key}`, `${key} is told by witnesses, and this policy names none.`, {
      expected: '[quorum] with a file',
      got: table.values[key],
    })
  }
  const maxStalenessMs = optional(table, 'max_staleness', readAge, 7 * DAY_MS)
  return {
    maxStalenessMs: quorum.kind === 'none' ? undefined : maxStalenessMs,
    minAgeMs: optional(table, 'min_age', readAge, 0),
  }
}

const readAge: Reader<number> = (value, path) => {
  const age = typeof value === 'string' ? findAge(value) : undefined
  if (age !== undefined) return age
  throw invalid(path, `${nameOf(path)} is not a length of time.`, {
    expected: 'a number and s, m, h or d, such as "7d"',
    got: value,
  })
}

const readAdvisory: Reader<AdvisoryPolicy> = (value, path) => {
  const table = readTable(value, path, ['id', 'effect'])
  return {
    id: required(table, 'id', readId),
    effect: required(table, 'effect', oneOf(['block', 'warn'])),
  }
}
