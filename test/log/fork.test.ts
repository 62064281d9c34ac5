// Fork proofs: what they prove, that nothing else passes for one, and that everyone who saw the same makes the same.

import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { Ajv2020 } from 'ajv/dist/2020.js'
import { beforeAll, describe, expect, test } from 'vitest'
import { cidOf } from '../../src/cid/index.ts'
import {
  canonicalBytes,
  type Json,
  RegistryError,
  toBase64,
  toHex,
  utf8,
} from '../../src/lib/index.ts'
import {
  appendLeaves,
  type Hash,
  leafHash,
  makeForkProof as makeFork,
  makeGenesis,
  originOf,
  proveConsistency,
  type ReadHashes,
  rootsIn,
  signCheckpoint,
  signNote,
  verifyConsistency,
  verifyForkProof as verifyFork,
} from '../../src/log/index.ts'
import { type PublisherId, publisherIdOf } from '../../src/spec/index.ts'
import { loadVerifier } from '../../src/trust/index.ts'
import { createPublisher, createSigner, refusalOf } from './helpers.ts'

const verifier = await loadVerifier()
const makeForkProof = (seen: Parameters<typeof makeFork>[0]) => makeFork(seen, verifier)
const verifyForkProof = (bytes: Uint8Array) => verifyFork(bytes, verifier)

const MAX = 20
const alice = createPublisher()
const genesis = makeGenesis({
  roles: alice.roles,
  nextKeyHashes: undefined,
  created: undefined,
}).bytes
const publisher: PublisherId = publisherIdOf(genesis)

interface Tree {
  readonly read: ReadHashes
  readonly roots: readonly Hash[]
}

/** `MAX` leaves, of which those from `branch` on are this tree's own. */
async function grow(branch: number, text: string): Promise<Tree> {
  const stored = new Map<string, Hash>()
  const read: ReadHashes = async (wanted) =>
    wanted.map(({ level, index }) => stored.get(`${level}/${index}`) as Hash)
  const roots: Hash[] = [new Uint8Array()]
  for (let size = 0; size < MAX; size++) {
    const leaf = leafHash(utf8(size < branch ? `${size}` : `${text} ${size}`))
    const { hashes, root } = await appendLeaves(size, [leaf], read)
    for (const { level, index, hash } of hashes) stored.set(`${level}/${index}`, hash)
    roots.push(root)
  }
  return { read, roots }
}

function noteOf(tree: Tree, size: number, signer = alice.log): Promise<Uint8Array> {
  const root = tree.roots[size] as Hash
  return signCheckpoint({ origin: originOf(publisher), size, root }, signer)
}

/** The consistency proof, with the root of a whole older tree put first. */
async function proofOf(tree: Tree, from: number, to: number): Promise<readonly Hash[]> {
  const proof = await proveConsistency({ from, to }, tree.read)
  return Number.isInteger(Math.log2(from)) ? [tree.roots[from] as Hash, ...proof] : proof
}

function readSchema(name: string): object {
  const folder = join(import.meta.dirname, '..', '..', 'schema')
  return JSON.parse(readFileSync(join(folder, `${name}.schema.json`), 'utf8'))
}
const ajv = new Ajv2020({ strict: true, strictRequired: false })
for (const name of ['tool', 'toolkit', 'release']) ajv.addSchema(readSchema(name))
const validate = ajv.compile(readSchema('fork'))

let a: Tree
let b: Tree
beforeAll(async () => {
  a = await grow(3, 'a')
  b = await grow(3, 'b')
})

describe('the roots in a proof', () => {
  test('are those of both trees, for every two sizes', async () => {
    for (let to = 2; to <= MAX; to++) {
      for (let from = 1; from < to; from++) {
        const roots = rootsIn(await proofOf(a, from, to), { from, to })
        expect(toHex(roots.fromRoot), `${from} of ${to}`).toBe(toHex(a.roots[from] as Hash))
        expect(toHex(roots.toRoot), `${from} of ${to}`).toBe(toHex(a.roots[to] as Hash))
        const proof = await proveConsistency({ from, to }, a.read)
        verifyConsistency({ from, to, ...roots, proof })
      }
    }
  })

  test('need a proof of the right length', async () => {
    const proof = await proofOf(a, 5, 11)
    for (const wrong of [[], proof.slice(1), [...proof, new Uint8Array(32)]]) {
      expect(refusalOf(() => rootsIn(wrong, { from: 5, to: 11 }))).toContain('PROOF_INVALID')
    }
    expect(refusalOf(() => rootsIn(proof, { from: 11, to: 11 }))).toContain('PROOF_INVALID')
  })
})

describe('a fork proof', () => {
  test('of two heads of one size', async () => {
    const block = makeForkProof({
      publisher,
      genesis,
      notes: [await noteOf(a, 7), await noteOf(b, 7)],
    })
    const roots = [a, b].map((tree) => toHex(tree.roots[7] as Hash)).sort()
    expect(verifyForkProof(block.bytes)).toEqual({
      cid: cidOf(block.bytes),
      publisher,
      origin: `toolmark/${publisher}`,
      heads: roots.map((root) => ({ size: 7, root })),
    })
  })

  test('of any two sizes past the branch', async () => {
    for (let to = 5; to <= MAX; to++) {
      for (let from = 4; from < to; from++) {
        const notes = [await noteOf(b, to), await noteOf(a, from)] as const
        const block = makeForkProof({
          publisher,
          genesis,
          notes,
          proof: await proofOf(b, from, to),
        })
        expect(verifyForkProof(block.bytes).heads).toEqual([
          { size: from, root: toHex(a.roots[from] as Hash) },
          { size: to, root: toHex(b.roots[to] as Hash) },
        ])
      }
    }
  })

  test('is the same block for everyone who saw the same heads', async () => {
    const notes = [await noteOf(a, 6), await noteOf(b, 9)] as const
    const proof = await proofOf(b, 6, 9)
    const block = makeForkProof({ publisher, genesis, notes, proof })
    // Another peer’s copies carry the signature of a witness, before or after the log’s own.
    const witness = createSigner('ed25519')
    const seen = await Promise.all(
      notes.map(async (note) => {
        const [text = '', own = ''] = Buffer.from(note).toString().split('\n\n')
        const signed = await signNote(`${text}\n`, { name: 'witness.example', signer: witness })
        const line = Buffer.from(signed).toString().split('\n\n')[1] as string
        return [utf8(`${text}\n\n${own}${line}`), utf8(`${text}\n\n${line}${own}`)] as const
      }),
    )
    const [[early], [, late]] = seen as [(typeof seen)[0], (typeof seen)[0]]
    const again = makeForkProof({ publisher, genesis, notes: [late, early], proof })
    expect(again.cid).toBe(block.cid)
    const fields = JSON.parse(Buffer.from(block.bytes).toString())
    const heads = [toBase64(early), fields.heads[1]]
    expect(refusalOf(() => verifyForkProof(canonicalBytes({ ...fields, heads })))).toMatch(
      /at \/heads\/0: .* expected one signature; got 2/,
    )
  })

  test('with any byte changed is refused', async () => {
    const notes = [await noteOf(a, 6), await noteOf(b, 9)] as const
    const proof = await proofOf(b, 6, 9)
    for (const { bytes } of [
      makeForkProof({ publisher, genesis, notes, proof }),
      makeForkProof({ publisher, genesis, notes: [await noteOf(a, 9), notes[1]] }),
    ]) {
      for (const [i, byte] of bytes.entries()) {
        const mutant = Uint8Array.from(bytes)
        mutant[i] = byte ^ (1 << (i % 6))
        expect(() => verifyForkProof(mutant), `byte ${i}`).toThrow(RegistryError)
      }
      for (const mutant of [
        bytes.subarray(1),
        bytes.subarray(0, -1),
        utf8(`${Buffer.from(bytes)} `),
      ])
        expect(() => verifyForkProof(mutant)).toThrow(RegistryError)
    }
  })

  test('is not made of one history', async () => {
    const notes = [await noteOf(a, 6), await noteOf(a, 9)] as const
    const proof = await proofOf(a, 6, 9)
    expect(refusalOf(() => makeForkProof({ publisher, genesis, notes, proof }))).toMatch(
      /PROOF_INVALID: These two heads belong to one history/,
    )
    const twice = [notes[0], notes[0]] as const
    expect(refusalOf(() => makeForkProof({ publisher, genesis, notes: twice }))).toMatch(
      /expected the smaller head first/,
    )
  })

  test('cannot be forged by a peer: not with another key, not with another tree, not with another publisher’s genesis', async () => {
    const stranger = createSigner('ed25519')
    const honest = await noteOf(a, 9)
    const forged = await noteOf(b, 9, stranger)
    const make = (change: object) => () =>
      makeForkProof({ publisher, genesis, notes: [honest, forged], ...change })
    expect(refusalOf(make({}))).toContain('SIGNATURE_INVALID')
    const notes = [await noteOf(a, 6), honest] as const
    const proof = await proofOf(b, 6, 9)
    expect(refusalOf(make({ notes, proof }))).toContain('The proof is not about the larger')
    const other = makeGenesis({
      roles: createPublisher().roles,
      nextKeyHashes: undefined,
      created: undefined,
    }).bytes
    expect(refusalOf(make({ genesis: other }))).toContain('SUBJECT_MISMATCH')
  })

  test('has one form', async () => {
    const notes = [await noteOf(a, 6), await noteOf(b, 9)] as const
    const proof = await proofOf(b, 6, 9)
    const { bytes } = makeForkProof({ publisher, genesis, notes, proof })
    const fields = JSON.parse(Buffer.from(bytes).toString()) as { readonly [key: string]: Json }
    const { proof: _, ...bare } = fields
    const [first = '', second = ''] = fields.heads as readonly string[]
    const same = makeForkProof({ publisher, genesis, notes: [await noteOf(a, 9), notes[1]] })
    const one = JSON.parse(Buffer.from(same.bytes).toString()) as { readonly [key: string]: Json }
    expect(validate(fields)).toBe(true)
    expect(validate(one)).toBe(true)
    const cases: readonly (readonly [Json, string])[] = [
      [{ ...fields, kind: 'fork/v2' }, 'at /kind'],
      [{ ...fields, more: 1 }, 'a field "more"'],
      [{ ...fields, heads: [second, first] }, 'the smaller head first'],
      [{ ...fields, heads: [first] }, 'two heads'],
      [{ ...fields, heads: [first, second, second] }, 'two heads'],
      [{ ...fields, genesis: 1 }, 'bytes in base64'],
      [{ ...fields, proof: [toBase64(utf8('x'))] }, '32 bytes'],
      [{ ...fields, proof: {} }, 'a list'],
      [{ ...fields, keys: [] }, 'the key entries for each of the two heads'],
      [{ ...fields, keys: [[], [], []] }, 'the key entries for each of the two heads'],
      [{ ...fields, keys: {} }, 'the key entries for each of the two heads'],
      [{ ...fields, keys: [[{}], []] }, 'a field statement'],
      [bare, 'a proof for two heads of two sizes'],
      [{ ...one, proof: fields.proof as Json }, 'no proof for two heads of one size'],
      [[], 'an object'],
    ]
    // What contradicts what only the parser knows.
    const beyondForm = ['first', 'sizes', 'one size']
    for (const [value, expected] of cases) {
      const text = refusalOf(() => verifyForkProof(canonicalBytes(value)))
      expect(text).toContain('DOCUMENT_INVALID')
      expect(text).toContain(expected)
      expect(validate(value), expected).toBe(beyondForm.some((word) => expected.endsWith(word)))
    }
  })
})
