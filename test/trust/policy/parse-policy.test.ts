// trust.toml is read strictly: what is wrong is said with its line, its key and what would have been good.

import { createHash } from 'node:crypto'
import { describe, expect, test } from 'vitest'
import { isRegistryError, type RegistryError } from '../../../src/lib/index.ts'
import { NEW_POLICY, parsePolicy } from '../../../src/trust/policy/index.ts'
import { processorMs } from '../../support/processor-time.ts'
import { FINGERPRINT, ID, ISSUER, SAN } from './samples.ts'

const GOOD = `# A comment
version = 1
default = "deny"
max_staleness = "7d"
min_age = "72h"

[surface]
reapprove_on_change = true
forbid = ["bidi",
  "tags", # both
  "ansi", "zero-width"]

[quorum]
file = "witness.policy"

[[publisher]]
namespace = "com.acme"
id = "${ID}"
tools = ["com.acme/*"]
require = ["log-inclusion", "witness-quorum", "release-signature"]
threshold = 1

[[publisher.signer]]
kind = "keyless"
issuer = "${ISSUER}"
san = "${SAN}"
repository_id = "123456789"
trigger = "push"

[[publisher.signer]]
kind = "key"
fingerprint = "${FINGERPRINT}"
not_after = 2027-06-01

[[publisher.attestation]]
predicate = "https://slsa.dev/provenance/v1"

[[advisory]]
id = "${ID}"
effect = "block"

[private]
namespaces = ["com.corp.internal"]
`

function refusal(text: string | Uint8Array): RegistryError {
  try {
    parsePolicy(text, 'trust.toml')
  } catch (error) {
    if (isRegistryError(error)) return error
    throw error
  }
  throw new Error('it was accepted')
}

describe('a good policy', () => {
  test('is what it says', () => {
    const policy = parsePolicy(GOOD)
    const [publisher] = policy.publishers
    expect(policy).toMatchObject({
      default: 'deny',
      maxStalenessMs: 7 * 86_400_000,
      minAgeMs: 72 * 3_600_000,
      surface: { reapproveOnChange: true, forbid: ['bidi', 'tags', 'ansi', 'zero-width'] },
      text: { deceptive: 'refuse', suspicious: 'warn' },
      quorum: { kind: 'file', file: 'witness.policy' },
      advisories: [{ id: ID, effect: 'block' }],
      privateNamespaces: ['com.corp.internal'],
    })
    expect(publisher).toMatchObject({ namespace: 'com.acme', id: ID, threshold: 1 })
    expect(publisher?.signers).toEqual([
      {
        kind: 'keyless',
        rule: { issuer: ISSUER, san: SAN, repository_id: '123456789', trigger: 'push' },
        notAfter: undefined,
      },
      { kind: 'key', fingerprint: FINGERPRINT, notAfter: new Date('2027-06-01T23:59:59.999Z') },
    ])
    // Those of the row, for it names none of its own.
    expect(publisher?.attestations[0]?.signers).toEqual(publisher?.signers)
  })

  test('is known by the digest of its bytes', () => {
    const digest = `sha256-${createHash('sha256').update(GOOD).digest('hex')}`
    expect(parsePolicy(GOOD).digest).toBe(digest)
    expect(parsePolicy(Buffer.from(GOOD)).digest).toBe(digest)
    expect(parsePolicy(`${GOOD}#`).digest).not.toBe(digest)
  })

  test('asks for the usual where it does not say', () => {
    const rows = (quorum: string) =>
      `version = 1\n${quorum}\n[[publisher]]\nnamespace = "com.acme"\n`
    const [none] = parsePolicy(rows('quorum = "none"')).publishers
    expect(none?.tools).toEqual(['com.acme/*'])
    expect(none?.require).toEqual(['release-signature', 'log-inclusion'])
    const witnessed = parsePolicy(rows('quorum = { file = "w" }'))
    expect(witnessed.publishers[0]?.require).toContain('witness-quorum')
    expect(witnessed.maxStalenessMs).toBe(7 * 86_400_000)
    expect(parsePolicy(rows('quorum = "none"')).maxStalenessMs).toBeUndefined()
  })

  test.each([
    ['', 'an empty one'],
    ['# nothing\n', 'one of comments'],
    [NEW_POLICY, 'the one that init writes'],
  ])('has no publisher in it: %#', (text) => {
    const policy = parsePolicy(text)
    expect(policy.publishers).toEqual([])
    expect(policy.default).toBe('deny')
  })
})

const NEXT = 'Correct it; until then this policy allows nothing.'
const RULE_NEXT = 'Write the issuer and the subject exactly as the certificate has them.'
const KEYS =
  'version, default, max_staleness, min_age, surface, text, quorum, publisher, advisory, private'

interface Case {
  readonly change: readonly [from: string, to: string]
  readonly line: number | undefined
  readonly message: string
  readonly expected: string | number
  readonly got: string | number
  readonly next?: string
}

const CASES: Readonly<Record<string, Case>> = {
  'an unknown key': {
    change: ['min_age =', 'min_agee ='],
    line: 5,
    message: 'min_agee is not a key that a policy has.',
    expected: KEYS,
    got: '"min_agee"',
    next: 'Did you mean "min_age"?',
  },
  'an unknown table': {
    change: ['[private]', '[secrets]'],
    line: 42,
    message: 'secrets is not a key that a policy has.',
    expected: KEYS,
    got: '"secrets"',
  },
  'a key of another place': {
    change: ['effect = "block"', 'effect = "block"\ntools = ["com.acme/*"]'],
    line: 41,
    message: 'advisory[1].tools is not a key that a policy has.',
    expected: 'id, effect',
    got: '"tools"',
  },
  'a default of allow': {
    change: ['"deny"', '"allow"'],
    line: 3,
    message: 'A policy cannot allow whatever it does not speak of.',
    expected: 'deny or prompt',
    got: '"allow"',
    next: 'Write a [[publisher]] for each namespace whose tools may be used.',
  },
  'another version': {
    change: ['version = 1', 'version = 2'],
    line: 2,
    message: 'This version of the policy file is not known here.',
    expected: 1,
    got: '2',
    next: 'Write `version = 1`, or use a newer release of this program.',
  },
  'no version': {
    change: ['version = 1\n', ''],
    line: undefined,
    message: 'The policy has no "version".',
    expected: 'version = …',
    got: 'nothing',
  },
  'a number for a length of time': {
    change: ['"72h"', '72'],
    line: 5,
    message: 'min_age is not a length of time.',
    expected: 'a number and s, m, h or d, such as "7d"',
    got: '72',
  },
  'a rule that cannot be switched off': {
    change: ['reapprove_on_change = true', 'reapprove_on_change = false'],
    line: 8,
    message: 'surface.reapprove_on_change cannot be switched off.',
    expected: 'true, or the line left out',
    got: 'false',
    next: 'Approvals are of a tool’s hash: a tool that changed is another tool, and somebody has to look at it.',
  },
  'a misspelt word within a list of many lines': {
    change: ['"ansi"', '"ansii"'],
    line: 9,
    message: 'surface.forbid[3] is none of the words known here.',
    expected: 'bidi or tags or ansi or zero-width or controls',
    got: '"ansii"',
    next: 'Did you mean "ansi"?',
  },
  'a quorum that nobody wrote out': {
    change: ['[quorum]\nfile = "witness.policy"\n', ''],
    line: undefined,
    message: 'The policy has no "quorum".',
    expected: 'quorum = …',
    got: 'nothing',
  },
  'an age without witnesses': {
    change: [GOOD.slice(GOOD.indexOf('[surface]')), 'quorum = "none"\n'],
    line: 4,
    message: 'max_staleness is told by witnesses, and this policy names none.',
    expected: '[quorum] with a file',
    got: '"7d"',
  },
  'witnesses that nobody names': {
    change: [GOOD.slice(GOOD.indexOf('max_'), GOOD.indexOf('[[publisher]]')), 'quorum = "none"\n'],
    line: 9,
    message: 'publisher[1].require[2] asks for witnesses, and this policy names none.',
    expected: '[quorum] with a file',
    got: '"witness-quorum"',
  },
  'an empty namespace': {
    change: ['namespace = "com.acme"', 'namespace = ""'],
    line: 17,
    message: 'publisher[1].namespace is not a namespace.',
    expected: 'a domain in reverse, such as com.acme, or a publisher id; without *',
    got: '""',
  },
  'tools of another namespace': {
    change: ['tools = ["com.acme/*"]', 'tools = ["com.acme/*", "com.other/x"]'],
    line: 19,
    message: 'publisher[1].tools[2] covers no tool of com.acme.',
    expected: 'com.acme/… , the namespace of this publisher, without *',
    got: '"com.other/x"',
  },
  'no tools': {
    change: ['tools = ["com.acme/*"]', 'tools = []'],
    line: 19,
    message: 'publisher[1].tools is empty or too long.',
    expected: '1 to 1000 items; leave the key out for none',
    got: '0',
  },
  'evidence that is asked for twice': {
    change: ['"witness-quorum", "release', '"log-inclusion", "release'],
    line: 20,
    message: 'publisher[1].require[2] stands there twice.',
    expected: 'once',
    got: '"log-inclusion"',
  },
  'a threshold beyond its signers': {
    change: ['threshold = 1', 'threshold = 3'],
    line: 21,
    message: 'publisher[1].threshold asks for more signers than are named.',
    expected: 'at most 2, or more [[…signer]] rows',
    got: '3',
  },
  'a threshold of nobody': {
    change: ['threshold = 1', 'threshold = 0'],
    line: 21,
    message: 'publisher[1].threshold is not a count.',
    expected: 'a whole number from 1 to 100',
    got: '0',
  },
  'a signer of no kind': {
    change: ['kind = "key"\n', ''],
    line: 30,
    message: 'publisher[1].signer[2] has no "kind".',
    expected: 'kind = …',
    got: 'nothing',
  },
  'a key with a subject': {
    change: ['kind = "key"', 'kind = "key"\nsan = "x"'],
    line: 32,
    message: 'publisher[1].signer[2].san is not a key that a policy has.',
    expected: 'kind, not_after, fingerprint',
    got: '"san"',
  },
  'a day that is in no calendar': {
    change: ['2027-06-01', '"2027-02-30"'],
    line: 33,
    message: 'publisher[1].signer[2].not_after is not in the calendar.',
    expected: 'a day',
    got: '"2027-02-30"',
  },
  'an attestation by nobody': {
    change: [GOOD.slice(GOOD.indexOf('[[publisher.signer]]'), GOOD.indexOf('[[publisher.att')), ''],
    line: 23,
    message: 'publisher[1].attestation[1] does not say whose word it has to be.',
    expected: 'a [[publisher.attestation.signer]] or a [[publisher.signer]]',
    got: 'nothing',
  },
  'a subject that is a regular expression': {
    change: ['tags/v*"', 'tags/.*"'],
    line: 26,
    message: 'publisher[1].signer[1].san: This does not say which keyless signer is meant.',
    expected: 'a plain URI: this is not a regular expression',
    got: `"${SAN.replace('v*', '.*')}"`.slice(0, 80),
    next: RULE_NEXT,
  },
  'something that is not TOML': {
    change: ['default = "deny"', 'default = deny'],
    line: 3,
    message: 'This is not TOML: invalid value.',
    expected: 'TOML 1.0',
    got: 'something else',
    next: 'Correct this line; until then this policy allows nothing.',
  },
  'a key that stands there twice': {
    change: ['default = "deny"', 'default = "deny"\ndefault = "prompt"'],
    line: 4,
    message: 'This is not TOML: trying to redefine an already defined table or value.',
    expected: 'TOML 1.0',
    got: 'something else',
    next: 'Correct this line; until then this policy allows nothing.',
  },
}

describe('refused, with the line', () => {
  test.each(Object.entries(CASES))('%s', (_, { change, line, message, expected, got, next }) => {
    expect(GOOD.split(change[0]).length, 'the change is there').toBeGreaterThan(1)
    const error = refusal(GOOD.replace(change[0], change[1]))
    const at = line === undefined ? 'trust.toml' : `trust.toml, line ${line}`
    expect(error.message).toBe(`${at}: ${message}`)
    expect(error).toMatchObject({ code: 'POLICY_INVALID', verdict: 'MALFORMED' })
    expect(error.details).toMatchObject({ expected, got, next: next ?? NEXT })
    expect(error.details.line).toBe(line)
  })

  test('bytes that are no text, and too many of them', () => {
    expect(refusal(Uint8Array.of(0x61, 0xff)).message).toBe('trust.toml: The policy is not text.')
    const long = refusal(`# ${'x'.repeat(256 * 1024)}`)
    expect(long.message).toBe('trust.toml: The policy is too long.')
    expect(long.details.expected).toBe('at most 262144 bytes')
  })

  test('what is nested without end', () => {
    expect(refusal(`version = ${'['.repeat(10_000)}`)).toMatchObject({ code: 'POLICY_INVALID' })
    expect(refusal(`${'a.'.repeat(2_000)}a = 1`)).toMatchObject({ code: 'POLICY_INVALID' })
  })

  test('a prototype is no key', () => {
    expect(refusal('version = 1\n[__proto__]\ndefault = "allow"')).toMatchObject({
      code: 'POLICY_INVALID',
    })
    expect(refusal('version = 1\n[constructor]\na = 1').details.got).toBe('"constructor"')
  })

  test('a large policy with one mistake is looked through in a moment', () => {
    const rows = Array.from(
      { length: 900 },
      (_, i) => `[[publisher]]\nnamespace = "com.acme${i}"\ntools = [\n"com.acme${i}/a",\n]\n`,
    )
    const text = `version = 1\nquorum = "none"\n${rows.join('')}[[publisher]]\nnamespac = "x"\n`
    const took = processorMs(() => expect(refusal(text).details.line).toBe(2 + 900 * 5 + 2))
    expect(took).toBeLessThan(2_000)
  })
})
