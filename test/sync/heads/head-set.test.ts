import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { decodeBase32, sha256, toHex, utf8 } from '../../../src/lib/index.ts'
import { findHead } from '../../../src/log/index.ts'
import { importFork, revokeBlock, yank } from '../../../src/registry/index.ts'
import type { PublisherId } from '../../../src/spec/index.ts'
import { type Change, openMemoryStore, type Store } from '../../../src/store/index.ts'
import { type HeadSet, type HeadView, openHeadSet } from '../../../src/sync/heads/head-set.ts'
import { watchHeads } from '../../../src/sync/heads/watch.ts'
import { makeForkBytes } from '../../support/fork-file.ts'
import { openPublisher, type TestPublisher, toolkit } from '../../support/publisher.ts'
import { forkOf, madeClaim, madeFork, madeHead, madePublisher } from './made-heads.ts'

const NAME = 'com.example/weather'
const [A, B, C] = [madePublisher(1), madePublisher(2), madePublisher(3)]

function itemsOf({ items }: HeadView): readonly string[] {
  return Array.from({ length: items.size }, (_, i) => toHex(items.at(i)))
}

function publishersOf(view: HeadView): readonly (PublisherId | undefined)[] {
  return Array.from({ length: view.items.size }, (_, i) => view.publisherOf(view.items.at(i)))
}

function hexOf(view: HeadView, publisher: PublisherId): string | undefined {
  const item = view.itemOf(publisher)
  return item && toHex(item)
}

/** A publisher whose every commit a set of heads hears of. */
async function watched(
  options: { readonly hidden?: readonly string[] } = {},
): Promise<{ publisher: TestPublisher; heads: HeadSet; workspace: TestPublisher['workspace'] }> {
  const publisher = await openPublisher()
  const heads = await openHeadSet(publisher.workspace.store, options)
  const store = watchHeads(publisher.workspace.store, heads)
  return { publisher, heads, workspace: { ...publisher.workspace, store } }
}

async function openMade(
  change: Change,
  options: { readonly hidden?: readonly string[] } = {},
): Promise<{ store: Store; heads: HeadSet }> {
  const bare = openMemoryStore()
  await bare.commit(change)
  const heads = await openHeadSet(bare, options)
  return { store: watchHeads(bare, heads), heads }
}

describe('an item', () => {
  test('is class, publisher and state, as documented', async () => {
    await using publisher = await openPublisher()
    await publisher.publish(toolkit(NAME, '1.0.0'))
    const heads = await openHeadSet(publisher.workspace.store)
    const head = await findHead(publisher.workspace.store, publisher.id)
    const owner = toHex(decodeBase32(publisher.id.slice(1)).subarray(0, 19))
    const state = toHex(sha256(utf8(`${head?.size}\n${head?.root}\n`)).subarray(0, 12))
    expect(itemsOf(heads)).toEqual([`02${owner}${state}`])
  })

  test('of a log that has yanked is more urgent, also when its record does not say so', async () => {
    const { publisher, workspace } = await watched()
    await using _publisher = publisher
    await publisher.publish(toolkit(NAME, '1.0.0'))
    const heads = await openHeadSet(publisher.workspace.store)
    const store = watchHeads(publisher.workspace.store, heads)
    expect(hexOf(heads, publisher.id)?.slice(0, 2)).toBe('02')
    await yank({ ...workspace, store }, `${NAME}@1.0.0`, { reason: 'Broken.' })
    expect(hexOf(heads, publisher.id)?.slice(0, 2)).toBe('01')
    expect(heads.items.size).toBe(1)

    const head = await findHead(store, publisher.id)
    const [value] = await store.findRecords([{ table: 'head', key: publisher.id }])
    expect(head?.withdraws).toBe(true)
    const older = utf8(
      Buffer.from(value ?? [])
        .toString()
        .replace(',"withdraws":true', ''),
    )
    await store.commit({ put: [{ table: 'head', key: publisher.id, value: older }] })
    expect((await findHead(store, publisher.id))?.withdraws).toBeUndefined()
    expect(hexOf(heads, publisher.id)?.slice(0, 2)).toBe('01')
  })

  test('of a log that has revoked as well', async () => {
    const { publisher, heads, workspace } = await watched()
    await using _publisher = publisher
    await publisher.publish(toolkit(NAME, '1.0.0'))
    await revokeBlock(workspace, `${NAME}@1.0.0`, { reason: 'Leaks.' })
    expect(hexOf(heads, publisher.id)?.slice(0, 2)).toBe('01')
  })

  test('of a forked log has no state, and is there without the log', async () => {
    const bare = openMemoryStore()
    const heads = await openHeadSet(bare)
    const { fork } = await importFork(watchHeads(bare, heads), await makeForkBytes())
    expect(itemsOf(heads)).toHaveLength(1)
    expect(itemsOf(heads)[0]).toMatch(/^00[0-9a-f]{38}0{24}$/)
    expect(publishersOf(heads)).toEqual([fork.publisher])
    expect(itemsOf(await openHeadSet(bare))).toEqual(itemsOf(heads))
  })
})

describe('a set of heads', () => {
  test('is what a new one over the same store would be, whatever was committed', async () => {
    const publisher = fc.integer({ min: 0, max: 7 }).map(madePublisher)
    const step = fc.oneof(
      fc
        .tuple(publisher, fc.integer({ min: 1, max: 3 }), fc.boolean())
        .map(([id, size, withdraws]): Change => ({ put: [madeHead(id, { size, withdraws })] })),
      publisher.map((id): Change => ({ put: [madeFork(id)] })),
      publisher.map((id): Change => ({ remove: [forkOf(id)] })),
      publisher.map((id): Change => ({ remove: [{ table: 'head', key: id }] })),
      fc
        .tuple(publisher, fc.constantFrom('com.acme/x', 'com.acme.sub/y', 'com.acmeless/z'))
        .map(([id, name]): Change => ({ put: [madeClaim(name, id)] })),
    )
    await fc.assert(
      fc.asyncProperty(fc.array(step, { maxLength: 30 }), fc.boolean(), async (steps, isHiding) => {
        const options = { hidden: isHiding ? ['com.acme.sub'] : [] }
        const { store, heads } = await openMade({}, options)
        const scope = { publishers: [madePublisher(0)], namespaces: ['com.acme'] }
        using view = await heads.openView(scope)
        // All at once: what is noted late must not undo what was noted before.
        await Promise.all(steps.map((change) => store.commit(change)))
        const again = await openHeadSet(store, options)
        using viewAgain = await again.openView(scope)
        expect(itemsOf(heads)).toEqual(itemsOf(again))
        expect(itemsOf(view)).toEqual(itemsOf(viewAgain))
        for (const one of [heads, view]) {
          expect(publishersOf(one).map((id) => hexOf(one, id as PublisherId))).toEqual(itemsOf(one))
        }
      }),
      { numRuns: 100 },
    )
  })

  test('knows whose an item is, of another state too, and nothing of strangers', async () => {
    const { heads } = await openMade({ put: [madeHead(A), madeHead(B)] })
    const { heads: others } = await openMade({ put: [madeHead(A, { size: 9 }), madeHead(C)] })
    expect(heads.publisherOf(others.itemOf(A) as Uint8Array)).toBe(A)
    expect(heads.publisherOf(others.itemOf(C) as Uint8Array)).toBeUndefined()
    expect(heads.itemOf(C)).toBeUndefined()
  })

  test('goes on without a head that cannot be read', async () => {
    const { store, heads } = await openMade({ put: [madeHead(A), madeHead(B)] })
    await store.commit({ put: [{ ...madeHead(A), value: utf8('{}') }] })
    expect(publishersOf(heads)).toEqual([B])
    await store.commit({ put: [madeHead(A, { size: 2 })] })
    expect(new Set(publishersOf(heads))).toEqual(new Set([A, B]))
  })

  test('hears nothing of a commit that failed', async () => {
    const { store, heads } = await openMade({ put: [madeHead(A)] })
    const before = itemsOf(heads)
    const expected = { table: 'head' as const, key: A, value: undefined }
    const change = { put: [madeHead(A, { size: 5 })], expect: [expected] }
    await expect(store.commit(change)).rejects.toMatchObject({ code: 'CONFLICT' })
    expect(itemsOf(heads)).toEqual(before)
  })
})

describe('a view', () => {
  const put = [
    madeHead(A),
    madeHead(B),
    madeHead(C),
    madeClaim('com.acme/x', A),
    madeClaim('com.acme.sub/x', B),
    madeClaim('com.acmeless/x', C),
    madeClaim('org.other/x', C),
  ]

  test('has the publishers and namespaces of its scope, those below included', async () => {
    const { heads } = await openMade({ put })
    using byId = await heads.openView({ publishers: [C], namespaces: [] })
    expect(publishersOf(byId)).toEqual([C])
    expect(byId.itemOf(A)).toBeUndefined()
    expect(byId.publisherOf(heads.itemOf(A) as Uint8Array)).toBeUndefined()
    using byName = await heads.openView({ publishers: [], namespaces: ['com.acme'] })
    expect(new Set(publishersOf(byName))).toEqual(new Set([A, B]))
    using both = await heads.openView({ publishers: [A, C], namespaces: ['com.acme'] })
    expect(new Set(publishersOf(both))).toEqual(new Set([A, B, C]))
    using own = await heads.openView({ publishers: [], namespaces: [B] })
    expect(publishersOf(own)).toEqual([B])
  })

  test('gains who begins to release there', async () => {
    const { store, heads } = await openMade({ put })
    using view = await heads.openView({ publishers: [], namespaces: ['com.acme.sub'] })
    await store.commit({ put: [madeClaim('com.acme.sub.deeper/x', C)] })
    expect(new Set(publishersOf(view))).toEqual(new Set([B, C]))
    await store.commit({ put: [madeHead(C, { size: 7 })] })
    expect(hexOf(view, C)).toBe(hexOf(heads, C))
    expect(view.items.size).toBe(2)
  })

  test('is left alone once it is closed', async () => {
    const { store, heads } = await openMade({ put })
    const view = await heads.openView({ publishers: [A], namespaces: [] })
    view[Symbol.dispose]()
    const before = itemsOf(view)
    await store.commit({ put: [madeHead(A, { size: 7 })] })
    expect(itemsOf(view)).toEqual(before)
  })

  test('reads a namespace once, however many ask', async () => {
    const bare = openMemoryStore()
    await bare.commit({ put })
    let lists = 0
    const counted: Store = {
      ...bare,
      listRecords: (table, options) => {
        if (table === 'claim') lists += 1
        return bare.listRecords(table, options)
      },
    }
    const heads = await openHeadSet(counted)
    for (let i = 0; i < 10; i++) {
      using view = await heads.openView({ publishers: [], namespaces: ['com.acme'] })
      expect(view.items.size).toBe(2)
    }
    expect(lists).toBe(2)
    for (let i = 0; i < 300; i++) {
      using _view = await heads.openView({ publishers: [], namespaces: [`org.n${i}`] })
    }
    using _again = await heads.openView({ publishers: [], namespaces: ['com.acme'] })
    expect(lists).toBe(2 + 600 + 2)
  })
})

describe('private namespaces (T13)', () => {
  const hidden = ['com.acme']

  test('are in no set and in no view, whoever asks for them by name', async () => {
    const put = [madeHead(A), madeHead(B), madeClaim('com.acme.sub/x', A)]
    const { store, heads } = await openMade({ put }, { hidden })
    expect(publishersOf(heads)).toEqual([B])
    using view = await heads.openView({ publishers: [A], namespaces: ['com.acme'] })
    expect(itemsOf(view)).toEqual([])
    const { heads: open } = await openMade({ put })
    expect(heads.publisherOf(open.itemOf(A) as Uint8Array)).toBeUndefined()
    expect(view.publisherOf(open.itemOf(A) as Uint8Array)).toBeUndefined()
    expect(heads.itemOf(A)).toBeUndefined()

    await store.commit({ put: [madeHead(A, { size: 4 })] })
    expect(publishersOf(heads)).toEqual([B])
  })

  test('take a log out with its first release there', async () => {
    const { store, heads } = await openMade({ put: [madeHead(A)] }, { hidden })
    expect(publishersOf(heads)).toEqual([A])
    await store.commit({ put: [madeHead(A, { size: 2 }), madeClaim('com.acme/x', A)] })
    expect(publishersOf(heads)).toEqual([])
  })

  test('may be a publisher', async () => {
    const { heads } = await openMade({ put: [madeHead(A), madeHead(B)] }, { hidden: [A] })
    expect(publishersOf(heads)).toEqual([B])
  })
})
