// Peers that lie with genuine pieces, and strangers who sign what is not theirs: what each is told, and that nothing of it is kept.

import { generateKeyPairSync, sign } from 'node:crypto'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import type { Json } from '../../src/lib/index.ts'
import { originOf } from '../../src/log/index.ts'
import type { Source } from '../../src/resolve/index.ts'
import { keyFingerprint, type Signer } from '../../src/trust/index.ts'
import { forgeLog, forgeryOf, twistPredicate } from '../support/forged-log.ts'
import { toolkit } from '../support/publisher.ts'
import {
  entryOf,
  extraSubject,
  HEAD,
  NAME,
  OTHER,
  openScene,
  RELEASE,
  type Scene,
} from '../support/scene.ts'

let scene: Scene
beforeAll(async () => {
  scene = await openScene()
})
afterAll(() => scene[Symbol.asyncDispose]())

describe('genuine pieces in the wrong place', () => {
  test('the whole log of another publisher', async () => {
    const { source } = scene.mallory
    const all: Source = {
      ...source,
      checkpoint: () => source.checkpoint(scene.mallory.id),
      entries: (_, range) => source.entries(scene.mallory.id, range),
      inclusion: (_, at) => source.inclusion(scene.mallory.id, at),
      consistency: (_, sizes) => source.consistency(scene.mallory.id, sizes),
      indexPath: (_, query) => source.indexPath(scene.mallory.id, query),
    }
    expect(await scene.refusalBy(all)).toMatchObject({
      code: 'CHECKPOINT_INVALID',
      message: 'This is not a checkpoint of that log.',
    })
    const { checkpoint } = scene.alice.source
    expect((await scene.refusalBy({ ...all, checkpoint })).code).toBe('SUBJECT_MISMATCH')
  })

  test('the genesis of another publisher', async () => {
    expect(
      await scene.refusalBy(scene.withEntry(0, await entryOf(scene.mallory, 0))),
    ).toMatchObject({
      code: 'SUBJECT_MISMATCH',
      message: 'This log begins with another publisher’s genesis.',
      details: {
        expected: scene.alice.id,
        got: scene.mallory.id,
        next: 'Do not use it. Ask another peer; if the answer is the same, tell the publisher.',
      },
    })
  })

  test('the checkpoint of another publisher', async () => {
    const checkpoint = () => scene.mallory.source.checkpoint(scene.mallory.id)
    expect(await scene.refusalBy({ ...scene.alice.source, checkpoint })).toMatchObject({
      code: 'CHECKPOINT_INVALID',
      message: 'This is not a checkpoint of that log.',
      details: {
        expected: originOf(scene.alice.id),
        got: JSON.stringify(originOf(scene.mallory.id)),
      },
    })
  })

  test('an entry of another publisher', async () => {
    for (const seq of [RELEASE, HEAD]) {
      expect(
        await scene.refusalBy(scene.withEntry(seq, await entryOf(scene.mallory, seq))),
      ).toMatchObject({
        code: 'SUBJECT_MISMATCH',
        message: 'This entry was signed for another publisher’s log.',
        details: { expected: scene.alice.id, got: scene.mallory.id },
      })
    }
  })

  test('t22-subject-mismatch: the bundle of another statement', async () => {
    const { statement } = await entryOf(scene.alice, RELEASE)
    for (const { bundles } of [
      await entryOf(scene.alice, 2),
      await entryOf(scene.mallory, RELEASE),
    ]) {
      expect(await scene.refusalBy(scene.withEntry(RELEASE, { statement, bundles }))).toMatchObject(
        {
          code: 'SUBJECT_MISMATCH',
          message: 'The signature bundle is for another statement.',
        },
      )
    }
  })

  test('the genesis as a release, and a release as the genesis', async () => {
    expect((await scene.refusalBy(scene.withEntry(0, await entryOf(scene.alice, 1)))).code).toBe(
      'SUBJECT_MISMATCH',
    )
    expect(
      (await scene.refusalBy(scene.withEntry(RELEASE, await entryOf(scene.alice, 0)))).code,
    ).toBe('PROOF_INVALID')
  })

  test('an older version of the name, with a good proof of its own', async () => {
    for (const reference of [NAME, `${NAME}@2.0.0`, `${NAME}@^2`]) {
      const downgraded: Source = {
        ...scene.withEntry(RELEASE, await entryOf(scene.alice, 2)),
        inclusion: (publisher, { index, size }) =>
          scene.alice.source.inclusion(publisher, { index: index === RELEASE ? 2 : index, size }),
      }
      expect(await scene.refusalBy(downgraded, { reference })).toMatchObject({
        code: 'SUBJECT_MISMATCH',
        message: 'This log entry is not the version asked for.',
        details: { expected: '2.0.0', got: '1.0.0' },
      })
    }
  })

  test('a release of another name, with a good proof of its own', async () => {
    const swapped: Source = {
      ...scene.withEntry(RELEASE, await entryOf(scene.alice, 1)),
      inclusion: (publisher, { index, size }) =>
        scene.alice.source.inclusion(publisher, { index: index === RELEASE ? 1 : index, size }),
    }
    expect(await scene.refusalBy(swapped)).toMatchObject({
      code: 'SUBJECT_MISMATCH',
      message: 'This log entry is not a release of the name asked for.',
      details: { expected: `a release of ${NAME}`, got: `a release of ${OTHER}` },
    })
  })

  test('a head that is not the last entry, with a good proof of its own', async () => {
    const early: Source = {
      ...scene.withEntry(HEAD, await entryOf(scene.alice, RELEASE)),
      inclusion: (publisher, { index, size }) =>
        scene.alice.source.inclusion(publisher, { index: index === HEAD ? RELEASE : index, size }),
    }
    expect(await scene.refusalBy(early)).toMatchObject({
      code: 'SEQUENCE_INVALID',
      message: 'The entry offered as newest is not the last one of the log.',
      details: { expected: 'seq 4', got: 'seq 3' },
    })
  })

  test('a proof for another position', async () => {
    const inclusion: Source['inclusion'] = (publisher, { size }) =>
      scene.alice.source.inclusion(publisher, { index: 1, size })
    expect((await scene.refusalBy({ ...scene.alice.source, inclusion })).code).toBe('PROOF_INVALID')
  })
})

describe('statements signed by someone else', () => {
  const types = 'https://toolmark.dev'

  test('t23-key-in-record: a self-attached key is not a trusted key', async () => {
    const own = await scene.signedBy(scene.mallory.signing, (statement) => statement)
    expect(await scene.refusalBy(scene.withEntry(RELEASE, own))).toMatchObject({
      code: 'SIGNER_UNAUTHORIZED',
      verdict: 'POLICY',
      message: 'The statement was not signed by a key that may sign it.',
      details: {
        expected: keyFingerprint(scene.alice.signing.key),
        got: keyFingerprint(scene.mallory.signing.key),
        next: 'Do not use it. Only the keys in the publisher’s log count, whatever comes with a bundle.',
      },
    })
  })

  test('with the hint of the right key it is a bad signature', async () => {
    const own = await scene.signedBy(scene.mallory.signing, (statement) => statement)
    const bundles = own.bundles.map((bundle) =>
      Buffer.from(
        Buffer.from(bundle)
          .toString()
          .replace(
            keyFingerprint(scene.mallory.signing.key),
            keyFingerprint(scene.alice.signing.key),
          ),
      ),
    )
    expect(await scene.refusalBy(scene.withEntry(RELEASE, { ...own, bundles }))).toMatchObject({
      code: 'SIGNATURE_INVALID',
      verdict: 'MISMATCH',
      message: 'The signature does not fit the statement.',
    })
  })

  test.each([
    ['another seq', twistPredicate({ seq: 2 }), 'SIGNER_UNAUTHORIZED'],
    ['another version', twistPredicate({ version: '9.9.9' }), 'SIGNER_UNAUTHORIZED'],
    [
      'another predicate type',
      (it: Json) => ({ ...(it as object), predicateType: `${types}/yank/v1` }),
      'SIGNER_UNAUTHORIZED',
    ],
    [
      'a predicate type of somebody else',
      (it: Json) => ({ ...(it as object), predicateType: `${types}/other/v1` }),
      'STATEMENT_INVALID',
    ],
    ['an extra subject', (it: Json) => extraSubject(it), 'STATEMENT_INVALID'],
  ] as const)('%s', async (_, change, code) => {
    for (const signer of [scene.mallory.signing, stranger()]) {
      expect(
        (await scene.refusalBy(scene.withEntry(RELEASE, await scene.signedBy(signer, change))))
          .code,
      ).toBe(code)
    }
  })

  test('signed by the right key, but never logged', async () => {
    const unlogged = await scene.signedBy(scene.alice.signing, twistPredicate({ version: '9.9.9' }))
    expect(await scene.refusalBy(scene.withEntry(RELEASE, unlogged))).toMatchObject({
      code: 'PROOF_INVALID',
      message: 'This entry is not in the log that was signed.',
    })
  })

  test('a log of good entries under a checkpoint by another log key', async () => {
    const forged = [forgeryOf(scene.alice, toolkit(NAME, '2.0.0'))]
    expect(
      await scene.refusalBy(await forgeLog(scene.alice, forged, scene.mallory.log)),
    ).toMatchObject({
      code: 'SIGNATURE_INVALID',
      message: 'The expected key did not sign this note.',
    })
  })
})

/** A key that stands in nobody's log. */
function stranger(): Signer {
  const { privateKey, publicKey } = generateKeyPairSync('ec', { namedCurve: 'prime256v1' })
  const spki = publicKey.export({ format: 'der', type: 'spki' }).toString('base64')
  const key = { type: 'ecdsa-p256', spki } as const
  return { key, sign: async (data) => sign('sha256', data, privateKey) }
}
