// Other histories than the one this consumer knows, and proofs that a name has none: what each is told, and that nothing is kept.

import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { canonicalBytes } from '../../src/lib/index.ts'
import { pull } from '../../src/registry/index.ts'
import type { Source } from '../../src/resolve/index.ts'
import type { Floor } from '../../src/store/index.ts'
import { forgeLog, forgeryOf } from '../support/forged-log.ts'
import { findLeftovers } from '../support/invariants.ts'
import { openPublisher, peerOf, type TestPublisher, toolkit } from '../support/publisher.ts'
import { consumer, entryOf, NAME, openScene, type Scene } from '../support/scene.ts'

let scene: Scene
beforeAll(async () => {
  scene = await openScene()
})
afterAll(() => scene[Symbol.asyncDispose]())

describe('histories that this consumer knows better', () => {
  test('t01-rollback: an older state is refused, and the floor stays', async () => {
    expect(await scene.refusalBy(scene.older, { floors: [scene.floor] })).toMatchObject({
      code: 'ROLLBACK',
      verdict: 'ROLLBACK',
      message: 'mallory offers an older state of this log than one already accepted here.',
      details: {
        expected: 'at least 5 entries',
        got: '3 entries',
        next: 'Nothing was changed. Ask another peer; if all answer the same, the publisher has lost or withdrawn entries.',
        evidence: { accepted: scene.floor, offered: { size: 3, root: scene.olderFloor.root } },
      },
    })
  })

  test('another history of the same size, or a longer one, is a fork', async () => {
    for (const versions of [
      ['6.0.0', '6.0.1'],
      ['6.0.0', '6.0.1', '6.0.2', '6.0.3', '6.0.4'],
    ]) {
      const forged = versions.map((version) => forgeryOf(scene.alice, toolkit(NAME, version)))
      const fork = await forgeLog(scene.alice, forged)
      const error = await scene.refusalBy(fork, { floors: [scene.olderFloor] })
      expect(error).toMatchObject({
        code: 'FORKED',
        verdict: 'FORKED',
        message: 'This log shows another history than the one already accepted here.',
        details: {
          expected: `a log that extends 3 entries with root ${scene.olderFloor.root}`,
          next: 'Do not use this publisher’s tools until it has explained itself; keep both heads as proof.',
        },
      })
      const evidence = error.details.evidence as { accepted: Floor; offered: Floor }
      expect(evidence.accepted).toEqual(scene.olderFloor)
      expect(evidence.offered).toMatchObject({ size: versions.length + 1 })
    }
  })

  test('the same state again is fine', async () => {
    const store = await consumer([scene.floor])
    const { release } = await scene.pullFrom(store, [peerOf(scene.alice.source)])
    expect(release.entry.version).toBe('2.0.0')
    expect(await store.listFloors()).toEqual([scene.floor])
  })
})

describe('proofs that a name is absent', () => {
  let crowd: TestPublisher
  beforeAll(async () => {
    crowd = await openPublisher()
    const others = Array.from({ length: 40 }, (_, i) =>
      toolkit(`com.example/other-${i}`, '1.0.0', 1),
    )
    await crowd.publish(toolkit(NAME, '1.0.0'), ...others)
  })
  afterAll(() => crowd[Symbol.asyncDispose]())

  test('of a present name none is believed', async () => {
    const { source, id } = crowd
    const root = (await headIndex(crowd)) as never
    const real = await source.indexPath(id, { root, name: NAME })
    const empty = canonicalBytes({ kind: 'index/v1', entries: {} })
    const absent = await source.indexPath(id, { root, name: 'com.example/absent-7' })
    const other = await source.indexPath(id, { root, name: 'com.example/other-3' })
    const history = real.at(-1) as Uint8Array
    const lies: readonly (readonly Uint8Array[])[] = [
      [],
      [empty],
      absent,
      other,
      [...absent, history],
      [...other.slice(0, -1), history],
      [...real.slice(0, -1), other.at(-1) as Uint8Array],
      real.slice(0, -1),
      real.slice(0, -2),
      real.slice(1),
      [history],
      [...real, history],
    ]
    for (const [i, nodes] of lies.entries()) {
      const store = await consumer()
      const lying = peerOf({ ...source, indexPath: async () => nodes })
      const pulling = pull(
        { ...crowd.workspace, store },
        { reference: NAME, peers: [lying], publisher: id },
      )
      await expect(pulling, `lie ${i}`).rejects.toMatchObject({ verdict: 'MISMATCH' })
      expect(await findLeftovers(store, { listed: new Set() })).toEqual([])
    }
  })

  test('of an absent name the honest one is', async () => {
    expect(
      await scene.refusalBy(scene.alice.source, { reference: 'com.example/nothing' }),
    ).toMatchObject({
      code: 'NOT_FOUND',
      message: 'The publisher does not offer com.example/nothing.',
    })
  })

  test('a history that was made up says nothing about which versions there are', async () => {
    const indexPath: Source['indexPath'] = async (publisher, query) => {
      const path = await scene.alice.source.indexPath(publisher, query)
      const text = Buffer.from(path.at(-1) as Uint8Array).toString()
      return [...path.slice(0, -1), Buffer.from(text.replace('"2.0.0"', '"1.9.0"'))]
    }
    const error = await scene.refusalBy(
      { ...scene.alice.source, indexPath },
      { reference: `${NAME}@2.0.0` },
    )
    expect(error.code).toBe('HASH_MISMATCH')
  })
})

async function headIndex(publisher: TestPublisher): Promise<string> {
  const note = Buffer.from(await publisher.source.checkpoint(publisher.id)).toString()
  const { statement } = await entryOf(publisher, Number(note.split('\n')[1]) - 1)
  return JSON.parse(Buffer.from(statement).toString()).predicate.index
}
