// T13: a private name never leaves the node, neither as a question nor as an answer. Measured in bytes on a wire that is recorded at both
// ends, with the same questions asked without the rule as the control.

import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { cidOf } from '../../src/cid/index.ts'
import { RegistryError } from '../../src/lib/index.ts'
import { findHead } from '../../src/log/index.ts'
import { assertTellable, claim, type Peer, pull, withoutPrivate } from '../../src/registry/index.ts'
import { localSource, type Source } from '../../src/resolve/index.ts'
import { openMemoryStore } from '../../src/store/index.ts'
import { type Channel, connectSource, createMemoryHub, serveSource } from '../../src/sync/index.ts'
import { openPublisher, type TestPublisher, toolkit } from '../support/publisher.ts'

const HIDDEN = 'com.corp.internal'
const NAME = `${HIDDEN}/billing`

let corp: TestPublisher
let open: TestPublisher

beforeAll(async () => {
  corp = await openPublisher()
  open = await openPublisher()
  await corp.publish(toolkit(NAME, '1.0.0'), toolkit('com.corp/public', '1.0.0'))
  await open.publish(toolkit('com.example/weather', '1.0.0'))
  await open.publish(toolkit('com.corp.internally/other', '1.0.0'))
})

afterAll(async () => {
  await corp[Symbol.asyncDispose]()
  await open[Symbol.asyncDispose]()
})

/** A node that serves `source`, and a peer to it whose every byte is kept. */
function wire(source: Source) {
  const hub = createMemoryHub()
  const [server, client] = [hub.open('server'), hub.open('client')]
  const asked: Uint8Array[] = []
  const told: Uint8Array[] = []
  let dials = 0
  server.handle((channel) => serveSource(channel, source))
  const recorded = (channel: Channel): Channel => ({
    remote: channel.remote,
    send: (frame, options) => {
      asked.push(frame)
      return channel.send(frame, options)
    },
    receive: async (options) => {
      const frame = await channel.receive(options)
      if (frame !== undefined) told.push(frame)
      return frame
    },
    close: () => channel.close(),
    abort: (reason) => channel.abort(reason),
  })
  const dial = async () => {
    dials++
    return connectSource(recorded(await client.dial('memory:server')))
  }
  const peer: Peer = { label: 'the peer', open: dial }
  const bytesOf = (frames: readonly Uint8Array[]) => Buffer.concat(frames)
  return { peer, dial, dials: () => dials, asked: () => bytesOf(asked), told: () => bytesOf(told) }
}

function consumer(namespaces: readonly string[]) {
  const { folder: _, ...workspace } = corp.workspace
  return { ...workspace, store: openMemoryStore(), privateNamespaces: async () => namespaces }
}

describe('asking', () => {
  test.each([
    ['with nobody named', {}],
    ['with its publisher named', { mean: true }],
  ])('no peer hears of a private name, %s', async (_, { mean = false }: { mean?: boolean }) => {
    const recorder = wire(corp.source)
    const peers = [recorder.peer, recorder.peer]
    const publisher = mean ? corp.id : undefined
    for (const reference of [NAME, `${NAME}@^1`, `${HIDDEN}.team/x`]) {
      const refused = pull(consumer([HIDDEN]), { reference, peers, publisher })
      await expect(refused).rejects.toMatchObject({
        code: 'NAMESPACE_PRIVATE',
        verdict: 'POLICY',
        message: `${reference.split('@')[0]} is never asked of peers.`,
        details: {
          expected: 'a name outside the private namespaces of your trust policy',
          got: `a name of ${HIDDEN}`,
          next: 'Publish it here, or take it out of [private] if others may know of it. Nothing was sent.',
        },
      })
    }
    expect(recorder.dials()).toBe(0)
    expect(recorder.asked().length).toBe(0)
  })

  test('without the rule the same question is on the wire', async () => {
    const recorder = wire(corp.source)
    const peers = [recorder.peer]
    await expect(pull(consumer([]), { reference: NAME, peers })).rejects.toMatchObject({
      code: 'PUBLISHER_UNPINNED',
    })
    expect(recorder.asked().includes(NAME)).toBe(true)
  })

  test('a policy that cannot be read stops the question', async () => {
    const recorder = wire(corp.source)
    const unreadable = async () => {
      throw new RegistryError('POLICY_INVALID', 'broken')
    }
    const workspace = { ...consumer([]), privateNamespaces: unreadable }
    const asked = pull(workspace, { reference: NAME, peers: [recorder.peer] })
    await expect(asked).rejects.toMatchObject({ code: 'POLICY_INVALID' })
    expect(recorder.dials()).toBe(0)
  })

  test('a namespace that only begins alike is no private one', async () => {
    const recorder = wire(open.source)
    const request = { reference: 'com.corp.internally/other', peers: [recorder.peer] }
    const { release } = await pull(consumer([HIDDEN]), { ...request, publisher: open.id })
    expect(release.entry.name).toBe('com.corp.internally/other')
  })
})

describe('answering', () => {
  /** Everything a peer can ask about the publisher, by one who knows its id, its name and its blocks. */
  async function askAll(source: Source & AsyncDisposable, publisher: TestPublisher): Promise<void> {
    const { id, workspace } = publisher
    const { size = 1, index } = (await findHead(workspace.store, id)) ?? {}
    const cids = await Array.fromAsync(workspace.store.listBlocks())
    const questions = [
      () => source.checkpoint(id),
      () => source.entries(id, { start: 0, end: size }),
      () => source.inclusion(id, { index: 0, size }),
      () => source.consistency(id, { from: 1, to: size }),
      () =>
        source.indexPath(id, { root: index ?? cidOf(new Uint8Array()), name: 'com.corp/public' }),
      () => source.blocks(cids),
      () => source.claimants(NAME),
      ...cids.map((cid) => () => source.attestations?.(cid, {}) ?? Promise.resolve()),
    ]
    for (const question of questions) await question().catch(() => undefined)
  }

  const own = (namespaces: readonly string[]): Source => {
    const { store } = corp.workspace
    return withoutPrivate(localSource(store), { store, namespaces })
  }

  test('no answer of a serving node holds a private name or a claim to one', async () => {
    const recorder = wire(own([HIDDEN]))
    await using source = await recorder.dial()
    await askAll(source, corp)
    expect(recorder.told().length).toBeGreaterThan(0)
    expect(recorder.told().includes(HIDDEN)).toBe(false)
    await expect(source.claimants(NAME)).resolves.toEqual([])
    await expect(source.checkpoint(corp.id)).rejects.toMatchObject({ code: 'NOT_FOUND' })
  })

  test('without the rule the same answers hold it', async () => {
    const recorder = wire(own([]))
    await using source = await recorder.dial()
    await askAll(source, corp)
    expect(recorder.told().includes(HIDDEN)).toBe(true)
  })

  test('nor does one of a log that only claims or delegates the namespace', async () => {
    await using claimer = await openPublisher()
    await claimer.publish(toolkit('com.corp/public', '1.0.0'))
    await claim(claimer.workspace, HIDDEN)
    const { store } = claimer.workspace
    const recorder = wire(withoutPrivate(localSource(store), { store, namespaces: [HIDDEN] }))
    await using source = await recorder.dial()
    await askAll(source, claimer)
    expect(recorder.told().includes(HIDDEN)).toBe(false)
    const control = wire(localSource(store))
    await using open = await control.dial()
    await askAll(open, claimer)
    expect(control.told().includes(HIDDEN)).toBe(true)
  })

  test('no folder of files is made of a private log', async () => {
    const workspace = { ...corp.workspace, privateNamespaces: async () => [HIDDEN] }
    await expect(assertTellable(workspace, corp.id)).rejects.toMatchObject({
      code: 'NAMESPACE_PRIVATE',
      message: 'This log has releases of a private namespace.',
      details: {
        expected: `a log without names of ${HIDDEN}`,
        next: 'Publish what others may know of as another publisher, in a home folder of its own.',
      },
    })
    await expect(assertTellable(workspace, open.id)).resolves.toBeUndefined()
    await expect(assertTellable(corp.workspace, corp.id)).resolves.toBeUndefined()
  })

  test('a private log looks like one that is not here', async () => {
    const recorder = wire(own([HIDDEN]))
    await using source = await recorder.dial()
    const refusalOf = (id: TestPublisher) =>
      source.checkpoint(id.id).catch((error: RegistryError) => error.message)
    expect(await refusalOf(corp)).toBe(await refusalOf(open))
  })

  test('other logs are served as before', async () => {
    const { store } = open.workspace
    const source = withoutPrivate(localSource(store), { store, namespaces: [HIDDEN] })
    const { peer } = wire(source)
    const reference = 'com.example/weather'
    const pulled = await pull(consumer([]), { reference, peers: [peer], publisher: open.id })
    expect(pulled.release.entry.name).toBe(reference)
  })
})
