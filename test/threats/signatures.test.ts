// Signatures taken away (t21) and good signatures over something else (t22): a consumer who pulls from a lying peer.

import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { cidOf, digestOf } from '../../src/cid/index.ts'
import { type Json, type JsonObject, toHex, utf8 } from '../../src/lib/index.ts'
import { entryOf, HEAD, NAME, OTHER, openScene, RELEASE, type Scene } from '../support/scene.ts'

let scene: Scene
beforeAll(async () => {
  scene = await openScene()
})
afterAll(() => scene[Symbol.asyncDispose]())

describe('t21-stripped-signature', () => {
  test.each([
    ['the genesis', 0],
    ['the release', RELEASE],
    ['the newest entry', HEAD],
  ])('without its bundle %s is UNSIGNED, never good', async (_, seq) => {
    const { statement } = await entryOf(scene.alice, seq)
    const stripped = scene.withEntry(seq, { statement, bundles: [] })
    const floors = [scene.floor]
    expect(await scene.refusalBy(stripped, { floors })).toMatchObject({
      code: 'UNSIGNED',
      verdict: 'UNSIGNED',
    })
  })
})

const other = cidOf(utf8('another artifact'))

interface Statement extends JsonObject {
  readonly subject: readonly [{ readonly name: string; readonly digest: JsonObject }]
  readonly predicate: JsonObject
}

type Change = (statement: Statement) => object

const subject = (name: string, digest: object): object => ({ subject: [{ name, digest }] })
const sha256 = (cid: typeof other): string => toHex(digestOf(cid))
const predicate =
  (fields: object): Change =>
  ({ predicate: before }) => ({ predicate: { ...before, ...fields } })

describe('t22-subject-mismatch', () => {
  /** Each is signed by the publisher's own key: it is refused for what it says. */
  test.each<[string, Change, string]>([
    ['another artifact', () => subject(other, { sha256: sha256(other) }), 'PROOF_INVALID'],
    [
      'another name over the same digest',
      ({ subject: [{ digest }] }) => subject(other, digest),
      'STATEMENT_INVALID',
    ],
    [
      'another digest under the same name',
      ({ subject: [{ name }] }) => subject(name, { sha256: sha256(other) }),
      'STATEMENT_INVALID',
    ],
    [
      'another algorithm',
      ({ subject: [{ name, digest }] }) => subject(name, { sha512: digest.sha256 }),
      'STATEMENT_INVALID',
    ],
    [
      'a second algorithm',
      ({ subject: [{ name, digest }] }) => subject(name, { ...digest, sha512: 'ab' }),
      'STATEMENT_INVALID',
    ],
    [
      'a second subject',
      ({ subject: [one] }) => ({
        subject: [one, { name: other, digest: { sha256: sha256(other) } }],
      }),
      'STATEMENT_INVALID',
    ],
    [
      'another predicate that is known',
      () => ({ predicateType: 'https://toolmark.dev/yank/v1' }),
      'PROOF_INVALID',
    ],
    [
      'another predicate that is not',
      () => ({ predicateType: 'https://slsa.dev/provenance/v1' }),
      'STATEMENT_INVALID',
    ],
    [
      'another statement type',
      () => ({ _type: 'https://in-toto.io/Statement/v0.1' }),
      'STATEMENT_INVALID',
    ],
    ['the release of another name', predicate({ name: OTHER }), 'PROOF_INVALID'],
    ['another version', predicate({ version: '3.0.0' }), 'PROOF_INVALID'],
    ['another place in the log', predicate({ seq: RELEASE - 1 }), 'PROOF_INVALID'],
  ])('%s', async (_, change, code) => {
    const forged = await scene.signedBy(scene.alice.signing, (statement) => {
      const before = statement as Statement
      return { ...before, ...change(before) } as Json
    })
    const error = await scene.refusalBy(scene.withEntry(RELEASE, forged), { reference: NAME })
    expect(error.code).toBe(code)
    expect(['MISMATCH', 'MALFORMED']).toContain(error.verdict)
  })
})
