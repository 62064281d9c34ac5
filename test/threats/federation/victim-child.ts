// A whole node in a process of its own, so that its memory and handles are nobody else's: a log of its own, a log that it follows, the real
// federation over TCP with gossip. It tells its parent where it is, and how it is when asked; every error that ended a channel is counted by code.

import { readdirSync } from 'node:fs'
import { createFederation } from '../../../src/node/federation/index.ts'
import { createLogger } from '../../../src/node/logger.ts'
import { addWitness, follow } from '../../../src/registry/index.ts'
import type { OnAnnouncement } from '../../../src/sync/announce/announcer.ts'
import { type Channel, openLibp2pNetwork, type Timers } from '../../../src/sync/index.ts'
import { openPublisher, toolkit } from '../../support/publisher.ts'
import type { Health, ToVictim, VictimOptions } from './siege.ts'

const options = JSON.parse(process.argv[2] ?? '{}') as VictimOptions
const { speed = 1, follows = [], witnesses = [] } = options
const verdicts = new Map<string, number>()

const count = (error: unknown): void => {
  const code = (error as { readonly code?: string }).code ?? 'NONE'
  verdicts.set(code, (verdicts.get(code) ?? 0) + 1)
}

const open = new Map<string, number>()
let channels = 0
let connections = 0

function opened({ remote }: Channel, by: number): void {
  const now = (open.get(remote) ?? 0) + by
  open.set(remote, now)
  channels = Math.max(channels, now)
}

/** Nothing is changed; what breaks a channel is seen. */
function watched(channel: Channel): Channel {
  let isOver = false
  const note = (error: unknown): void => {
    if (!isOver) count(error)
    isOver = true
  }
  return {
    remote: channel.remote,
    send: (frame, o) => channel.send(frame, o),
    receive: async (o) => {
      try {
        return await channel.receive(o)
      } catch (error) {
        note(error)
        throw error
      }
    },
    close: () => channel.close(),
    abort: (reason) => {
      note(reason)
      channel.abort(reason)
    },
  }
}

const timers: Timers = {
  now: () => performance.now() * speed,
  after: (milliseconds, call) => {
    const timer = setTimeout(call, milliseconds / speed)
    return () => clearTimeout(timer)
  },
}

await using publisher = await openPublisher('level')
const { store } = publisher.workspace
await publisher.publish(toolkit('kit', '1.0.0', 20), toolkit('kit', '2.0.0', 20, 'Says bye.'))
const large = { ...toolkit('large', '1.0.0', 1), 'x-notes': 'n'.repeat(900_000) }
await publisher.publish(large as ReturnType<typeof toolkit>)
const note = await publisher.source.checkpoint(publisher.id)
await publisher.publish(toolkit('kit', '3.0.0', 20, 'Says more.'))
if (follows.length > 0) await follow(publisher.workspace, follows)
for (const vkey of witnesses) await addWitness(store, vkey, undefined)

await using inner = await openLibp2pNetwork({
  listen: ['/ip4/127.0.0.1/tcp/0'],
  gossip: true,
  limits: { always: new Set(options.always) },
})
const network = Object.assign(Object.create(inner), {
  handle: (onChannel: (channel: Channel) => Promise<void>) =>
    inner.handle(async (channel) => {
      opened(channel, 1)
      await onChannel(watched(channel)).finally(() => opened(channel, -1))
    }),
}) as typeof inner
// Getters of a class with private fields have to be asked on the object itself.
for (const key of ['addresses', 'peerId'] as const) {
  Object.defineProperty(network, key, { get: () => inner[key] })
}
const { announcer } = inner
Object.defineProperty(network, 'announcer', {
  value: announcer && {
    publish: (message: Uint8Array) => announcer.publish(message),
    subscribe: (onMessage: OnAnnouncement) =>
      announcer.subscribe(async (message, from) => {
        const verdict = await onMessage(message, from)
        verdicts.set(verdict, (verdicts.get(verdict) ?? 0) + 1)
        return verdict
      }),
  },
})
for (const key of ['dial', 'connect', 'disconnect', 'peers', 'onPeer'] as const) {
  Object.defineProperty(network, key, { value: inner[key].bind(inner) })
}
inner.onPeer(() => {
  connections = Math.max(connections, inner.peers().length)
})
const log = createLogger({ level: 'error', format: 'json', now: () => new Date(), write: () => {} })
await using federation = await createFederation({
  ...{ store, network, timers, log, now: () => new Date() },
  ...{ peers: options.peers ?? [], period: 2_000 },
})

const held = await Array.fromAsync(store.listBlocks())
const sizes = new Map(
  (await store.findBlocks(held)).map((block, i) => [held[i], block?.length ?? 0]),
)
/** The largest first: that is what a liar asks for. */
const cids = held.toSorted((a, b) => (sizes.get(b) ?? 0) - (sizes.get(a) ?? 0))

async function health(): Promise<Health> {
  // Twice: what was freed by the first is only then given back.
  for (let i = 0; i < 2; i++) {
    globalThis.gc?.()
    await new Promise((resolve) => setTimeout(resolve, 50))
  }
  const most = { channels, connections }
  channels = 0
  connections = 0
  const { heapUsed, arrayBuffers, external } = process.memoryUsage()
  return {
    memory: heapUsed + Math.max(arrayBuffers, external),
    files: readdirSync('/proc/self/fd').length,
    handles: process.getActiveResourcesInfo().length,
    ...most,
    verdicts: Object.fromEntries(verdicts),
    status: await federation.status(),
  }
}

process.on('message', (message: ToVictim) => {
  if (message === 'health') {
    void health().then((said) => process.send?.({ health: said }))
  } else if (message === 'stop') process.disconnect()
})
process.send?.({
  ready: {
    address: inner.addresses[0] ?? '',
    publisher: publisher.id,
    cids,
    oldNote: Buffer.from(note).toString('base64'),
  },
})
await new Promise((resolve) => process.once('disconnect', resolve))
