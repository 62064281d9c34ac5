// The verdict on another thread is the verdict: the same signers and the same refusals, whatever comes.

import fc from 'fast-check'
import { expect, test } from 'vitest'
import { isRegistryError } from '../../src/lib/index.ts'
import { loadVerifier, signStatement } from '../../src/trust/index.ts'
import { other, STATEMENT, signer } from './bundles.ts'
import { makeSigner } from './setup.ts'

const verifier = await loadVerifier()
const stranger = makeSigner()
const bundles = await Promise.all(
  [signer, other, stranger].map((by) => signStatement(STATEMENT, by)),
)
const elsewhere = await signStatement(Buffer.from('{"_type":"other"}'), signer)

type Claim = Parameters<typeof verifier.verifyStatement>[0]

async function verdicts(claim: Claim): Promise<readonly [string, string]> {
  const say = ({ signers }: ReturnType<typeof verifier.verifyStatement>): string =>
    signers.map((by) => (by.kind === 'key' ? by.key.spki : by.identity.san)).join(' ')
  const refuse = (error: unknown): string => {
    if (!isRegistryError(error)) throw error
    return `${error.code}: ${error.message} ${error.details.expected} ${error.details.got}`
  }
  let here: string
  try {
    here = say(verifier.verifyStatement(claim))
  } catch (error) {
    here = refuse(error)
  }
  return [here, await verifier.verifyOnThread(claim).then(say, refuse)]
}

const keys = [signer.key, other.key]
const cases: readonly (readonly [string, Partial<Claim>])[] = [
  ['one signer', { bundles: bundles.slice(0, 1) }],
  ['two signers', { bundles: bundles.slice(0, 2), threshold: 2 }],
  ['too few', { bundles: bundles.slice(0, 1), threshold: 2 }],
  ['the same one twice', { bundles: [bundles[0], bundles[0]] as Uint8Array[], threshold: 2 }],
  ['the same one twice, and one is enough', { bundles: [bundles[0], bundles[0]] as Uint8Array[] }],
  ['a stranger', { bundles: bundles.slice(2) }],
  ['a stranger beside one who may', { bundles: [bundles[0], bundles[2]] as Uint8Array[] }],
  ['nobody', { bundles: [] }],
  ['no threshold', { bundles: bundles.slice(0, 1), threshold: 0 }],
  ['half a threshold', { bundles: bundles.slice(0, 1), threshold: 0.5 }],
  ['no keys', { bundles: bundles.slice(0, 1), keys: [] }],
  ['another statement’s bundle', { bundles: [elsewhere] }],
  ['too many bundles', { bundles: Array(33).fill(bundles[0]) }],
  ['a statement too long', { statement: new Uint8Array(16 * 1024 + 1) }],
]
test.each(cases)('%s', async (_, change) => {
  const claim = { statement: STATEMENT, bundles, keys, threshold: 1, ...change }
  const [here, there] = await verdicts(claim)
  expect(there).toBe(here)
})

test('any bundle with any byte changed (property)', async () => {
  const [bundle] = bundles as [Uint8Array]
  await fc.assert(
    fc.asyncProperty(
      fc.nat(bundle.length - 1),
      fc.integer({ min: 1, max: 255 }),
      async (at, bits) => {
        const changed = Uint8Array.from(bundle)
        changed[at] = (changed[at] ?? 0) ^ bits
        const claim = { statement: STATEMENT, bundles: [changed], keys, threshold: 1 }
        const [here, there] = await verdicts(claim)
        expect(there).toBe(here)
      },
    ),
    { numRuns: 400 },
  )
})

test('of many at once each gets its own', async () => {
  const claims = Array.from({ length: 100 }, (_, i): Claim => {
    const statement = Buffer.from(STATEMENT)
    if (i % 7 === 3) statement[statement.length - 1] = 0x20
    return { statement, bundles: [bundles[i % 3] as Uint8Array], keys, threshold: 1 }
  })
  const found = await Promise.all(claims.map(verdicts))
  for (const [here, there] of found) expect(there).toBe(here)
  const signed = found.filter(([here]) => keys.some(({ spki }) => spki === here))
  expect(signed).toHaveLength(claims.filter((_, i) => i % 7 !== 3 && i % 3 !== 2).length)
})
