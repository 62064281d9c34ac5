// T10, squatting and slopsquatting: a word that nobody here has chosen means nothing, is asked of nobody, and installs nothing.

import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { proposeAdd } from '../../src/registry/index.ts'
import { makeDesk } from '../support/desk-of.ts'
import { allow, type LockedScene, openLockedScene } from '../support/locked.ts'
import { openPublisher, peerOf, toolkit } from '../support/publisher.ts'

const NAME = 'com.example/weather'

let scene: LockedScene
let from: readonly string[]

beforeAll(async () => {
  scene = await openLockedScene()
  await scene.publish(toolkit(NAME, '1.0.0'), toolkit('com.exarnple/weather', '1.0.0'))
  from = ['--from', scene.web.url]
})
afterAll(() => scene[Symbol.asyncDispose]())

describe('add with a bare word', () => {
  test('without an alias: exit 4 with what may be meant, and nothing fetched', async () => {
    const bob = await scene.consumer()
    await bob.json(['add', NAME, ...from, '--approve'])
    const before = scene.web.served.length
    const locked = await bob.lock()
    expect(await bob.failure(['add', 'wheather', ...from, '--yes'])).toMatchObject({
      code: 'NOT_FOUND',
      exit: 4,
      message:
        'wheather stands for nothing here: a bare word is looked up among your own aliases only.',
      next: `Write the name you mean: ${NAME}. \`registry alias add wheather NAME\` makes the word stand for it.`,
      evidence: { candidates: [NAME] },
    })
    expect(scene.web.served.length).toBe(before)
    expect(await bob.lock()).toBe(locked)
  })

  test('names that are locked and not held are candidates too', async () => {
    const bob = await scene.consumer()
    await bob.json(['add', NAME, ...from, '--approve'])
    const carol = await scene.consumer()
    const asked = ['add', 'weather', ...from, '--lockfile', bob.lockPath]
    expect(await carol.failure(asked)).toMatchObject({ exit: 4, evidence: { candidates: [NAME] } })
  })

  test('with an alias it is what the alias says', async () => {
    const bob = await scene.consumer()
    await bob.json(['alias', 'add', 'weather', `${NAME}@^1`])
    expect(await bob.json(['add', 'weather', ...from, '--approve'])).toMatchObject({ name: NAME })
    expect(await bob.lock()).toContain('"range": "^1"')
  })
})

test('a name that looks like a locked one is told, before anything else', async () => {
  const bob = await scene.consumer()
  await bob.json(['add', NAME, ...from, '--approve'])
  const carol = await scene.consumer(allow(scene.publisher, 'com.exarnple'))
  const asked = ['add', 'com.exarnple/weather', ...from, '--approve', '--lockfile', bob.lockPath]
  const { stderr, status } = await carol.run(asked)
  expect(status).toBe(0)
  expect(stderr).toMatch(
    /^warning: com\.exarnple looks like com\.example, which is known here\. Be sure that you mean it\.$/m,
  )
})

test('no call of the library takes a word for a name', async () => {
  await using alice = await openPublisher()
  await using desk = await makeDesk(alice.workspace, allow(alice.id))
  const seeking = { peers: [peerOf(alice.source)], ask: true }
  const adding = proposeAdd(alice.workspace, await desk.open(), { reference: 'weather' }, seeking)
  await expect(adding).rejects.toMatchObject({ code: 'NAME_INVALID' })
})
