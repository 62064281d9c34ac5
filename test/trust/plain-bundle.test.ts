// The bundle that is read without a parser: our own text and nothing else, and what it says is what the parser says.

import fc from 'fast-check'
import { expect, test } from 'vitest'
import { toBase64 } from '../../src/lib/index.ts'
import { parseBundle } from '../../src/trust/bundle.ts'
import { keyFingerprint, signStatement } from '../../src/trust/index.ts'
import { readPlainBundle } from '../../src/trust/plain-bundle.ts'
import { other, STATEMENT, signer } from './bundles.ts'

const keys = [other.key, signer.key]
const own = await signStatement(STATEMENT, signer)
const text = Buffer.from(own).toString()

test('our own text is read so', () => {
  const { signature } = parseBundle(own)
  expect(readPlainBundle(own, STATEMENT, keys)).toEqual({ key: signer.key, signature })
})

test.each<[string, string]>([
  ['the same value with a space', text.replace('{"sig"', '{ "sig"')],
  ['a field more', text.replace('"}]}}', '","keyid":""}]}}')],
  ['no signature', text.replace(/"sig":"[^"]*"/, '"sig":""')],
  ['a signature in two parts', text.replace(/"sig":"(....)/, '"sig":"$1==')],
  ['a signature in base64url', text.replace(/"sig":"..../, '"sig":"_-AA')],
  ['a hint that only begins like a key', text.replace('"},"timestamp', 'A"},"timestamp')],
  ['another payload', text.replace(toBase64(STATEMENT), toBase64(Buffer.from('{}')))],
  ['something behind it', `${text} `],
  ['more than a bundle may have', text.replace('"sig":"', `"sig":"${'AAAA'.repeat(16_384)}`)],
  ['an unknown signer', text.replace(keyFingerprint(signer.key), `SHA256:${'A'.repeat(43)}`)],
  ['its end as its middle', `${text.slice(0, text.indexOf('"sig"'))}"}]}}`],
])('left to the parser: %s', (_, changed) => {
  expect(changed).not.toBe(text)
  expect(readPlainBundle(Buffer.from(changed), STATEMENT, keys)).toBeUndefined()
})

test('with any byte changed, the parser says the same of it (property)', () => {
  const change = fc.record({ at: fc.nat(own.length - 1), bits: fc.integer({ min: 1, max: 255 }) })
  fc.assert(
    fc.property(change, ({ at, bits }) => {
      const changed = Uint8Array.from(own)
      changed[at] = (changed[at] ?? 0) ^ bits
      const found = readPlainBundle(changed, STATEMENT, keys)
      if (found === undefined) return
      const { payload, signature, hint } = parseBundle(changed)
      expect(Buffer.from(payload)).toEqual(Buffer.from(STATEMENT))
      expect({ signature, hint }).toEqual({
        signature: found.signature,
        hint: keyFingerprint(found.key),
      })
    }),
    { numRuns: 2_000 },
  )
})
