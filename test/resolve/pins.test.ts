// Who speaks for a name, and in which order that is decided: the name itself, the pin, the consumer's word. Never a peer's.

import { describe, expect, test } from 'vitest'
import { isRegistryError, utf8 } from '../../src/lib/index.ts'
import { pinRecord, publisherFor } from '../../src/resolve/index.ts'
import { type PublisherId, publisherIdOf } from '../../src/spec/index.ts'
import { openMemoryStore, type Store } from '../../src/store/index.ts'

const ALICE = publisherIdOf(utf8('alice'))
const MALLORY = publisherIdOf(utf8('mallory'))
const NAME = 'com.example/weather'

async function pinned(publisher: PublisherId): Promise<Store> {
  const store = openMemoryStore()
  const pin = pinRecord(NAME, publisher)
  await store.commit({ put: pin === undefined ? [] : [pin] })
  return store
}

async function refusal(deciding: Promise<unknown>): Promise<unknown> {
  const error = await deciding.then(
    (publisher) => new Error(`decided for ${String(publisher)}`),
    (cause: unknown) => cause,
  )
  if (!isRegistryError(error)) throw error
  const { code, verdict, message, details } = error
  return { code, verdict, message, details }
}

describe('a namespace nobody has pinned', () => {
  test('is nobody’s, and the claimants are named but not believed', async () => {
    const claimants = async () => [MALLORY, ALICE]
    expect(await refusal(publisherFor(openMemoryStore(), NAME, { claimants }))).toEqual({
      code: 'PUBLISHER_UNPINNED',
      verdict: 'POLICY',
      message: 'No publisher is pinned to com.example here.',
      details: {
        expected: 'a publisher id that you got from the publisher itself',
        got: `claims by ${MALLORY}, ${ALICE}`,
        next: 'Compare the id with the publisher’s own word, then add `--publisher ID`.',
      },
    })
  })

  test('a single claimant is not believed either, nor is none', async () => {
    for (const [claimants, got] of [
      [async () => [MALLORY], `claims by ${MALLORY}`],
      [async () => [], 'no pin'],
      [undefined, 'no pin'],
    ] as const) {
      const choice = claimants === undefined ? {} : { claimants }
      const refused = await refusal(publisherFor(openMemoryStore(), NAME, choice))
      expect(refused).toMatchObject({ code: 'PUBLISHER_UNPINNED', details: { got } })
    }
  })

  test('is whose the consumer says, without asking for claims', async () => {
    const claimants = async () => {
      throw new Error('asked')
    }
    const choice = { chosen: ALICE, claimants }
    expect(await publisherFor(openMemoryStore(), NAME, choice)).toBe(ALICE)
  })
})

describe('a pinned namespace', () => {
  test('is the pinned publisher’s, whatever others claim', async () => {
    const claimants = async () => [MALLORY]
    expect(await publisherFor(await pinned(ALICE), NAME, { claimants })).toBe(ALICE)
    expect(await publisherFor(await pinned(ALICE), 'com.example/other')).toBe(ALICE)
    expect(await publisherFor(await pinned(ALICE), NAME, { chosen: ALICE })).toBe(ALICE)
  })

  test('is not taken over by a flag', async () => {
    expect(await refusal(publisherFor(await pinned(ALICE), NAME, { chosen: MALLORY }))).toEqual({
      code: 'PUBLISHER_CHANGED',
      verdict: 'REBIND',
      message: 'com.example belongs to another publisher here.',
      details: {
        expected: ALICE,
        got: MALLORY,
        next: 'If the change is announced by the old publisher, start with a fresh store; otherwise do not accept it.',
      },
    })
  })

  test('says nothing of a namespace inside it or beside it', async () => {
    for (const name of ['com.example.sub/weather', 'com.examples/weather', 'com.exampl/weather']) {
      const refused = await refusal(publisherFor(await pinned(ALICE), name))
      expect(refused).toMatchObject({ code: 'PUBLISHER_UNPINNED' })
    }
  })
})

describe('a namespace that is a publisher id', () => {
  test('proves itself, and no pin or flag says otherwise', async () => {
    const store = await pinned(MALLORY)
    expect(await publisherFor(store, `${ALICE}/weather`)).toBe(ALICE)
    expect(await publisherFor(store, `${ALICE}/weather`, { chosen: ALICE })).toBe(ALICE)
    const other = publisherFor(store, `${ALICE}/weather`, { chosen: MALLORY })
    expect(await refusal(other)).toMatchObject({
      code: 'PUBLISHER_CHANGED',
      verdict: 'REBIND',
      details: { expected: ALICE, got: MALLORY },
    })
    await store.commit({ put: [{ table: 'pin', key: ALICE, value: utf8(MALLORY) }] })
    expect(await publisherFor(store, `${ALICE}/weather`)).toBe(ALICE)
  })

  test('is never pinned', () => {
    expect(pinRecord(`${ALICE}/weather`, ALICE)).toBeUndefined()
  })
})
