// T13 between nodes that synchronize: a private name, and the id of a publisher who has one, is in no byte either way, whoever asks and
// whoever serves. The same with the rule lifted is the control.

import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { findHead } from '../../src/log/index.ts'
import { openSyncing } from '../../src/node/sync-peers.ts'
import { follow, setMirror } from '../../src/registry/index.ts'
import type { Store } from '../../src/store/index.ts'
import { digestOf } from '../../src/sync/heads/item.ts'
import { type Channel, createMemoryHub, type Network } from '../../src/sync/index.ts'
import { followerOf } from '../support/follower.ts'
import { openPublisher, type TestPublisher, toolkit } from '../support/publisher.ts'
import { shareStoreOn } from '../support/sharing-node.ts'

const HIDDEN = 'com.corp.internal'

let corp: TestPublisher
let open: TestPublisher
beforeAll(async () => {
  corp = await openPublisher()
  open = await openPublisher()
  await corp.publish(toolkit(`${HIDDEN}/billing`, '1.0.0'), toolkit('com.corp/public', '1.0.0'))
  await open.publish(toolkit('com.example/weather', '1.0.0'))
})
afterAll(async () => {
  await corp[Symbol.asyncDispose]()
  await open[Symbol.asyncDispose]()
})

/** What would give it away: the name, the id as text, and what stands for the id in the set of heads. */
function traces(bytes: Buffer): readonly boolean[] {
  const item = Buffer.from(digestOf(corp.id).subarray(0, 12))
  return [bytes.includes(HIDDEN), bytes.includes(corp.id), bytes.includes(item)]
}

/** One round of a consumer with `mine`, who mirrors and follows, at a peer with `theirs`; every byte between them is kept. */
async function synchronize(
  mine: Store,
  theirs: Store,
  privates: { readonly consumer: readonly string[]; readonly peer: readonly string[] },
) {
  const hub = createMemoryHub()
  await shareStoreOn(hub.open('peer'), theirs, { privates: privates.peer })
  const [asked, told]: [Uint8Array[], Uint8Array[]] = [[], []]
  const workspace = {
    store: mine,
    keys: '',
    passphrase: async () => undefined,
    now: () => new Date(0),
    privateNamespaces: async () => privates.consumer,
  }
  await using syncing = await openSyncing(workspace, recorded(hub.open('consumer'), asked, told))
  await syncing.round(['memory:peer'], { signal: new AbortController().signal })
  return { asked: Buffer.concat(asked), told: Buffer.concat(told) }
}

function recorded(network: Network, asked: Uint8Array[], told: Uint8Array[]): Network {
  const dial = async (...args: Parameters<Network['dial']>): Promise<Channel> => {
    const channel = await network.dial(...args)
    return {
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
    }
  }
  return { ...network, dial } as Network
}

async function mirroring(...publishers: readonly TestPublisher[]): Promise<Store> {
  const store = await followerOf(...publishers)
  await setMirror({ store, now: () => new Date(0) }, 1e9)
  return store
}

const NONE = { consumer: [], peer: [] }

describe('asking', () => {
  test('a consumer who holds a private log says nothing of it', async () => {
    const [mine, theirs] = [await mirroring(corp), await followerOf(open)]
    const { asked } = await synchronize(mine, theirs, { ...NONE, consumer: [HIDDEN] })
    expect(traces(asked)).toEqual([false, false, false])
    expect((await findHead(mine, open.id))?.size).toBe(2)
    const control = await synchronize(await mirroring(corp), theirs, NONE)
    expect(traces(control.asked)).toEqual([false, false, true])
  })

  test('what was followed before it became private is not asked for', async () => {
    const asks = async (privates: readonly string[]) => {
      const mine = await followerOf(corp)
      const workspace = { store: mine, keys: '', passphrase: async () => undefined }
      const targets = [corp.id, open.id, `${HIDDEN}.team`]
      await follow({ ...workspace, now: () => new Date(0) }, targets)
      const theirs = await followerOf(open)
      return (await synchronize(mine, theirs, { ...NONE, consumer: privates })).asked
    }
    expect(traces(await asks([HIDDEN]))).toEqual([false, false, false])
    expect(traces(await asks([]))).toEqual([true, true, true])
  })
})

describe('answering', () => {
  test('a peer who holds a private log says nothing of it, to one who mirrors or asks for it', async () => {
    const [mine, theirs] = [await mirroring(), await followerOf(corp, open)]
    const hidden = { ...NONE, peer: [HIDDEN] }
    const { told } = await synchronize(mine, theirs, hidden)
    expect(traces(told)).toEqual([false, false, false])
    expect((await findHead(mine, open.id))?.size).toBe(2)
    expect(await findHead(mine, corp.id)).toBeUndefined()
    const named = await followerOf()
    const workspace = { store: named, keys: '', passphrase: async () => undefined }
    await follow({ ...workspace, now: () => new Date(0) }, [corp.id, 'com.corp'])
    expect(traces((await synchronize(named, theirs, hidden)).told)).toEqual([false, false, false])
    const control = await synchronize(await mirroring(), theirs, NONE)
    expect(traces(control.told)).toEqual([true, true, true])
  })
})
