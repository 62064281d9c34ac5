// 142 bundles of other projects’ test corpora, against the public-good root: how many are accepted, and why each of the others is not.

import { describe, expect, test } from 'vitest'
import { isRegistryError } from '../../../src/lib/index.ts'
import { publicGoodRoot, verifyKeyless } from '../../../src/trust/sigstore/index.ts'
import { bytesOf, type CorpusBundle, readCorpus, statementOf, verifyAny } from './bundles.ts'

const corpus = readCorpus() ?? []

/** What the library says of it alone → what we say, and how often. */
const TABLE: Readonly<Record<string, number>> = {
  'accept → accepted': 61,
  // Old bundles that bring their root along; sigstore-conformance wants them refused (bundle-with-root-cert_fail).
  'accept → BUNDLE_INVALID the signer’s certificate and authorities between': 14,
  // npm’s keys: nobody has named them here.
  'accept → SIGNER_UNAUTHORIZED a certificate that names who signed': 8,
  'reject → BUNDLE_INVALID the signer’s certificate and authorities between': 9,
  'reject → BUNDLE_INVALID padded standard base64 of at least a byte': 4,
  'reject → BUNDLE_INVALID application/vnd.in-toto+json': 2,
  'reject → BUNDLE_INVALID exactly one of dsseEnvelope, messageSignature': 2,
  'reject → BUNDLE_INVALID a certificate': 1,
  'reject → BUNDLE_INVALID a single certificate since v0.3': 1,
  'reject → BUNDLE_INVALID at most 1 items': 1,
  'reject → BUNDLE_INVALID the field inclusionProof': 1,
  'reject → BUNDLE_INVALID the field verificationMaterial': 1,
  'reject → CERTIFICATE_INVALID evidence that verifies against the trusted root': 1,
  'reject → EVIDENCE_MISSING at least 1': 3,
  'reject → LOG_ENTRY_INVALID evidence that verifies against the trusted root': 3,
  'reject → ROOT_UNKNOWN the log that the trusted root names': 14,
  'reject → SIGNER_UNAUTHORIZED a certificate that names who signed': 9,
  // Signatures over files that the corpus does not have.
  'reject → SIGNATURE_INVALID evidence that verifies against the trusted root': 7,
}

describe.skipIf(corpus.length === 0)('bundles of other projects', () => {
  test('accepted and refused, each for its reason', () => {
    const counts: Record<string, number> = {}
    for (const one of corpus) {
      const line = `${one.expected} → ${judge(one)}`
      counts[line] = (counts[line] ?? 0) + 1
    }
    expect(counts).toEqual(TABLE)
    expect(corpus).toHaveLength(142)
  })

  test('nothing is accepted that the library refuses, and who signed is read as the library reads it', () => {
    const accepted = corpus.filter((one) => judge(one) === 'accepted')
    expect(accepted.every(({ expected }) => expected === 'accept')).toBe(true)
    for (const { bundle, issuer, san } of accepted) {
      const { identity, times } = verifyAny(bytesOf(bundle), publicGoodRoot())
      expect({ issuer: identity.issuer, san: identity.san }).toEqual({ issuer, san })
      expect(times.length).toBeGreaterThan(0)
    }
  })

  test('in the form of our own statements, only v0.3 with a certificate', () => {
    const codes: Record<string, number> = {}
    for (const { bundle } of corpus) {
      const code = codeOf(() =>
        verifyKeyless({
          bundle: bytesOf(bundle),
          statement: statementOf(bundle),
          root: publicGoodRoot(),
        }),
      )
      codes[code] = (codes[code] ?? 0) + 1
    }
    expect(codes).toEqual({
      accepted: 11,
      BUNDLE_INVALID: 122,
      ROOT_UNKNOWN: 6,
      EVIDENCE_MISSING: 2,
      LOG_ENTRY_INVALID: 1,
    })
  })
})

function judge({ bundle }: CorpusBundle): string {
  return codeOf(() => verifyAny(bytesOf(bundle), publicGoodRoot()), true)
}

function codeOf(run: () => unknown, withReason = false): string {
  try {
    run()
    return 'accepted'
  } catch (error) {
    if (!isRegistryError(error)) throw error
    return withReason ? `${error.code} ${error.details.expected}` : error.code
  }
}
