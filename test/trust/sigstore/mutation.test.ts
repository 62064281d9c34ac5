// Every field of ten good bundles, changed in every way: refused with a code, but for the few fields that nobody signs. Those are never
// shown, and a signature is known by its statement and signer, so changing them gains nothing (T28).

import { describe, expect, test } from 'vitest'
import { isRegistryError } from '../../../src/lib/index.ts'
import { publicGoodRoot, verifyKeyless } from '../../../src/trust/sigstore/index.ts'
import {
  bytesOf,
  changed,
  type Loose,
  leavesOf,
  looseFixture,
  readCorpus,
  statementOf,
  valueAt,
  verifyAny,
} from './bundles.ts'

const root = publicGoodRoot()

/** A hint, and what is not there. */
const MALLEABLE = [
  'dsseEnvelope/signatures/0/keyid',
  // Its list was empty.
  'verificationMaterial/timestampVerificationData',
]

const own = ['statement.sigstore.json', 'statement-with-timestamp.sigstore.json'].map(looseFixture)

describe('every field of a good bundle', () => {
  test.each(own)(
    'our own form, fixture %#',
    (bundle) => {
      const statement = statementOf(bundle)
      const accepted = mutantsThatPass(bundle, (bytes) =>
        verifyKeyless({ bundle: bytes, statement, root }),
      )
      expect(accepted.filter((path) => !MALLEABLE.includes(path))).toEqual([])
    },
    60_000,
  )

  const others = pickTen()
  test.skipIf(others.length === 0)(
    'ten of other projects, of every kind there',
    () => {
      expect(others).toHaveLength(10)
      const accepted = others.flatMap((bundle) =>
        mutantsThatPass(bundle, (bytes) => verifyAny(bytes, root)),
      )
      expect([...new Set(accepted)].filter((path) => !MALLEABLE.includes(path))).toEqual([])
    },
    120_000,
  )

  test('what is malleable is exactly what is listed, and does not change who signed', () => {
    const bundle = looseFixture('statement.sigstore.json')
    const before = verifyAny(bytesOf(bundle), root)
    const other = changed(bundle, ['dsseEnvelope', 'signatures', '0', 'keyid'], 'another')
    expect(verifyAny(bytesOf(other), root)).toEqual(before)
  })

  test('more signature lines of nobody known change nothing; other text is refused', () => {
    const bundle = looseFixture('statement.sigstore.json')
    const path = 'verificationMaterial tlogEntries 0 inclusionProof checkpoint envelope'.split(' ')
    const note: string = valueAt(bundle, path)
    const line = `\u2014 witness.example ${Buffer.alloc(69, 7).toString('base64')}\n`
    expect(() => verifyAny(bytesOf(changed(bundle, path, note + line)), root)).not.toThrow()
    for (const text of ['x', 'x\n', ' ', '\n', line.trimEnd(), `\n${line}`]) {
      const spoilt = bytesOf(changed(bundle, path, note + text))
      expect(() => verifyAny(spoilt, root)).toThrow(/right form/)
    }
  })
})

/** The paths of the fields that could be changed. */
function mutantsThatPass(bundle: Loose, verify: (bytes: Uint8Array) => unknown): string[] {
  verify(bytesOf(bundle))
  const passed: string[] = []
  for (const path of leavesOf(bundle)) {
    const before = valueAt(bundle, path)
    for (const value of mutantsOf(before)) {
      if (value === before) continue
      try {
        verify(bytesOf(changed(bundle, path, value)))
        passed.push(path.join('/'))
      } catch (error) {
        if (!isRegistryError(error)) throw error
      }
    }
  }
  return [...new Set(passed)]
}

function* mutantsOf(value: unknown): Iterable<unknown> {
  yield* [undefined, null, 1, true, '', 'A', [], {}, [value], { value }]
  if (typeof value !== 'string') return
  yield `${value} `
  yield `${value}A`
  yield value.slice(0, -1)
  yield value.toLowerCase() === value ? value.toUpperCase() : value.toLowerCase()
  // Six characters, evenly spread.
  for (let i = 0; i < 6; i++) {
    const at = Math.floor((i * value.length) / 6)
    yield value.slice(0, at) + (value[at] === '1' ? '2' : '1') + value.slice(at + 1)
  }
}

function pickTen(): readonly Loose[] {
  const kinds = new Map<string, Loose[]>()
  for (const { bundle, expected } of readCorpus() ?? []) {
    if (expected !== 'accept' || !isAccepted(bundle)) continue
    const [entry] = bundle.verificationMaterial.tlogEntries
    const times = bundle.verificationMaterial.timestampVerificationData?.rfc3161Timestamps?.length
    const kind = `${bundle.mediaType} ${entry.kindVersion.kind} ${times ?? 'none'}`
    kinds.set(kind, [...(kinds.get(kind) ?? []), bundle])
  }
  const lists = [...kinds.values()]
  const rounds = Array.from({ length: 10 }, (_, i) => lists.map((list) => list[i]))
  return rounds
    .flat()
    .filter((bundle) => bundle !== undefined)
    .slice(0, 10)
}

function isAccepted(bundle: Loose): boolean {
  try {
    verifyAny(bytesOf(bundle), root)
    return true
  } catch {
    return false
  }
}
