// Bundles of other clients’ own tests, with the verdict that those tests and the specification give.

import { expect, test } from 'vitest'
import { isRegistryError } from '../../../src/lib/index.ts'
import { readStatement } from '../../../src/trust/sigstore/artifact/subjects.ts'
import {
  parseSigstoreRoot,
  stagingRoot,
  verifyArtifact,
} from '../../../src/trust/sigstore/index.ts'
import { bytesOf, fixturePath, looseFixture, readFixture, statementOf } from './bundles.ts'

const BEACON = {
  kind: 'keyless',
  issuer: 'https://token.actions.githubusercontent.com',
  san: 'https://github.com/sigstore-conformance/extremely-dangerous-public-oidc-beacon/.github/workflows/extremely-dangerous-oidc-beacon.yml@refs/heads/main',
} as const

test('a log that calls itself otherwise than its address; a signer with a user name', async () => {
  const claim = {
    bundle: readFixture('othername.sigstore.json'),
    artifact: 'sha256:bc103b4a84971ef6459b294a2b98568a2bfb72cded09d4acd1e16366a401f95b',
    signer: { kind: 'keyless', issuer: 'http://oidc.local:8080', san: 'foo!oidc.local' } as const,
    root: parseSigstoreRoot(readFixture('othername.trusted_root.json')),
  }
  expect(await verifyArtifact(claim)).toMatchObject({ content: 'message', times: [{ by: 'log' }] })
  const other = { ...claim, signer: { ...claim.signer, san: 'foo@oidc.local' } }
  expect(await codeOf(verifyArtifact(other))).toBe('SIGNER_UNAUTHORIZED foo!oidc.local')
})

test('an entry of a kind that Rekor v2 no longer has', async () => {
  const bundle = looseFixture('dsse-entry-v2_fail.sigstore.json')
  const [subject] = JSON.parse(statementOf(bundle).toString()).subject
  const claim = {
    bundle: bytesOf(bundle),
    artifact: `sha256:${subject.digest.sha256}`,
    signer: {
      kind: 'keyless',
      issuer: 'https://accounts.google.com',
      san: 'aaronlew@google.com',
    } as const,
    root: stagingRoot(),
  }
  expect(await codeOf(verifyArtifact(claim))).toBe('LOG_ENTRY_INVALID dsse 0.0.2')
})

test('a file’s signature may come without the digest that only helps to find the file', async () => {
  const bundle = looseFixture('rekor2.sigstore.json')
  delete bundle.messageSignature.messageDigest
  const claim = {
    bundle: bytesOf(bundle),
    signer: BEACON,
    root: parseSigstoreRoot(readFixture('rekor2.trusted_root.json')),
  }
  const digest = 'sha256:a0cfc71271d6e278e57cd332ff957c3f7043fdda354c4cbb190a30d56efa01bf'
  for (const artifact of [fixturePath('a.txt'), digest]) {
    expect((await verifyArtifact({ ...claim, artifact })).content).toBe('message')
  }
  const other = `sha256:${'00'.repeat(32)}`
  expect(await codeOf(verifyArtifact({ ...claim, artifact: other }))).toBe(
    'LOG_ENTRY_INVALID digest mismatch',
  )
})

test.each(['', undefined])('a statement that claims nothing: %j', (predicateType) => {
  const subject = [{ digest: { sha256: 'ab'.repeat(32) } }]
  const statement = { _type: 'https://in-toto.io/Statement/v1', subject, predicateType }
  const read = (value: unknown) => readStatement(bytesOf(value), 1000)
  expect(read({ ...statement, predicateType: 'https://x.example' }).subjects).toHaveLength(1)
  expect(() => read(statement)).toThrow(/statement cannot be read/)
})

async function codeOf(run: Promise<unknown>): Promise<string> {
  try {
    await run
  } catch (error) {
    if (isRegistryError(error)) return `${error.code} ${error.details.got}`
    throw error
  }
  return 'accepted'
}
