// schema/attestation.schema.json and the parser refuse the same: a good statement of each known type, changed in every way that mutate.ts
// knows, and real ones of others.

import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { Ajv2020 } from 'ajv/dist/2020.js'
import { describe, expect, test } from 'vitest'
import { cidOf } from '../../src/cid/index.ts'
import { canonicalBytes, isRegistryError, parseJson } from '../../src/lib/index.ts'
import { parseAttestation } from '../../src/trust/attestation/index.ts'
import { sharedPath } from '../shared.ts'
import { type Loose, PROVENANCE, provenance, statementAbout } from '../support/attestations.ts'
import { mutantsOf } from '../support/mutate.ts'

const file = join(import.meta.dirname, '..', '..', 'schema', 'attestation.schema.json')
const ajv = new Ajv2020({ strict: true, strictRequired: false, strictTypes: false })
const validate = ajv.compile(JSON.parse(readFileSync(file, 'utf8')))
const subject = [cidOf(Buffer.from('one')), cidOf(Buffer.from('two'))]

const STATEMENTS: Readonly<Record<string, Loose>> = {
  'any type': statementAbout(subject),
  provenance: statementAbout(subject, { type: PROVENANCE, predicate: provenance() }),
  'verification summary': statementAbout(subject, {
    type: 'https://slsa.dev/verification_summary/v1',
    predicate: { verificationResult: 'PASSED' },
  }),
  'test result': statementAbout(subject, {
    type: 'https://in-toto.io/attestation/test-result/v0.1',
    predicate: { result: 'PASSED', configuration: [] },
  }),
}

function isParsed(bytes: Uint8Array): boolean {
  try {
    parseAttestation(bytes)
    return true
  } catch (error) {
    if (isRegistryError(error)) return false
    throw error
  }
}

describe.each(Object.entries(STATEMENTS))('%s', (_, statement) => {
  const good = canonicalBytes(statement)

  test('is good by both', () => {
    expect(isParsed(good)).toBe(true)
    expect(validate(statement), JSON.stringify(validate.errors)).toBe(true)
  })

  test('its mutants are judged alike', () => {
    let refused = 0
    for (const { label, bytes } of mutantsOf(good, 'canonical')) {
      let value: unknown
      try {
        value = parseJson(bytes)
      } catch {
        expect(isParsed(bytes), label).toBe(false)
        continue
      }
      expect(isParsed(bytes), label).toBe(validate(value))
      if (!isParsed(bytes)) refused += 1
    }
    expect(refused).toBeGreaterThan(20)
  })
})

test('statements of others that are v1 and about a SHA-256 are read, all others refused', () => {
  const path = sharedPath('data', 'bundles', 'bundles.jsonl')
  if (path === undefined) return
  const counts = { read: 0, refused: 0 }
  for (const line of readFileSync(path, 'utf8').trim().split('\n')) {
    const payload = JSON.parse(line).bundle.dsseEnvelope?.payload
    if (payload === undefined) continue
    const bytes = Buffer.from(payload, 'base64')
    const text = bytes.toString('utf8')
    const isOurs = text.includes('"https://in-toto.io/Statement/v1"') && text.includes('"sha256"')
    counts[isParsed(bytes) ? 'read' : 'refused'] += 1
    if (isParsed(bytes)) expect(isOurs).toBe(true)
  }
  console.info(`statements of others: ${JSON.stringify(counts)}`)
  expect(counts.read).toBe(10)
})
