// Words and releases: what counts as the same word, what is found first, what was withdrawn.

import { expect, test } from 'vitest'
import { openSearch, yank } from '../../src/registry/index.ts'
import { termsOf } from '../../src/registry/search/terms.ts'
import { openPublisher, toolkit } from '../support/publisher.ts'

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
