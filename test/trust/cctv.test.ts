// Edge cases of Ed25519 on which verifiers differ (fixtures/README.md has source and licence): one of each combination of flags and verdict out
// of the 914. What we say of them is frozen: another version of Node or OpenSSL must not change which signatures count.

import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, test } from 'vitest'
import { isRegistryError } from '../../src/lib/index.ts'
import { parsePublicKey, verifySignature } from '../../src/trust/index.ts'

interface Vector {
  readonly number: number
  readonly key: string
  readonly sig: string
  readonly msg: string
  readonly flags: readonly string[]
  readonly expected: 'accepted' | 'refused' | 'refused at enrolment'
}

const path = join(import.meta.dirname, '..', '..', 'fixtures', 'ed25519', 'cctv.json')
const vectors: readonly Vector[] = JSON.parse(readFileSync(path, 'utf8'))
const SPKI = '302a300506032b6570032100'

function verdictOn({ key, sig, msg }: Vector): Vector['expected'] {
  try {
    const spki = Buffer.from(SPKI + key, 'hex').toString('base64')
    const publicKey = parsePublicKey({ type: 'ed25519', spki })
    const isGood = verifySignature(publicKey, Buffer.from(msg), Buffer.from(sig, 'hex'))
    return isGood ? 'accepted' : 'refused'
  } catch (error) {
    if (isRegistryError(error, 'KEY_INVALID')) return 'refused at enrolment'
    throw error
  }
}

describe('t27-cctv', () => {
  test.each(vectors)('vector $number, $flags: $expected', (vector) => {
    expect(verdictOn(vector)).toBe(vector.expected)
  })

  test('no key that fits many messages is enrolled, and no signature with two spellings is accepted', () => {
    for (const { flags, expected } of vectors) {
      if (flags.includes('low_order_A')) expect(expected).toBe('refused at enrolment')
      if (expected !== 'accepted') continue
      expect(flags).not.toContain('non_canonical_R')
      expect(flags).not.toContain('low_order_residue')
      expect(flags).not.toContain('reencoded_k')
    }
    expect(vectors).toHaveLength(66)
  })
})
