// Fork proofs of logs whose log key was rotated: each head brings the key entries that make its key the log's, and nobody else's do.

import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { Ajv2020 } from 'ajv/dist/2020.js'
import { describe, expect, test } from 'vitest'
import { cidOf } from '../../src/cid/index.ts'
import { canonicalBytes, type Json, RegistryError, toHex, utf8 } from '../../src/lib/index.ts'
import {
  makeForkProof as makeFork,
  makeGenesis,
  makeStatement,
  originOf,
  type Roles,
  signCheckpoint,
  verifyForkProof as verifyFork,
} from '../../src/log/index.ts'
import { publisherIdOf } from '../../src/spec/index.ts'
import { loadVerifier, type Signer, signStatement } from '../../src/trust/index.ts'
import { createPublisher, createSigner, refusalOf } from './helpers.ts'

const verifier = await loadVerifier()
const makeForkProof = (seen: Parameters<typeof makeFork>[0]) => makeFork(seen, verifier)
const verifyForkProof = (bytes: Uint8Array) => verifyFork(bytes, verifier)

const alice = createPublisher()
const genesis = makeGenesis({
  roles: alice.roles,
  nextKeyHashes: undefined,
  created: undefined,
}).bytes
const publisher = publisherIdOf(genesis)
const [second, third, other] = [1, 2, 3].map(() => createSigner('ed25519')) as [
  Signer,
  Signer,
  Signer,
]
const newRoot = createSigner('ecdsa-p256')

interface Rotation {
  readonly log: Signer
  readonly root?: Signer
  readonly by?: readonly Signer[]
  readonly of?: typeof publisher
}

async function rotation(
  seq: number,
  { log, root = alice.root, by = [alice.root], of = publisher }: Rotation,
) {
  const one = { threshold: 1, keys: [root.key] }
  const roles: Roles = { root: one, release: one, brake: one, log: { keys: [log.key] } }
  const cid = cidOf(utf8('x'))
  const position = { publisher: of, seq, prev: cid, index: cid }
  const { bytes } = makeStatement({ kind: 'keys', roles, nextKeyHashes: undefined }, position)
  const bundles = await Promise.all(by.map((signer) => signStatement(bytes, signer)))
  return { statement: bytes, bundles }
}

/** A head of `size` entries whose root is only a name: what the trees hold is fork.test.ts's. */
function noteOf(signer: Signer, size: number, root: string): Promise<Uint8Array> {
  const bytes = new Uint8Array(32).fill(root.charCodeAt(0))
  return signCheckpoint({ origin: originOf(publisher), size, root: bytes }, signer)
}

function rootOf(name: string): string {
  return toHex(new Uint8Array(32).fill(name.charCodeAt(0)))
}

const rotated = await rotation(5, { log: second })
const base = { publisher, genesis }

function fieldsOf(bytes: Uint8Array): { readonly [key: string]: Json } {
  return JSON.parse(Buffer.from(bytes).toString())
}

function lengthsOf(bytes: Uint8Array): number[] | undefined {
  return (fieldsOf(bytes).keys as Json[][] | undefined)?.map(({ length }) => length)
}

describe('a fork of a rotated log', () => {
  test('is proven where both heads are by the rotated key', async () => {
    const notes = [await noteOf(second, 9, 'a'), await noteOf(second, 9, 'b')] as const
    const { bytes } = makeForkProof({ ...base, notes, chains: [[rotated]] })
    expect(verifyForkProof(bytes)).toMatchObject({
      publisher,
      heads: [
        { size: 9, root: rootOf('a') },
        { size: 9, root: rootOf('b') },
      ],
    })
    expect(lengthsOf(bytes)).toEqual([1, 1])
  })

  test('is proven where one history was rotated, and the other never was: a backup put back', async () => {
    const notes = [await noteOf(second, 9, 'a'), await noteOf(alice.log, 9, 'b')] as const
    const { bytes } = makeForkProof({ ...base, notes, chains: [[rotated]] })
    expect(verifyForkProof(bytes).heads).toHaveLength(2)
    expect(lengthsOf(bytes)).toEqual([1, 0])
  })

  test('is proven where the key entries fork as well', async () => {
    const another = await rotation(5, { log: other, root: newRoot, by: [alice.root, newRoot] })
    const notes = [await noteOf(other, 9, 'a'), await noteOf(second, 9, 'b')] as const
    const { bytes } = makeForkProof({ ...base, notes, chains: [[rotated], [another]] })
    expect(verifyForkProof(bytes).heads).toHaveLength(2)
  })

  test('is proven over several rotations, of root keys too', async () => {
    const chain = [
      rotated,
      await rotation(6, { log: second, root: newRoot, by: [alice.root, newRoot] }),
      await rotation(8, { log: third, root: newRoot, by: [newRoot] }),
    ]
    const notes = [await noteOf(third, 9, 'a'), await noteOf(second, 9, 'b')] as const
    const { bytes } = makeForkProof({ ...base, notes, chains: [chain] })
    expect(verifyForkProof(bytes).heads).toHaveLength(2)
    expect(lengthsOf(bytes)).toEqual([3, 1])
  })

  test('has no more key entries than it needs: by the first key, none and the same bytes as ever', async () => {
    const notes = [await noteOf(alice.log, 9, 'a'), await noteOf(alice.log, 9, 'b')] as const
    const block = makeForkProof({ ...base, notes, chains: [[rotated]] })
    expect(block).toEqual(makeForkProof({ ...base, notes }))
    expect(fieldsOf(block.bytes)).not.toHaveProperty('keys')
    const both = [await noteOf(second, 9, 'a'), await noteOf(alice.log, 9, 'b')] as const
    const later = await rotation(7, { log: second, root: newRoot, by: [alice.root, newRoot] })
    const short = makeForkProof({ ...base, notes: both, chains: [[rotated]] })
    expect(makeForkProof({ ...base, notes: both, chains: [[rotated, later]] })).toEqual(short)
  })

  test('is the same block whatever stands in the hints of bundles, and in which order', async () => {
    const chain = [await rotation(5, { log: second, root: newRoot, by: [alice.root, newRoot] })]
    const notes = [await noteOf(second, 9, 'a'), await noteOf(second, 9, 'b')] as const
    const block = makeForkProof({ ...base, notes, chains: [chain] })
    const told = chain.map(({ statement, bundles }) => ({
      statement,
      bundles: bundles.toReversed().map((bytes) => {
        const bundle = JSON.parse(Buffer.from(bytes).toString())
        bundle.verificationMaterial.publicKey.hint = 'another'
        return utf8(JSON.stringify(bundle, null, 1))
      }),
    }))
    expect(makeForkProof({ ...base, notes, chains: [told] }).cid).toBe(block.cid)
  })

  test('with any byte changed is refused', async () => {
    const notes = [await noteOf(second, 9, 'a'), await noteOf(second, 9, 'b')] as const
    const { bytes } = makeForkProof({ ...base, notes, chains: [[rotated]] })
    for (const [i, byte] of bytes.entries()) {
      const mutant = Uint8Array.from(bytes)
      mutant[i] = byte ^ (1 << (i % 6))
      expect(() => verifyForkProof(mutant), `byte ${i}`).toThrow(RegistryError)
    }
  })
})

describe('a fork of a rotated log cannot be forged', () => {
  const stranger = createSigner('ecdsa-p256')

  test.each([
    ['by a stranger’s root key', { log: other, root: stranger, by: [stranger] }],
    ['without the new root key', { log: other, root: newRoot, by: [alice.root] }],
    ['without the old root key', { log: other, root: newRoot, by: [newRoot] }],
    ['without a signature', { log: other, by: [] }],
  ])('with a key entry signed %s', async (_, change) => {
    const notes = [await noteOf(alice.log, 9, 'a'), await noteOf(other, 9, 'b')] as const
    const forged = await rotation(5, change)
    const text = refusalOf(() => makeForkProof({ ...base, notes, chains: [[forged]] }))
    expect(text).toMatch(/SIGNER_UNAUTHORIZED|UNSIGNED/)
  })

  test('with a key entry of another publisher', async () => {
    const of = publisherIdOf(utf8('another'))
    const notes = [await noteOf(alice.log, 9, 'a'), await noteOf(other, 9, 'b')] as const
    const forged = await rotation(5, { log: other, of })
    const make = () => makeForkProof({ ...base, notes, chains: [[forged]] })
    expect(refusalOf(make)).toContain('SUBJECT_MISMATCH')
  })

  test('with a key that no chain has, or that comes later', async () => {
    const stray = [await noteOf(alice.log, 9, 'a'), await noteOf(other, 9, 'b')] as const
    const make = (notes: typeof stray) => () =>
      makeForkProof({ ...base, notes, chains: [[rotated]] })
    expect(refusalOf(make(stray))).toContain('SIGNATURE_INVALID')
    const early = [await noteOf(alice.log, 5, 'a'), await noteOf(second, 5, 'b')] as const
    expect(refusalOf(make(early))).toContain('SIGNATURE_INVALID')
  })

  test('has one form', async () => {
    const notes = [await noteOf(second, 9, 'a'), await noteOf(alice.log, 9, 'b')] as const
    const { bytes } = makeForkProof({ ...base, notes, chains: [[rotated]] })
    const fields = fieldsOf(bytes)
    const [[entry = {}] = [], none = []] = fields.keys as { [key: string]: Json }[][]
    const early = [await noteOf(alice.log, 5, 'a'), await noteOf(second, 5, 'b')]
    const heads = early.map((note) => Buffer.from(note).toString('base64'))
    const cases: readonly (readonly [Json, string, boolean])[] = [
      [fields, '', true],
      [{ ...fields, keys: [none, none] }, 'the key entries for each', false],
      [{ ...fields, keys: [[entry]] }, 'the key entries for each', false],
      [{ ...fields, keys: [[entry], none, none] }, 'the key entries for each', false],
      [{ ...fields, keys: [[entry], [{}]] }, 'a field statement', false],
      [{ ...fields, keys: [[{ ...entry, more: 1 }], none] }, 'a field "more"', false],
      [{ ...fields, keys: [[{ ...entry, bundles: 1 }], none] }, 'a list', false],
      [{ ...fields, keys: [[entry, entry], none] }, 'key entries in log order', true],
      [{ ...fields, keys: [none, [entry]], heads }, 'a head of more than 5 entries', true],
    ]
    for (const [value, expected, isValid] of cases) {
      expect(validate(value), expected).toBe(isValid)
      if (expected === '') continue
      const text = refusalOf(() => verifyForkProof(canonicalBytes(value)))
      expect(text).toContain('DOCUMENT_INVALID')
      expect(text).toContain(expected)
    }
    const later = await rotation(7, { log: second })
    const long = { statement: later.statement, bundles: later.bundles }
    const said = makeForkProof({
      ...base,
      notes: [await noteOf(third, 9, 'a'), notes[1]],
      chains: [[rotated, long, await rotation(8, { log: third })]],
    })
    const chain = (fieldsOf(said.bytes).keys as Json[][])[0] as Json[]
    const wordy = { ...fields, keys: [chain.slice(0, 2), none] }
    expect(refusalOf(() => verifyForkProof(canonicalBytes(wordy)))).toContain(
      'the 1 key entries up to the head’s key',
    )
    const spelled = rotated.bundles.map((bundle) => Buffer.from(bundle).toString('base64'))
    const hinted = { ...fields, keys: [[{ ...entry, bundles: spelled }], none] }
    expect(refusalOf(() => verifyForkProof(canonicalBytes(hinted)))).toContain('without hints')
  })
})

function readSchema(name: string): object {
  const folder = join(import.meta.dirname, '..', '..', 'schema')
  return JSON.parse(readFileSync(join(folder, `${name}.schema.json`), 'utf8'))
}
const ajv = new Ajv2020({ strict: true, strictRequired: false })
for (const name of ['tool', 'toolkit', 'release']) ajv.addSchema(readSchema(name))
const validate = ajv.compile(readSchema('fork'))
