// What even the publisher's own keys cannot make true: statements, blocks and checkpoints that are genuinely signed and logged, and
// contradict each other.

import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { cidOf, digestOf } from '../../src/cid/index.ts'
import { canonicalBytes, type Json, type RegistryError, toHex } from '../../src/lib/index.ts'
import { signNote } from '../../src/log/index.ts'
import type { Source } from '../../src/resolve/index.ts'
import { forgeLog, forgeryOf, twistPredicate } from '../support/forged-log.ts'
import { peerOf, toolkit } from '../support/publisher.ts'
import { consumer, extraSubject, NAME, OTHER, openScene, type Scene } from '../support/scene.ts'

let scene: Scene
beforeAll(async () => {
  scene = await openScene()
})
afterAll(() => scene[Symbol.asyncDispose]())

describe('what even the publisher cannot make true', () => {
  const honest = () => forgeryOf(scene.alice, toolkit(NAME, '3.0.0'))

  test('the forger’s log is good where nothing is twisted', async () => {
    const store = await consumer()
    const { release } = await scene.pullFrom(store, [
      peerOf(await forgeLog(scene.alice, [honest()])),
    ])
    expect(release.entry.version).toBe('3.0.0')
  })

  test.each([
    ['name', { name: OTHER }, `${OTHER}@3.0.0`],
    ['version', { version: '3.0.1' }, `${NAME}@3.0.1`],
  ])('a release block of another %s than its statement', async (_, change, got) => {
    const forgery = honest()
    const release = rewritten(forgery.release, change)
    const source = await forgeLog(scene.alice, [{ ...forgery, release }])
    const error = await refusalOf(source, [release, ...forgery.tools])
    expect(error).toMatchObject({
      code: 'SUBJECT_MISMATCH',
      message: 'The release names itself differently from the log entry that signs it.',
      details: { expected: `${NAME}@3.0.0`, got },
    })
  })

  test('a tool listed under another name', async () => {
    const forgery = honest()
    const [first, second] = forgery.tools.map(cidOf)
    const tools = { tool_0: second as string, tool_1: first as string }
    const release = rewritten(forgery.release, { tools })
    const error = await refusalOf(await forgeLog(scene.alice, [{ ...forgery, release }]), [
      release,
      ...forgery.tools,
    ])
    expect(error).toMatchObject({
      code: 'SUBJECT_MISMATCH',
      message: 'The release lists this tool under another name.',
      details: { expected: 'tool_0', got: 'tool_1' },
    })
  })

  test.each([
    ['a tool', (it: { tools: readonly Uint8Array[] }) => it.tools[0]],
    ['a statement-like thing', () => canonicalBytes({ kind: 'statement/v1', x: 1 })],
    ['no object', () => canonicalBytes([1, 2])],
  ])('%s in the place of the release', async (_, pick) => {
    const forgery = honest()
    const release = pick(forgery) as Uint8Array
    const error = await refusalOf(await forgeLog(scene.alice, [{ ...forgery, release }]), [])
    expect(error.verdict).toBe('MALFORMED')
  })

  test.each([
    [
      'another publisher',
      () => twistPredicate({ publisher: scene.mallory.id }),
      'SUBJECT_MISMATCH',
    ],
    ['another seq', () => twistPredicate({ seq: 2 }), 'SEQUENCE_INVALID'],
    ['another name', () => twistPredicate({ name: OTHER }), 'SUBJECT_MISMATCH'],
    ['another version', () => twistPredicate({ version: '4.0.0' }), 'SUBJECT_MISMATCH'],
    [
      'another index',
      () => twistPredicate({ index: cidOf(canonicalBytes({})) }),
      'PEER_UNAVAILABLE',
    ],
    ['a field more', () => twistPredicate({ extra: 1 }), 'STATEMENT_INVALID'],
    ['an extra subject', () => extraSubject, 'STATEMENT_INVALID'],
  ])('a logged and signed statement with %s', async (_, twist, code) => {
    const source = await forgeLog(scene.alice, [{ ...honest(), twist: twist() }])
    expect((await refusalOf(source, [])).code).toBe(code)
  })

  test('an index that lists another release than the statement signs', async () => {
    const other = cidOf(canonicalBytes({ other: 1 }))
    const subject = [{ name: other, digest: { sha256: toHex(digestOf(other)) } }]
    const twist = (statement: Json) => ({ ...(statement as object), subject }) as Json
    const error = await refusalOf(await forgeLog(scene.alice, [{ ...honest(), twist }]), [])
    expect(error).toMatchObject({
      code: 'PROOF_INVALID',
      message: 'The log’s index does not list this release.',
      details: { expected: cidOf(honest().release), got: other },
    })
  })

  test('a release logged twice, and shown at the position that is not listed', async () => {
    const source = await forgeLog(scene.alice, [
      honest(),
      honest(),
      forgeryOf(scene.alice, toolkit(OTHER, '1.0.0')),
    ])
    const entries: Source['entries'] = (publisher, { start, end }) =>
      start === 1
        ? source.entries(publisher, { start: 2, end: 3 })
        : source.entries(publisher, { start, end })
    const inclusion: Source['inclusion'] = (publisher, { index, size }) =>
      source.inclusion(publisher, { index: index === 1 ? 2 : index, size })
    expect(await refusalOf({ ...source, entries, inclusion }, [])).toMatchObject({
      code: 'PROOF_INVALID',
      message: 'The log’s index does not list this release.',
    })
  })

  test('a checkpoint that carries more than its three lines', async () => {
    const { alice } = scene
    const text = Buffer.from(await alice.source.checkpoint(alice.id))
      .toString()
      .split('\n\n')[0]
    const name = (text as string).split('\n')[0] as string
    const signed = await signNote(`${text}\nan extension\n`, { name, signer: alice.log })
    const error = await refusalOf({ ...alice.source, checkpoint: async () => signed }, [])
    expect(error).toMatchObject({
      code: 'CHECKPOINT_INVALID',
      message: 'This is not a checkpoint of that log.',
      details: { expected: 'exactly three lines' },
    })
  })

  /** The blocks of a forgery may stay: its statement did verify. */
  function refusalOf(source: Source, blocks: readonly Uint8Array[]): Promise<RegistryError> {
    return scene.refusalBy(source, { listed: new Set(blocks.map(cidOf)) })
  }
})

function rewritten(block: Uint8Array, change: { readonly [key: string]: Json }): Uint8Array {
  return canonicalBytes({ ...JSON.parse(Buffer.from(block).toString()), ...change })
}
