// Words and releases: what counts as the same word, what is found first, what was withdrawn.

import { expect, test } from 'vitest'
import { forget, openSearch, pull, revokeBlock, setMirror, yank } from '../../src/registry/index.ts'
import { termsOf } from '../../src/registry/search/terms.ts'
import { openMemoryStore } from '../../src/store/index.ts'
import { bringLog } from '../support/follower.ts'
import { openPublisher, peerOf, toolkit } from '../support/publisher.ts'

test.each([
  ['getWeatherForecast for cities', ['weather', 'forecast', 'city']],
  ['Überträgt an address, addresses and Über', ['ubertragt', 'address', 'addresse', 'uber']],
  ['the a of', []],
  ['io.github.alice/send-mails', ['io', 'github', 'alice', 'send', 'mail']],
])('the words of %j', (text, terms) => {
  expect(termsOf(text)).toEqual(terms)
})

test('names before descriptions, all of the words before some, the newest that is not withdrawn', async () => {
  await using publisher = await openPublisher()
  const { id, workspace } = publisher
  await publisher.publish(
    toolkit('mail', '1.0.0', 1, 'Sends letters.'),
    toolkit('post', '1.0.0', 1, 'Sends mail.'),
    toolkit('parcel', '1.0.0', 1, 'Sends mail and letters.'),
  )
  await publisher.publish(toolkit('mail', '2.0.0', 1, 'Sends letters.'))
  const index = await openSearch(workspace.store)
  const names = (query: string) =>
    index.find(query).map(({ name, version }) => `${name.slice(id.length + 1)}@${version}`)
  expect(names('mail')).toEqual(['mail@2.0.0', 'post@1.0.0', 'parcel@1.0.0'])
  expect(names('mail letters')).toEqual(['mail@2.0.0', 'parcel@1.0.0', 'post@1.0.0'])
  expect(names('zeppelin')).toEqual([])
  expect(index.find('mail', 1)).toEqual([
    expect.objectContaining({ publisher: id, standing: 'own', title: 'A toolkit of a test' }),
  ])
  expect(() => index.find('x'.repeat(1_025))).toThrow(/search query/)
  await yank(workspace, `${id}/mail@2.0.0`, {})
  const [first] = (await openSearch(workspace.store)).find('mail')
  expect(first).toMatchObject({ version: '1.0.0' })
})

test('what was pulled is found: of each name the newest that is here and not withdrawn, in a mirrored log too', async () => {
  await using publisher = await openPublisher()
  const { id, workspace, source } = publisher
  const name = `${id}/mail`
  await publisher.publish(toolkit('mail', '1.0.0', 1, 'Sends letters.'))
  await publisher.publish(toolkit('mail', '1.1.0', 1, 'Sends parcels.'))
  await publisher.publish(
    toolkit('mail', '1.2.0', 1),
    toolkit('post', '1.0.0', 1, 'Sends letters.'),
  )
  const store = openMemoryStore()
  const pulled = async (reference: string) => {
    const asked = { reference, peers: [peerOf(source)], publisher: id }
    await pull({ ...workspace, store }, asked)
  }
  const find = async (query: string) =>
    (await openSearch(store)).find(query).map((row) => `${row.name}@${row.version} ${row.standing}`)
  expect(await find('letters')).toEqual([])
  await pulled(`${name}@1.0.0`)
  expect(await find('letters')).toEqual([`${name}@1.0.0 pulled`])
  await pulled(`${name}@1.1.0`)
  expect(await find('letters parcels')).toEqual([`${name}@1.1.0 pulled`])
  await setMirror({ store, now: () => new Date() }, 1024 ** 3)
  await bringLog(store, publisher)
  expect(await find('mail')).toEqual([`${name}@1.2.0 pulled`])
  expect(await find('letters')).toEqual([])
  await forget(store, { references: [name] })
  expect(await find('mail')).toEqual([])
})

test('what was pulled and is revoked is found no more', async () => {
  await using publisher = await openPublisher()
  const { id, workspace, source } = publisher
  const name = `${id}/mail`
  await publisher.publish(toolkit('mail', '1.0.0', 1))
  const store = openMemoryStore()
  const asked = { reference: name, peers: [peerOf(source)], publisher: id }
  await pull({ ...workspace, store }, asked)
  await revokeBlock(workspace, `${name}@1.0.0`, { reason: 'leaks' })
  expect((await openSearch(store)).find('mail')).toHaveLength(1)
  await publisher.publish(toolkit('post', '1.0.0', 1))
  await pull({ ...workspace, store }, { ...asked, reference: `${id}/post` })
  expect((await openSearch(store)).find('mail')).toEqual([])
})
