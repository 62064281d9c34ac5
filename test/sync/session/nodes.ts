// Nodes that synchronize: one that serves what publishers have, and one that brings it, over either network.

import { localSource, type Source } from '../../../src/resolve/index.ts'
import type { PublisherId } from '../../../src/spec/index.ts'
import { openMemoryStore, type Store } from '../../../src/store/index.ts'
import {
  createMemoryHub,
  type HeadSet,
  type Link,
  type Network,
  openHeadSet,
  openLibp2pNetwork,
  openLink,
  runSession,
  type SessionOptions,
  type Sharing,
  type SyncResult,
  serveSource,
  shareLogs,
  watchHeads,
} from '../../../src/sync/index.ts'

export interface TestNode {
  readonly store: Store
  readonly heads: HeadSet
}

export async function openNode(raw: Store = openMemoryStore()): Promise<TestNode> {
  const heads = await openHeadSet(raw)
  return { store: watchHeads(raw, heads), heads }
}

export type Open = () => Promise<readonly [Network, Network]>

export const NETWORKS: readonly [string, Open][] = [
  [
    'memory',
    async () => {
      const hub = createMemoryHub({ seed: 5 })
      return [hub.open('server'), hub.open('client')]
    },
  ],
  [
    'TCP',
    async () => [
      await openLibp2pNetwork({ listen: ['/ip4/127.0.0.1/tcp/0'] }),
      await openLibp2pNetwork({ listen: [] }),
    ],
  ],
]

export interface Served {
  readonly source?: Source
  readonly sharing?: Sharing | undefined
}

export interface Connected extends AsyncDisposable {
  readonly link: Link
  dial(): Promise<Link>
}

/** What `changed` gives is served instead. */
export async function connect(
  open: Open,
  server: TestNode,
  changed: Served = {},
): Promise<Connected> {
  const [network, other] = await open()
  const { source = localSource(server.store) } = changed
  const sharing = 'sharing' in changed ? changed.sharing : shareLogs(server.store, server.heads)
  network.handle((channel) => serveSource(channel, source, { sharing }))
  const dial = async (): Promise<Link> => openLink(await other.dial(network.addresses[0] as string))
  const link = await dial()
  return {
    link,
    dial,
    [Symbol.asyncDispose]: async () => {
      await link[Symbol.asyncDispose]()
      await other[Symbol.asyncDispose]()
      await network[Symbol.asyncDispose]()
    },
  }
}

const EVERYONE: SessionOptions['interest'] = { wants: () => true }

export function only(...publishers: readonly PublisherId[]): SessionOptions['interest'] {
  return {
    wants: (publisher) => publishers.includes(publisher),
    scope: { publishers, namespaces: [] },
  }
}

export async function sync(
  link: Link,
  node: TestNode,
  options: Partial<SessionOptions> = {},
): Promise<SyncResult> {
  return runSession(link, { ...node, interest: EVERYONE, ...options })
}

/** Everything but what only this node says: heads, entries and blocks, to be compared. */
export async function contentsOf({ store }: TestNode): Promise<readonly string[]> {
  const found: string[] = []
  for (const table of ['head', 'entry', 'bundle', 'hash', 'index', 'claim', 'use'] as const) {
    for await (const { key, value } of store.listRecords(table)) {
      found.push(`${table} ${key} ${Buffer.from(value).toString('base64')}`)
    }
  }
  for await (const cid of store.listBlocks()) found.push(cid)
  return found
}
