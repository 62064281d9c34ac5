// Who speaks for a name, and in which order that is decided: the name itself, the pin, the consumer's word. Never a peer's.

import { describe, expect, test } from 'vitest'
import { canonicalBytes, isRegistryError, utf8 } from '../../src/lib/index.ts'
import { findPin, formatPin, listPins, pinChange, publisherFor } from '../../src/resolve/index.ts'
import { type PublisherId, publisherIdOf } from '../../src/spec/index.ts'
import { openMemoryStore, type Store } from '../../src/store/index.ts'

const ALICE = publisherIdOf(utf8('alice'))
const MALLORY = publisherIdOf(utf8('mallory'))
const NAME = 'com.example/weather'
const KEY = { table: 'pin', key: 'com.example' } as const

async function pinned(publisher: PublisherId): Promise<Store> {
  const store = openMemoryStore()
  const { put } = await pinChange(store, NAME, { publisher, how: 'own', now: new Date(0) })
  await store.commit({ put })
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
        next: `Do not accept it unless the publisher you know says so, elsewhere than here. If so: \`registry pin accept com.example ${MALLORY}\`.`,
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

describe('a pin', () => {
  const pin = {
    namespace: 'com.example',
    publisher: ALICE,
    since: '2026-01-02T03:04:05.678Z',
    how: 'flag',
  } as const
  const now = new Date(pin.since)

  test('is read as it was written, and listed by namespace', async () => {
    const store = openMemoryStore()
    const other = { ...pin, namespace: 'com.acme', how: 'accepted' } as const
    await store.commit({ put: [formatPin(pin), formatPin(other)] })
    expect(await findPin(store, 'com.example')).toEqual(pin)
    expect(await findPin(store, 'com.other')).toBeUndefined()
    expect(await Array.fromAsync(listPins(store))).toEqual([other, pin])
  })

  const { namespace: _namespace, ...value } = pin
  const text = Buffer.from(canonicalBytes(value)).toString()
  test.each([
    ['nothing', ''],
    ['the bare id of an older form', ALICE],
    ['a list', '[]'],
    ['white space', ` ${text}`],
    ['a key twice', text.replace('{', `{"how":"flag",`)],
    ['a key more', text.replace('{', '{"a":1,')],
    ['a key less', text.replace('"how":"flag",', '')],
    ['another way', text.replace('flag', 'peer')],
    ['no publisher id', text.replace(ALICE, ALICE.slice(1))],
    ['a publisher of another type', text.replace(`"${ALICE}"`, '1')],
    ['no time', text.replace(pin.since, 'yesterday')],
    ['a time in another form', text.replace(pin.since, '2026-01-02T03:04:05Z')],
    ['a time that was not', text.replace('01-02', '02-30')],
    ['text after it', `${text}\n`],
    ['far too much', `{"a":"${'x'.repeat(2000)}"}`],
  ])('is not read from %s, nor taken for none', async (_what, stored) => {
    const store = openMemoryStore()
    await store.commit({ put: [{ table: 'pin', key: 'com.example', value: utf8(stored) }] })
    for (const reading of [
      findPin(store, 'com.example'),
      publisherFor(store, NAME, { chosen: ALICE }),
      pinChange(store, NAME, { publisher: ALICE, how: 'flag', now }),
      Array.fromAsync(listPins(store)),
    ]) {
      expect(await refusal(reading)).toMatchObject({
        code: 'STORE_CORRUPT',
        verdict: 'CORRUPT',
        message: 'The pin of com.example cannot be read.',
        details: {
          expected: 'a publisher id, a time, and how the pin was made',
          next: 'Run `registry pin remove com.example`, and name its publisher again at the next pull.',
        },
      })
    }
  })

  test('is made on condition that there is none, and kept on condition that it is the same', async () => {
    const store = openMemoryStore()
    const made = await pinChange(store, NAME, { publisher: ALICE, how: 'flag', now })
    expect(made).toEqual({ put: [formatPin(pin)], expect: [{ ...KEY, value: undefined }] })
    await store.commit(made)
    const later = { publisher: ALICE, how: 'prompt', now: new Date(0) } as const
    const kept = await pinChange(store, NAME, later)
    expect(kept.put).toEqual([])
    await store.commit(kept)
    const accepted = { ...pin, how: 'accepted' } as const
    await store.commit({ put: [formatPin(accepted)] })
    expect(await refusal(store.commit(kept))).toMatchObject({ code: 'CONFLICT' })
    expect(await refusal(store.commit(made))).toMatchObject({ code: 'CONFLICT' })
    expect(await findPin(store, 'com.example')).toEqual(accepted)
    const other = pinChange(store, NAME, { ...later, publisher: MALLORY })
    expect(await refusal(other)).toMatchObject({ code: 'PUBLISHER_CHANGED', verdict: 'REBIND' })
  })

  test('is not made when nobody has chosen', async () => {
    const change = pinChange(openMemoryStore(), NAME, { publisher: ALICE, how: undefined, now })
    expect(await refusal(change)).toMatchObject({ code: 'PUBLISHER_UNPINNED' })
  })
})

test('who is asked for claims is named with them, for a question to a person', async () => {
  const claimants = async () => [MALLORY]
  const error = await publisherFor(openMemoryStore(), NAME, { claimants, from: 'a peer' }).catch(
    (cause: unknown) => cause,
  )
  expect(isRegistryError(error) && error.details.evidence).toEqual({
    namespace: 'com.example',
    claimants: [MALLORY],
    from: 'a peer',
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
      details: {
        expected: ALICE,
        got: MALLORY,
        next: 'The name itself says whose it is: leave `--publisher` out, or write the name of the publisher you mean.',
      },
    })
    await store.commit({ put: [{ table: 'pin', key: ALICE, value: utf8(MALLORY) }] })
    expect(await publisherFor(store, `${ALICE}/weather`)).toBe(ALICE)
  })

  test('is never pinned', async () => {
    const pin = { publisher: ALICE, how: 'flag', now: new Date(0) } as const
    const change = await pinChange(openMemoryStore(), `${ALICE}/weather`, pin)
    expect(change).toEqual({ put: [], expect: [] })
  })
})
