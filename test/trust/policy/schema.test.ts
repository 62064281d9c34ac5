// schema/trust.schema.json and the parser hold the same policies for good: each field of a whole one changed in every way that mutate.ts
// knows. What only the parser can check is listed here and nowhere else.

import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { Ajv2020 } from 'ajv/dist/2020.js'
import { stringify } from 'smol-toml'
import { describe, expect, test } from 'vitest'
import { canonicalBytes, isRegistryError, type Json } from '../../../src/lib/index.ts'
import { parsePolicy } from '../../../src/trust/policy/index.ts'
import { mutantsOf } from '../../support/mutate.ts'
import { WHOLE } from './samples.ts'

const ajv = new Ajv2020({ strict: true, strictRequired: false, strictTypes: false })
const folder = join(import.meta.dirname, '..', '..', '..', 'schema')
for (const file of readdirSync(folder)) {
  ajv.addSchema(JSON.parse(readFileSync(join(folder, file), 'utf8')))
}
const validate = ajv.getSchema('https://toolmark.dev/schema/trust.schema.json')

/** The path, of what the parser alone refuses. */
const BEYOND: readonly RegExp[] = [
  /^\/publisher\/\d+\/tools\/\d+$/, // of another namespace
  /^\/publisher\/\d+\/threshold$/, // more than there are signers
  /^\/publisher\/\d+\/attestation\/\d+\/threshold$/,
  /^\/publisher\/\d+\/attestation\/\d+$/, // nobody’s word
  /^\/publisher\/\d+\/require\/\d+$/, // witnesses that are not named
  /^\/publisher\/\d+\/signer\/\d+\/not_after$/, // 30 February
]

function refusalOf(value: object): string | undefined {
  try {
    parsePolicy(stringify(value))
    return undefined
  } catch (error) {
    if (isRegistryError(error, 'POLICY_INVALID')) return error.details.path ?? '?'
    throw error
  }
}

/** What TOML can say: no null, a table at the top, and no list of tables and other things. */
function isToml(value: unknown, depth = 0): boolean {
  if (value === null) return false
  if (Array.isArray(value)) {
    const kinds = new Set(value.map((item) => typeof item))
    return depth > 0 && kinds.size < 2 && value.every((item) => isToml(item, depth + 1))
  }
  if (typeof value !== 'object') return depth > 0
  return Object.values(value).every((item) => isToml(item, depth + 1))
}

const VARIANTS: Readonly<Record<string, object>> = {
  whole: WHOLE,
  'without witnesses': {
    version: 1,
    default: 'prompt',
    quorum: 'none',
    publisher: [{ namespace: 'com.acme', signer: WHOLE.publisher[0]?.signer }],
  },
  'nothing but private names': { version: 1, private: WHOLE.private },
}

describe.each(Object.entries(VARIANTS))('%s', (_, policy) => {
  test('is good by both', () => {
    expect(validate?.(policy)).toBe(true)
    expect(refusalOf(policy)).toBeUndefined()
  })

  test('each change of it is good by both, or by neither', () => {
    const faults: string[] = []
    let tried = 0
    let beyond = 0
    for (const { label, bytes } of mutantsOf(canonicalBytes(policy as Json), 'canonical')) {
      let value: unknown
      try {
        value = JSON.parse(Buffer.from(bytes).toString())
      } catch {
        continue
      }
      if (!isToml(value)) continue
      tried++
      const refusal = refusalOf(value as object)
      const isValid = validate?.(value) === true
      if (isValid === (refusal === undefined)) continue
      if (isValid && refusal !== undefined && BEYOND.some((path) => path.test(refusal))) beyond++
      else faults.push(`${label}: schema ${isValid}, parser ${refusal ?? 'accepts'}`)
    }
    expect(faults).toEqual([])
    expect(tried).toBeGreaterThan(10)
    expect(beyond).toBeLessThan(tried / 4)
  })
})

test('an empty policy is good by both', () => {
  expect(validate?.({})).toBe(true)
  expect(refusalOf({})).toBeUndefined()
})
