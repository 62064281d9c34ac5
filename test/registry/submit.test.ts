// Publishing in a log whose key is on another machine: what the log says afterwards, here and there.

import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { checkLog, verifyName } from '../../src/registry/index.ts'
import { openTestHome, type TestHome } from '../support/home-node.ts'
import { toolkit } from '../support/publisher.ts'

let home: TestHome
beforeEach(async () => {
  home = await openTestHome()
})
afterEach(() => home[Symbol.asyncDispose]())

async function size(): Promise<number> {
  return (await checkLog(home.publisher.workspace.store, home.publisher.id)).size
}

describe('one machine', () => {
  test('publishes a release, proves it offline, and does not repeat it', async () => {
    const ci = await home.machine('ci')
    const [published] = await ci.submit(toolkit('com.example/weather', '1.0.0'))
    expect(published).toMatchObject({ kind: 'published', seq: 1, name: 'com.example/weather' })
    expect(await size()).toBe(2)
    const { release } = await verifyName(ci.workspace.store, 'com.example/weather', {
      publisher: home.publisher.id,
    })
    expect(release.cid).toBe(published?.release)
    expect(await ci.submit(toolkit('com.example/weather', '1.0.0'))).toEqual([
      { ...published, kind: 'unchanged' },
    ])
    expect(await size()).toBe(2)
  })
})
