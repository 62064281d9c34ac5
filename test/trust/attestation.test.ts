// Attestations: what is read as one, who signed it, and what it takes to meet a requirement.

import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { type Cid, cidOf } from '../../src/cid/index.ts'
import { canonicalBytes, isRegistryError, RegistryError } from '../../src/lib/index.ts'
import { makeGenesis, makeStatement, parseStatement } from '../../src/log/index.ts'
import { LIMITS, publisherIdOf } from '../../src/spec/index.ts'
import {
  type AttestationPolicy,
  findMet,
  type Identity,
  keyFingerprint,
  makeAttestation,
  parsePredicateType,
  provenanceOf,
  type Signer,
  signStatement,
  type VerifiedAttestation,
  verifyAttestation,
} from '../../src/trust/index.ts'
import {
  BUILDER,
  carry,
  type Loose,
  PROVENANCE,
  provenance,
  REVIEW,
  statementAbout,
} from '../support/attestations.ts'
import { makeKeyrings, rolesOf } from '../support/many-keys.ts'
import { expectError, failure, makeSigner, rejection } from './setup.ts'

const cid = (text: string): Cid => cidOf(Buffer.from(text))
const SUBJECT = cid('release')
const OTHER = cid('another release')
const alice = makeSigner()
const bob = makeSigner()

const nobody = () => {
  throw new RegistryError('ROOT_UNKNOWN', 'No root is known.')
}

async function verified(
  signer: Signer,
  statement: Loose = statementAbout(SUBJECT),
  subject: Cid = SUBJECT,
): Promise<VerifiedAttestation> {
  return verifyAttestation(await carry(statement, signer), { subject, identify: nobody })
}

/** The refusal of a statement that is well signed. */
async function refusal(statement: Loose): Promise<RegistryError> {
  const error = await rejection(verified(alice, statement))
  if (!isRegistryError(error)) throw error
  return error
}

describe('form', () => {
  it('reads what it makes, and what others make in their own spelling', async () => {
    const made = makeAttestation({
      cid: SUBJECT,
      name: 'com.example/weather@1.0.0',
      predicateType: REVIEW,
      predicate: { verdict: 'good' },
    })
    expect(made.subjects).toEqual([SUBJECT])
    const theirs = Buffer.from(JSON.stringify(statementAbout([OTHER, SUBJECT]), undefined, 2))
    const read = await verified(alice, theirs)
    expect(read).toMatchObject({ subjects: [OTHER, SUBJECT], statement: cidOf(theirs) })
    expect(Buffer.from(read.bytes).equals(theirs)).toBe(true)
  })

  it.each<[string, (statement: Loose) => void, string]>([
    ['no type', (s) => delete s._type, 'a field _type'],
    ['an older type', (s) => (s._type = 'https://in-toto.io/Statement/v0.1'), 'Statement/v1'],
    ['an unknown field', (s) => (s.more = 1), 'only _type'],
    ['no subject', (s) => (s.subject = []), 'a list of 1 to 1024 subjects'],
    ['a subject that is no list', (s) => (s.subject = s.subject[0]), 'a list of 1 to 1024'],
    ['a subject without a digest', (s) => delete s.subject[0].digest, 'an object'],
    ['another digest', (s) => (s.subject[0].digest = { sha512: 'a'.repeat(128) }), '64 lower-case'],
    ['a digest in upper case', (s) => upper(s.subject[0].digest), '64 lower-case'],
    ['one good and one bad subject', (s) => s.subject.push({ digest: {} }), '64 lower-case'],
    ['a relative type', (s) => (s.predicateType = 'review/v1'), 'an absolute URI'],
    ['a type with a space', (s) => (s.predicateType = 'https://a b'), 'an absolute URI'],
    ['a type that never ends', (s) => (s.predicateType += 'x'.repeat(600)), 'an absolute URI'],
    ['no predicate', (s) => delete s.predicate, 'a field predicate'],
    ['a predicate that is a list', (s) => (s.predicate = []), 'an object'],
  ])('refuses %s', async (_, change, expected) => {
    const statement = statementAbout(SUBJECT)
    change(statement)
    const error = expectError('STATEMENT_INVALID', await refusal(statement))
    expect(error.message).toBe('This is not an attestation that is read here.')
    expect(error.details.expected).toContain(expected)
  })

  function upper(digest: Loose): void {
    digest.sha256 = digest.sha256.toUpperCase()
  }

  it.each([
    ['JSON_DUPLICATE_KEY', '{"_type":1,"_type":2}'],
    ['JSON_SYNTAX', 'not json'],
    ['JSON_ENCODING', Buffer.from([0x22, 0xff, 0x22])],
    ['STATEMENT_INVALID', '[]'],
  ] as const)('answers %s', async (code, text) => {
    expectError(code, await refusal(Buffer.from(text)))
  })

  it('has a limit, over which nothing is read', async () => {
    const long = statementAbout(SUBJECT, {
      predicate: { text: 'x'.repeat(LIMITS.attestationBytes) },
    })
    const signed = signStatement(canonicalBytes(long), alice, 'attestationBytes')
    expectError('LIMIT_EXCEEDED', await rejection(signed))
    const bundle = new Uint8Array(LIMITS.attestationBundleBytes + 1)
    const read = () => verifyAttestation({ bundle }, { subject: SUBJECT, identify: nobody })
    const error = expectError('LIMIT_EXCEEDED', failure(read))
    expect(error.details.expected).toBe(`at most ${LIMITS.attestationBundleBytes} bytes`)
    const largest = { text: 'x'.repeat(LIMITS.attestationBytes - 400) }
    const good = await verified(alice, statementAbout(SUBJECT, { predicate: largest }))
    expect(good.carried.bundle.length).toBeGreaterThan(LIMITS.attestationBytes)
  })
})

describe('t8-attestation-and-log-entry', () => {
  const roles = rolesOf(makeKeyrings())
  const genesis = makeGenesis({ roles, nextKeyHashes: undefined, created: undefined })
  const place = {
    publisher: publisherIdOf(genesis.bytes),
    seq: 1,
    prev: genesis.cid,
    index: genesis.index,
  }
  const entry = { kind: 'release', name: 'com.example/weather', version: '1.0.0' } as const
  const release = makeStatement({ ...entry, subject: SUBJECT }, place)

  it('an entry of a log is no attestation, whoever signs it', async () => {
    for (const { bytes } of [genesis, release]) {
      const error = expectError('STATEMENT_INVALID', await refusal(bytes))
      expect(error.message).toContain('belongs to entries of a publisher’s log')
      expect(error.details.expected).toBe('a type outside toolmark.dev')
    }
  })

  it('an attestation is no entry of a log', async () => {
    const { bytes } = await verified(alice)
    expectError(
      'STATEMENT_INVALID',
      failure(() => parseStatement(bytes)),
    )
    const sameWords = {
      ...JSON.parse(Buffer.from(release.bytes).toString()),
      predicateType: REVIEW,
    }
    const copied = await verified(alice, sameWords)
    expectError(
      'STATEMENT_INVALID',
      failure(() => parseStatement(copied.bytes)),
    )
  })

  it.each([
    'https://toolmark.dev/release/v1',
    'https://toolmark.dev/review/v1',
    'HTTPS://TOOLMARK.DEV/release/v1',
    'http://toolmark.dev/release/v1',
    'https://toolmark.dev:443/release/v1',
    'https://toolmark.dev./release/v1',
    'https://someone@toolmark.dev/release/v1',
    'https://www.toolmark.dev/release/v1',
    'https://toolmark.dev\\release',
  ])('the type %s is the log’s', (type) => {
    expectError(
      'STATEMENT_INVALID',
      failure(() => parsePredicateType(type)),
    )
  })

  it.each(['https://nottoolmark.dev/x', 'https://toolmark.dev.example/x', 'urn:x:toolmark.dev'])(
    'the type %s is anybody’s',
    (type) => {
      expect(parsePredicateType(type)).toBe(type)
    },
  )
})

describe('provenance', () => {
  it('has its builder', async () => {
    const options = { type: PROVENANCE, predicate: provenance() }
    const read = await verified(alice, statementAbout(SUBJECT, options))
    expect(provenanceOf(read)?.builder).toBe(BUILDER)
    expect(provenanceOf(await verified(alice))).toBeUndefined()
  })

  it.each<[string, (predicate: Loose) => void]>([
    ['/predicate/buildDefinition', (p) => delete p.buildDefinition],
    ['/predicate/buildDefinition/buildType', (p) => (p.buildDefinition.buildType = 'make')],
    [
      '/predicate/buildDefinition/externalParameters',
      (p) => (p.buildDefinition.externalParameters = 1),
    ],
    ['/predicate/runDetails', (p) => (p.runDetails = [])],
    ['/predicate/runDetails/builder', (p) => delete p.runDetails.builder],
    ['/predicate/runDetails/builder/id', (p) => (p.runDetails.builder.id = '')],
  ])('is refused without %s', async (path, change) => {
    const predicate = provenance()
    change(predicate)
    const error = await refusal(statementAbout(SUBJECT, { type: PROVENANCE, predicate }))
    expect(expectError('STATEMENT_INVALID', error).details.path).toBe(path)
  })

  it('of a verdict has the verdict', async () => {
    const type = 'https://slsa.dev/verification_summary/v1'
    const error = await refusal(statementAbout(SUBJECT, { type, predicate: {} }))
    expect(expectError('STATEMENT_INVALID', error).details.path).toBe(
      '/predicate/verificationResult',
    )
  })
})

describe('signer', () => {
  it('is the key that fits', async () => {
    expect((await verified(alice)).signer).toEqual({ kind: 'key', key: alice.key })
  })

  it('t22-attestation-of-another-subject: a statement about something else is none about this', async () => {
    const error = expectError('SUBJECT_MISMATCH', await refusal(statementAbout(OTHER)))
    expect(error.message).toBe('This attestation is about something else.')
    expect(error.details).toMatchObject({ expected: SUBJECT, got: OTHER })
    const two = expectError(
      'SUBJECT_MISMATCH',
      await refusal(statementAbout([OTHER, cid('third')])),
    )
    expect(two.details.got).toBe('2 other subjects')
  })

  it('is nobody when the payload was swapped', async () => {
    const { bundle, spki } = await carry(statementAbout(OTHER), alice)
    const loose = JSON.parse(Buffer.from(bundle).toString())
    const swapped = canonicalBytes(statementAbout(SUBJECT))
    loose.dsseEnvelope.payload = Buffer.from(swapped).toString('base64')
    const error = expectError(
      'SIGNATURE_INVALID',
      failure(() => read(loose, spki)),
    )
    expect(error.message).toBe('The signature does not fit the attestation.')
  })

  it('is nobody without a signature, or with two', async () => {
    const { bundle, spki } = await carry(statementAbout(SUBJECT), alice)
    for (const signatures of [[], undefined]) {
      const loose = JSON.parse(Buffer.from(bundle).toString())
      loose.dsseEnvelope.signatures = signatures
      expectError(
        'BUNDLE_INVALID',
        failure(() => read(loose, spki)),
      )
    }
    const twice = JSON.parse(Buffer.from(bundle).toString())
    twice.dsseEnvelope.signatures.push(twice.dsseEnvelope.signatures[0])
    expectError(
      'BUNDLE_INVALID',
      failure(() => read(twice, spki)),
    )
  })

  it('is not guessed: a key must be known', async () => {
    const { bundle } = await carry(statementAbout(SUBJECT), alice)
    const unknown = { subject: SUBJECT, identify: nobody }
    const error = expectError(
      'SIGNER_UNAUTHORIZED',
      failure(() => verifyAttestation({ bundle }, unknown)),
    )
    expect(error.message).toBe('No key is known that signed this attestation.')
    expect(error.details.got).toBe(keyFingerprint(alice.key))
    const keys = [bob.key, alice.key]
    expect(verifyAttestation({ bundle }, { ...unknown, keys }).carried.spki).toBe(alice.key.spki)
    expectError(
      'SIGNER_UNAUTHORIZED',
      failure(() => verifyAttestation({ bundle }, { ...unknown, keys: [bob.key] })),
    )
    const { key } = makeSigner('ed25519')
    expectError(
      'KEY_INVALID',
      failure(() => verifyAttestation({ bundle, spki: key.spki }, unknown)),
    )
  })

  it('of a certificate is the root’s to tell, over the very statement', async () => {
    const statement = canonicalBytes(statementAbout(SUBJECT))
    const seen: Uint8Array[] = []
    const bundle = keylessBundle(statement)
    const identity: Identity = { issuer: 'https://issuer.example', san: 'a@b.example', claims: {} }
    const identify = (signed: { readonly statement: Uint8Array }): Identity => {
      seen.push(signed.statement)
      return identity
    }
    const read = verifyAttestation({ bundle, spki: alice.key.spki }, { subject: SUBJECT, identify })
    expect(read.signer).toEqual({ kind: 'keyless', identity })
    expect(read.carried).toEqual({ bundle })
    expect(Buffer.from(seen[0] as Uint8Array).equals(statement)).toBe(true)
    const none = Buffer.from('{"verificationMaterial":{"certificate":{}}}')
    const error = failure(() => verifyAttestation({ bundle: none }, { subject: SUBJECT, identify }))
    expect(expectError('BUNDLE_INVALID', error).message).toBe(
      'This bundle holds no in-toto statement.',
    )
  })

  function read(loose: Loose, spki: string | undefined): VerifiedAttestation {
    const bundle = Buffer.from(JSON.stringify(loose))
    return verifyAttestation({ bundle, spki }, { subject: SUBJECT, identify: nobody })
  }
})

describe('findMet', () => {
  const now = new Date('2026-11-21T00:00:00Z')
  const key = ({ key: one }: Signer, notAfter?: Date) => ({
    kind: 'key' as const,
    fingerprint: keyFingerprint(one),
    notAfter,
  })
  const keyless = (san: string, claims = {}) => ({
    kind: 'keyless' as const,
    rule: { issuer: ISSUER, san, ...claims },
    notAfter: undefined,
  })
  const asks = (asked: Partial<AttestationPolicy>): AttestationPolicy => ({
    predicate: REVIEW,
    builder: undefined,
    signers: [key(alice)],
    threshold: 1,
    ...asked,
  })
  const met = (attestations: readonly VerifiedAttestation[], asked: Partial<AttestationPolicy>) =>
    findMet(attestations, asks(asked), { subject: SUBJECT, now })

  it('is met by the signers that are named, and by nobody else', async () => {
    const [hers, his] = [await verified(alice), await verified(bob)]
    expect(met([hers], {})).toMatchObject({ isMet: true, by: [hers] })
    const none = met([his], {})
    expect(none.isMet).toBe(false)
    expect(none.passedOver[0]?.why).toBe('its signer is none of those named')
    expect(met([], {}).isMet).toBe(false)
  })

  it('t23-own-key-beside-an-attestation: a key that comes along counts for nothing', async () => {
    const mallory = makeSigner()
    const hers = await verified(mallory)
    expect(hers.signer).toEqual({ kind: 'key', key: mallory.key })
    expect(met([hers], { signers: [key(alice), key(bob)] })).toMatchObject({
      isMet: false,
      counts: 0,
    })
    const { bundle } = await carry(statementAbout(SUBJECT), mallory)
    const loose = JSON.parse(Buffer.from(bundle).toString())
    loose.verificationMaterial.publicKey.hint = keyFingerprint(alice.key)
    const posing = verifyAttestation(
      { bundle: Buffer.from(JSON.stringify(loose)), spki: mallory.key.spki },
      { subject: SUBJECT, identify: nobody },
    )
    expect(met([posing], {}).isMet).toBe(false)
  })

  it('t15-one-signer-many-attestations: counts signers, not attestations', async () => {
    const twice = [
      await verified(alice),
      await verified(alice),
      await verified(alice, statementAbout(SUBJECT, { predicate: { other: true } })),
    ]
    const two = { signers: [key(alice), key(bob)], threshold: 2 }
    expect(met(twice, two)).toMatchObject({ isMet: false, counts: 1 })
    expect(met([...twice, await verified(bob)], two)).toMatchObject({ isMet: true, counts: 2 })
    expect(met(twice, { signers: [key(alice), key(alice)], threshold: 2 }).isMet).toBe(false)
  })

  it('mixes keys and identities, each row for one of them', async () => {
    const ci = identified('https://ci.example/a')
    const row = keyless('https://ci.example/*')
    const mixed = { signers: [key(alice), row], threshold: 2 }
    expect(met([await verified(alice), ci], mixed).isMet).toBe(true)
    const two = [identified('https://ci.example/a'), identified('https://ci.example/b')]
    expect(met(two, { signers: [row, key(alice)], threshold: 2 }).isMet).toBe(false)
    const overlapping = { signers: [row, keyless('https://ci.example/a')], threshold: 2 }
    expect(met([ci], overlapping).isMet).toBe(false)
    expect(met(two, overlapping).isMet).toBe(true)
    expect(met(two.toReversed(), overlapping).isMet).toBe(true)
  })

  it('takes the attestation of a signer whose claims fit', () => {
    const rows = [keyless('https://ci.example/a', { repository_id: '7' })]
    const [wrong, right] = [
      identified('https://ci.example/a', { repository_id: '8' }),
      identified('https://ci.example/a', { repository_id: '7' }),
    ]
    expect(met([wrong], { signers: rows }).isMet).toBe(false)
    expect(met([wrong, right], { signers: rows })).toMatchObject({ isMet: true, by: [right] })
  })

  it.each<[string, Partial<AttestationPolicy>, string]>([
    ['type', { predicate: PROVENANCE }, `its type is ${REVIEW}`],
    ['builder', { builder: BUILDER }, 'its builder is not said'],
  ])('needs the %s', async (_, asked, why) => {
    expect(met([await verified(alice)], asked).passedOver[0]?.why).toBe(why)
  })

  it('needs exactly the builder that is asked for', async () => {
    for (const builder of [`${BUILDER}x`, BUILDER.slice(0, -1), BUILDER.toUpperCase()]) {
      const statement = statementAbout(SUBJECT, {
        type: PROVENANCE,
        predicate: provenance(builder),
      })
      const found = met([await verified(alice, statement)], {
        predicate: PROVENANCE,
        builder: BUILDER,
      })
      expect(found).toMatchObject({ isMet: false })
      expect(found.passedOver[0]?.why).toBe(`its builder is ${builder}`)
    }
    const right = statementAbout(SUBJECT, { type: PROVENANCE, predicate: provenance() })
    const asked = { predicate: PROVENANCE, builder: BUILDER }
    expect(met([await verified(alice, right)], asked).isMet).toBe(true)
  })

  it('a report that failed is no evidence', async () => {
    const type = 'https://slsa.dev/verification_summary/v1'
    const said = (verificationResult: string) =>
      verified(alice, statementAbout(SUBJECT, { type, predicate: { verificationResult } }))
    expect(met([await said('PASSED')], { predicate: type }).isMet).toBe(true)
    const failed = met([await said('FAILED')], { predicate: type })
    expect(failed.passedOver[0]?.why).toBe('it says verificationResult FAILED')
  })

  it('is about the subject that is asked about', async () => {
    const other = await verified(alice, statementAbout(OTHER), OTHER)
    expect(met([other], {}).passedOver[0]?.why).toBe('it is about something else')
  })

  it('a rule ends when it says', async () => {
    const hers = await verified(alice)
    const signers = (end: string) => ({ signers: [key(alice, new Date(end))] })
    expect(met([hers], signers('2026-11-22')).isMet).toBe(true)
    expect(met([hers], signers('2026-11-20')).isMet).toBe(false)
  })

  it('t14-nobody-asked: no signers, or a threshold of none, are met by nobody', async () => {
    const hers = await verified(alice)
    expect(met([hers], { signers: [] }).isMet).toBe(false)
    for (const threshold of [0, -1, Number.NaN])
      expect(met([hers], { threshold }).isMet).toBe(false)
  })

  it('does not depend on the order, and finds as many as can be found', () => {
    const sans = ['a', 'b', 'c'].map((end) => `https://ci.example/${end}`)
    const rule = fc.constantFrom('https://ci.example/*', ...sans)
    fc.assert(
      fc.property(
        fc.uniqueArray(fc.constantFrom(...sans), { minLength: 1 }),
        fc.array(rule, { minLength: 1, maxLength: 4 }),
        (who, rules) => {
          const attestations = who.map((san) => identified(san))
          const signers = rules.map((san) => keyless(san))
          const count = (list: readonly VerifiedAttestation[]) => met(list, { signers }).counts
          expect(count(attestations)).toBe(most(who, rules))
          expect(count(attestations.toReversed())).toBe(count(attestations))
        },
      ),
    )
  })
})

const ISSUER = 'https://issuer.example'

function identified(san: string, claims = {}): VerifiedAttestation {
  const bundle = keylessBundle(canonicalBytes(statementAbout(SUBJECT)))
  const identify = (): Identity => ({ issuer: ISSUER, san, claims })
  return verifyAttestation({ bundle }, { subject: SUBJECT, identify })
}

function keylessBundle(statement: Uint8Array): Uint8Array {
  const dsseEnvelope = { payload: Buffer.from(statement).toString('base64') }
  return Buffer.from(JSON.stringify({ verificationMaterial: { certificate: {} }, dsseEnvelope }))
}

/** By trying everything: the oracle. */
function most(who: readonly string[], rules: readonly string[]): number {
  const [first, ...rest] = who
  if (first === undefined) return 0
  const without = most(rest, rules)
  const choices = rules.flatMap((rule, i) =>
    rule.endsWith('*') || rule === first ? [1 + most(rest, rules.toSpliced(i, 1))] : [],
  )
  return Math.max(without, ...choices)
}
