// Every claim of a decision, failing: the code, the verdict, and the very words that a person reads.

import { describe, expect, test } from 'vitest'
import { cidOf } from '../../../src/cid/index.ts'
import {
  keyFingerprint,
  type ReleaseEvidence,
  verificationSummary,
} from '../../../src/trust/index.ts'
import { FINGERPRINT, ID, ISSUER, OTHER_ID, SAN } from '../policy/samples.ts'
import {
  evidence,
  hoursAgo,
  identitySigner,
  judged,
  keySigner,
  NOW,
  policyOf,
  tool,
} from './evidence.ts'

const GOOD_SAN = SAN.replace('*', '1.0.0')
const WITNESSES = 'quorum = { file = "w" }'
const key = keySigner()
const KEY_ROW = `[[publisher.signer]]\nkind = "key"\nfingerprint = "${keyFingerprint(key.key)}"`
const ID_ROW = `[[publisher.signer]]\nkind = "keyless"\nissuer = "${ISSUER}"\nsan = "${SAN}"\nrepository_id = "7"`
const identity = identitySigner(GOOD_SAN, { repository_id: '7' })
const release = cidOf(Buffer.from('release'))
const finding = {
  rule: 'secrecy',
  severity: 'deceptive',
  path: '/description',
  excerpt: 'Do not tell the user',
  why: 'It keeps something from the user.',
  next: 'Say what the tool does.',
  tool: 'get_forecast',
} as const

interface Case {
  readonly row?: string
  readonly top?: string
  readonly changes?: Partial<ReleaseEvidence>
  readonly code: string
  readonly verdict: string
  readonly message: string
  readonly expected: string
  readonly got: string
  readonly next: string
}

const CASES: Readonly<Record<string, Case>> = {
  'no row for the namespace': {
    changes: { name: 'com.other/weather' },
    code: 'PUBLISHER_UNTRUSTED',
    verdict: 'POLICY',
    message: 'The trust policy does not allow com.other/weather.',
    expected: 'a [[publisher]] of com.other whose tools cover com.other/weather',
    got: 'no row for it',
    next: `If you trust this publisher: \`registry trust add com.other --id ${ID}\`.`,
  },
  'no row for one of its tools': {
    row: 'tools = ["com.acme/weather#get_*"]',
    changes: { tools: [tool('get_forecast'), tool('set_alarm')] },
    code: 'PUBLISHER_UNTRUSTED',
    verdict: 'POLICY',
    message: 'The trust policy does not allow com.acme/weather.',
    expected: 'a [[publisher]] of com.acme whose tools cover com.acme/weather',
    got: 'no row for set_alarm',
    next: `If you trust this publisher: \`registry trust add com.acme --id ${ID}\`.`,
  },
  'no tool at all': {
    changes: { tools: [] },
    code: 'PUBLISHER_UNTRUSTED',
    verdict: 'POLICY',
    message: 'The trust policy does not allow com.acme/weather.',
    expected: 'a [[publisher]] of com.acme whose tools cover com.acme/weather',
    got: 'no row for it',
    next: `If you trust this publisher: \`registry trust add com.acme --id ${ID}\`.`,
  },
  'another publisher than the one named': {
    changes: { publisher: OTHER_ID, pinned: OTHER_ID },
    code: 'PUBLISHER_CHANGED',
    verdict: 'REBIND',
    message: 'com.acme is published by somebody else than before.',
    expected: `${ID}, named by the policy`,
    got: OTHER_ID,
    next: 'Do not accept it unless the publisher you know says so, elsewhere than here.',
  },
  'no proof that it is in the log': {
    changes: { proven: ['release-signature'] },
    code: 'EVIDENCE_MISSING',
    verdict: 'POLICY',
    message: 'The policy asks for evidence that com.acme/weather@1.4.2 does not have.',
    expected: 'log-inclusion: it is an entry of the publisher’s log',
    got: 'release-signature',
    next: 'Do not use it. Pull it again, from another peer.',
  },
  'no signature': {
    changes: { proven: [] },
    code: 'UNSIGNED',
    verdict: 'UNSIGNED',
    message: 'The policy asks for evidence that com.acme/weather@1.4.2 does not have.',
    expected: 'release-signature: whom the publisher’s log lets release has signed it',
    got: 'nothing proven',
    next: 'Do not use it. Pull it again, from another peer.',
  },
  'no witnesses': {
    top: WITNESSES,
    changes: { proven: ['release-signature', 'log-inclusion'] },
    code: 'EVIDENCE_MISSING',
    verdict: 'POLICY',
    message: 'The policy asks for evidence that com.acme/weather@1.4.2 does not have.',
    expected: 'witness-quorum: enough witnesses have seen the log with it',
    got: 'release-signature, log-inclusion',
    next: 'Pull it again from a peer whose log the witnesses of your policy have seen.',
  },
  'no evidence of the namespace': {
    row: 'require = ["namespace-evidence"]',
    code: 'NAMESPACE_UNPROVEN',
    verdict: 'POLICY',
    message: 'The policy asks for evidence that com.acme/weather@1.4.2 does not have.',
    expected: 'namespace-evidence: the namespace’s owner names this publisher',
    got: 'release-signature, log-inclusion, witness-quorum',
    next: 'Ask the domain: `registry namespace verify com.acme`.',
  },
  'another key': {
    row: KEY_ROW.replace(keyFingerprint(key.key), FINGERPRINT),
    changes: { signers: [key] },
    code: 'SIGNER_UNAUTHORIZED',
    verdict: 'POLICY',
    message: 'com.acme/weather@1.4.2 is not signed by those whom the policy names.',
    expected: `1 of: key ${FINGERPRINT}`,
    got: `key ${keyFingerprint(key.key)} (it is another key)`,
    next: 'If the publisher has changed how it signs, it can tell you how; then change the policy.',
  },
  'nobody, where somebody is named': {
    row: KEY_ROW,
    code: 'UNSIGNED',
    verdict: 'UNSIGNED',
    message: 'com.acme/weather@1.4.2 is not signed by those whom the policy names.',
    expected: `1 of: key ${keyFingerprint(key.key)}`,
    got: 'no signature',
    next: 'If the publisher has changed how it signs, it can tell you how; then change the policy.',
  },
  'another repository of the same name': {
    row: ID_ROW,
    changes: { signers: [identitySigner(GOOD_SAN, { repository_id: '8' })] },
    code: 'SIGNER_UNAUTHORIZED',
    verdict: 'POLICY',
    message: 'com.acme/weather@1.4.2 is not signed by those whom the policy names.',
    expected: `1 of: identity ${SAN} of ${ISSUER}, repository_id 7`,
    got: `identity ${GOOD_SAN} of ${ISSUER} (repository_id is 8)`,
    next: 'If the publisher has changed how it signs, it can tell you how; then change the policy.',
  },
  'a rule that has ended': {
    row: `${KEY_ROW}\nnot_after = 2026-11-20`,
    changes: { signers: [key] },
    code: 'SIGNER_UNAUTHORIZED',
    verdict: 'POLICY',
    message: 'com.acme/weather@1.4.2 is not signed by those whom the policy names.',
    expected: `1 of: key ${keyFingerprint(key.key)}`,
    got: `key ${keyFingerprint(key.key)} (the rule ended 2026-11-20T23:59:59.999Z)`,
    next: 'If the publisher has changed how it signs, it can tell you how; then change the policy.',
  },
  'one of two': {
    row: `threshold = 2\n${KEY_ROW}\n${ID_ROW}`,
    changes: { signers: [key] },
    code: 'SIGNER_UNAUTHORIZED',
    verdict: 'POLICY',
    message: 'com.acme/weather@1.4.2 is not signed by those whom the policy names.',
    expected: `2 of: key ${keyFingerprint(key.key)}; identity ${SAN} of ${ISSUER}, repository_id 7`,
    got: `1: key ${keyFingerprint(key.key)}`,
    next: 'If the publisher has changed how it signs, it can tell you how; then change the policy.',
  },
  'no attestation': {
    row: `${KEY_ROW}\n[[publisher.attestation]]\npredicate = "https://slsa.dev/provenance/v1"\nbuilder = "https://ci.example"`,
    changes: { signers: [key] },
    code: 'EVIDENCE_MISSING',
    verdict: 'POLICY',
    message: 'com.acme/weather@1.4.2 lacks an attestation that the policy asks for.',
    expected: `https://slsa.dev/provenance/v1 of https://ci.example, by 1 of: key ${keyFingerprint(key.key)}`,
    got: 'none',
    next: 'Fetch what there is: `registry attestations com.acme/weather@1.4.2`.',
  },
  'a warning of an adviser who blocks': {
    row: `[[advisory]]\nid = "${OTHER_ID}"\neffect = "block"`,
    changes: { advisories: [{ adviser: OTHER_ID, cid: release, reason: 'It steals.' }] },
    code: 'REVOKED',
    verdict: 'REVOKED',
    message: 'An adviser of your policy warns of com.acme/weather@1.4.2.',
    expected: 'no advisory against it',
    got: `${OTHER_ID} against ${release}: It steals.`,
    next: 'Do not use it. Update to a release without it, or ask the adviser.',
  },
  'a character that is forbidden': {
    top: 'quorum = "none"\n[surface]\nforbid = ["bidi", "tags"]',
    changes: { tools: [tool('get_forecast', 'Says \u{202e}olleh.')] },
    code: 'TEXT_DECEPTIVE',
    verdict: 'POLICY',
    message:
      'The tool get_forecast of com.acme/weather@1.4.2 holds a character that the policy forbids.',
    expected: 'no character of the classes bidi, tags',
    got: 'U+202E',
    next: 'Do not use it: a model would read what you cannot see. Tell its publisher.',
  },
  'deceptive text': {
    changes: { lint: () => [finding] },
    code: 'TEXT_DECEPTIVE',
    verdict: 'POLICY',
    message:
      'The text of get_forecast in com.acme/weather@1.4.2 could deceive a model or its user. It keeps something from the user.',
    expected: 'no deceptive text, by the policy',
    got: 'secrecy at /description: Do not tell the user',
    next: 'Read the text. If it is honest, the policy can warn instead of refusing: [text].',
  },
  'suspicious text, where that is refused': {
    top: 'quorum = "none"\n[text]\nsuspicious = "refuse"',
    changes: { lint: () => [{ ...finding, severity: 'suspicious' }] },
    code: 'TEXT_DECEPTIVE',
    verdict: 'POLICY',
    message:
      'The text of get_forecast in com.acme/weather@1.4.2 could deceive a model or its user. It keeps something from the user.',
    expected: 'no suspicious text, by the policy',
    got: 'secrecy at /description: Do not tell the user',
    next: 'Read the text. If it is honest, the policy can warn instead of refusing: [text].',
  },
  'a release that is too new': {
    top: `min_age = "72h"\n${WITNESSES}`,
    changes: { witnessed: { kind: 'witnesses', first: hoursAgo(71), newest: NOW } },
    code: 'TOO_NEW',
    verdict: 'POLICY',
    message: 'com.acme/weather@1.4.2 is too new for the policy.',
    expected: 'seen by witnesses at least 3 days ago',
    got: '2 days ago',
    next: 'Wait, or use the release before it.',
  },
  'a release that no witness has seen': {
    top: `min_age = "72h"\n${WITNESSES}`,
    changes: { witnessed: { kind: 'witnesses', first: undefined, newest: NOW } },
    code: 'TOO_NEW',
    verdict: 'POLICY',
    message: 'com.acme/weather@1.4.2 is too new for the policy.',
    expected: 'seen by witnesses at least 3 days ago',
    got: 'not seen by enough witnesses',
    next: 'Wait, or use the release before it.',
  },
  'a log that no witness has seen lately': {
    top: WITNESSES,
    changes: { witnessed: { kind: 'witnesses', first: hoursAgo(500), newest: hoursAgo(200) } },
    code: 'STALE',
    verdict: 'STALE',
    message: 'Nothing says that what is known here of com.acme/weather@1.4.2 is still so.',
    expected: 'its log seen by enough witnesses within the last 7 days',
    got: '2026-11-13T04:00:00.000Z, 8 days ago',
    next: 'Pull it again, or allow stale tools explicitly.',
  },
  'a log that no witness has seen at all': {
    top: WITNESSES,
    changes: { witnessed: { kind: 'witnesses', first: undefined, newest: undefined } },
    code: 'STALE',
    verdict: 'STALE',
    message: 'Nothing says that what is known here of com.acme/weather@1.4.2 is still so.',
    expected: 'its log seen by enough witnesses within the last 7 days',
    got: 'no word of enough witnesses',
    next: 'Pull it again, or allow stale tools explicitly.',
  },
}

describe('refused', () => {
  test.each(Object.entries(CASES))('%s', (_, one) => {
    const { row = '', top, changes = {}, code, verdict, message, expected, got, next } = one
    const { kind, claim, error } = judged(policyOf(row, top), changes)
    expect({ kind, holds: claim.holds }).toEqual({ kind: 'refused', holds: false })
    expect(error).toMatchObject({ code, verdict, message, details: { expected, got, next } })
  })

  test('by a namespace that nobody was pinned to', () => {
    const policy = policyOf('').publishers.map((row) => ({ ...row, id: undefined }))
    const open = { ...policyOf(''), publishers: policy }
    expect(judged(open).error).toMatchObject({
      code: 'PUBLISHER_UNPINNED',
      message: 'Nobody has said yet which publisher com.acme means.',
      details: {
        expected: 'an id in the policy, or a pin',
        got: 'neither',
        next: `Compare the id with the publisher’s own word, then write it as the \`id\` of the row: ${ID}.`,
      },
    })
    expect(judged(open, { pinned: ID }).kind).toBe('allowed')
    expect(judged(open, { pinned: OTHER_ID }).error).toMatchObject({
      code: 'PUBLISHER_CHANGED',
      details: { expected: `${OTHER_ID}, pinned at first use`, got: ID },
    })
  })

  test('the first claim that fails is told, and all of them are shown', () => {
    const { error, claim } = judged(policyOf(KEY_ROW), { publisher: OTHER_ID, proven: [] })
    expect(error?.code).toBe('PUBLISHER_CHANGED')
    const failed = claim.claims.filter((one) => !one.holds).map((one) => one.claim)
    expect(failed).toEqual(['publisher', 'evidence', 'signers'])
  })
})

describe('allowed', () => {
  test('with each claim and what it rests on', () => {
    const { kind, claim, error, warnings } = judged(policyOf(ID_ROW), { signers: [identity] })
    expect({ kind, error, warnings }).toEqual({ kind: 'allowed', error: undefined, warnings: [] })
    expect(claim.claims.map(({ claim, says, by }) => [claim, says, ...by])).toEqual([
      ['covered', 'the policy speaks of com.acme/weather', 'publisher row of com.acme: com.acme/*'],
      ['publisher', 'com.acme is published by whom it should be', `${ID}, named by the policy`],
      ['evidence', 'everything that the policy asks for is proven'],
      [
        'signers',
        '1 of the policy’s 1 signer signed it',
        `identity ${GOOD_SAN} of ${ISSUER}, by the rule identity ${SAN} of ${ISSUER}, repository_id 7`,
      ],
      ['advisories', 'no adviser of the policy has warned of it', 'the policy names none'],
      ['text', 'its text does not deceive', 'nothing found'],
      ['age', 'it may be new', 'no min_age in the policy'],
      ['freshness', 'nobody is asked how old its log is', 'quorum = "none"'],
    ])
  })

  test('old enough at the very hour, and by the log that is written here', () => {
    const policy = policyOf('', `min_age = "72h"\n${WITNESSES}`)
    const witnessed = { kind: 'witnesses', first: hoursAgo(72), newest: hoursAgo(7 * 24) } as const
    expect(judged(policy, { witnessed }).kind).toBe('allowed')
    expect(judged(policy, { witnessed: { kind: 'own' } }).kind).toBe('allowed')
  })

  test('stale, where that is allowed, with a warning', () => {
    const witnessed = { kind: 'witnesses', first: hoursAgo(500), newest: hoursAgo(200) } as const
    const { kind, warnings } = judged(policyOf('', WITNESSES), { witnessed }, true)
    expect(kind).toBe('allowed')
    expect(warnings).toEqual([
      'com.acme/weather@1.4.2 goes on although it is STALE: 2026-11-13T04:00:00.000Z, 8 days ago. News of it may be withheld.',
    ])
  })

  test('with the warnings of advisers who may only warn, and of nobody else', () => {
    const policy = policyOf(`[[advisory]]\nid = "${OTHER_ID}"\neffect = "warn"`)
    const advisories = [
      { adviser: OTHER_ID, cid: release, reason: 'Old.' },
      { adviser: ID, cid: release, reason: 'Nobody asked.' },
    ]
    const { kind, warnings } = judged(policy, { advisories })
    expect(kind).toBe('allowed')
    expect(warnings).toEqual([`${OTHER_ID} warns of ${release} in com.acme/weather@1.4.2: Old.`])
  })

  test('with suspicious text, and told so', () => {
    const lint = () => [{ ...finding, severity: 'suspicious' as const }]
    const { kind, warnings } = judged(policyOf(''), { lint })
    expect({ kind, warnings }).toEqual({
      kind: 'allowed',
      warnings: [
        'get_forecast in com.acme/weather@1.4.2: It keeps something from the user. Do not tell the user',
      ],
    })
  })

  test('a line break is no forbidden control character', () => {
    const policy = policyOf('', 'quorum = "none"\n[surface]\nforbid = ["controls", "ansi"]')
    expect(judged(policy, { tools: [tool('get_a', 'One\n\ttwo.')] }).kind).toBe('allowed')
    expect(judged(policy, { tools: [tool('get_a', 'One \u{1b}[8m.')] }).kind).toBe('refused')
    expect(judged(policy, { tools: [tool('get_a', 'One \u{7f}.')] }).kind).toBe('refused')
  })
})

describe('of rows and signers', () => {
  const rows = (one: string, two: string) =>
    policyOf(`${one}\n[[publisher]]\nnamespace = "com.acme"\nid = "${ID}"\n${two}`)

  test('the first row that covers a tool decides about it, alone', () => {
    const policy = rows(`tools = ["com.acme/w*"]\n${KEY_ROW}`, ID_ROW)
    expect(judged(policy, { signers: [identity] }).error?.code).toBe('SIGNER_UNAUTHORIZED')
    expect(judged(policy, { signers: [key] }).kind).toBe('allowed')
    expect(judged(policy, { signers: [identity], name: 'com.acme/other' }).kind).toBe('allowed')
  })

  test('tools of two rows need both', () => {
    const policy = rows(`tools = ["com.acme/*#get_*"]\n${KEY_ROW}`, ID_ROW)
    const tools = [tool('get_a'), tool('set_a')]
    expect(judged(policy, { tools, signers: [key] }).kind).toBe('refused')
    expect(judged(policy, { tools, signers: [identity] }).kind).toBe('refused')
    expect(judged(policy, { tools, signers: [key, identity] }).kind).toBe('allowed')
  })

  test('k of n mixes keys and identities', () => {
    const policy = policyOf(`threshold = 2\n${KEY_ROW}\n${ID_ROW}`)
    expect(judged(policy, { signers: [key, identity] }).kind).toBe('allowed')
    expect(judged(policy, { signers: [identity, key] }).kind).toBe('allowed')
  })

  test('one signer whom two rules mean is one', () => {
    const policy = policyOf(`threshold = 2\n${ID_ROW}\n${ID_ROW.replace('v*', 'v1*')}`)
    expect(judged(policy, { signers: [identity] }).kind).toBe('refused')
    expect(judged(policy, { signers: [identity, identity] }).kind).toBe('refused')
  })

  test('two signers whom one rule means are one', () => {
    const policy = policyOf(`threshold = 2\n${ID_ROW}\n${KEY_ROW}`)
    const other = identitySigner(SAN.replace('*', '2.0.0'), { repository_id: '7' })
    expect(judged(policy, { signers: [identity, other] }).kind).toBe('refused')
  })

  test('each signer is given the rule that leaves the others theirs', () => {
    const narrow = ID_ROW.replace('v*', 'v1.0.0')
    const other = identitySigner(SAN.replace('*', '2.0.0'), { repository_id: '7' })
    for (const [one, two] of [
      [narrow, ID_ROW],
      [ID_ROW, narrow],
    ]) {
      const policy = policyOf(`threshold = 2\n${one}\n${two}`)
      expect(judged(policy, { signers: [identity, other] }).kind).toBe('allowed')
      expect(judged(policy, { signers: [other, identity] }).kind).toBe('allowed')
    }
  })
})

describe('where the default is to ask', () => {
  const prompt = 'default = "prompt"\nquorum = "none"'

  test('a person is asked about what no row covers, and nothing else', () => {
    const { kind, error } = judged(policyOf('', prompt), { name: 'com.other/x' })
    expect({ kind, code: error?.code }).toEqual({ kind: 'ask', code: 'PUBLISHER_UNTRUSTED' })
    expect(judged(policyOf('', prompt), { publisher: OTHER_ID }).kind).toBe('refused')
    expect(judged(policyOf('', prompt)).kind).toBe('allowed')
  })

  test('nobody is asked about what deceives, or what is partly covered', () => {
    const lint = () => [finding]
    expect(judged(policyOf('', prompt), { name: 'com.other/x', lint }).kind).toBe('refused')
    const policy = policyOf('tools = ["com.acme/*#get_*"]', prompt)
    expect(judged(policy, { tools: [tool('get_a'), tool('set_a')] }).kind).toBe('refused')
  })
})

test('a decision as a verification summary', () => {
  const policy = policyOf('')
  const words = { now: NOW, version: '0.1.0', policy: policy.digest }
  const allowed = verificationSummary({ kind: 'allowed' }, evidence(), words)
  expect(allowed).toEqual({
    _type: 'https://in-toto.io/Statement/v1',
    subject: [
      {
        name: 'com.acme/weather@1.4.2',
        digest: { sha256: expect.stringMatching(/^[0-9a-f]{64}$/) },
      },
    ],
    predicateType: 'https://slsa.dev/verification_summary/v1',
    predicate: {
      verifier: { id: 'https://toolmark.dev/trust-policy', version: { toolmark: '0.1.0' } },
      timeVerified: '2026-11-21T12:00:00.000Z',
      resourceUri: `toolmark:${ID}/com.acme/weather@1.4.2`,
      policy: { uri: 'trust.toml', digest: { sha256: policy.digest.slice('sha256-'.length) } },
      verificationResult: 'PASSED',
      verifiedLevels: ['SLSA_BUILD_LEVEL_UNEVALUATED', 'TOOLMARK_POLICY'],
      slsaVersion: '1.0',
    },
  })
  for (const kind of ['refused', 'ask'] as const) {
    expect(verificationSummary({ kind }, evidence(), words).predicate).toMatchObject({
      verificationResult: 'FAILED',
      verifiedLevels: ['FAILED'],
    })
  }
})
