// What logs weigh: on disk, on the way into an empty node, and on the way to somebody who pulls one release. The stores are those of
// `npm run bench sync`: a hundred publishers, one tool of 5 KB a release; made once and kept in the temporary folder.

import { readdir, stat } from 'node:fs/promises'
import { join } from 'node:path'
import { withFolder } from '../../../bench/folders.ts'
import { type Corpus, copyHome, openCorpus } from '../../../bench/sync/corpus.ts'
import { pull } from '../../../src/registry/index.ts'
import { localSource } from '../../../src/resolve/index.ts'
import { openLevelStore, openMemoryStore, type Store } from '../../../src/store/index.ts'
import { encodeAnnouncement } from '../../../src/sync/announce/announcement.ts'
import {
  connectSource,
  createMemoryHub,
  openHeadSet,
  openLink,
  runSession,
  serveSource,
  shareLogs,
  watchHeads,
} from '../../../src/sync/index.ts'
import { peerOf } from '../../support/publisher.ts'

export interface StoreFigures {
  readonly releases: number
  readonly publishers: number
  /** Of LevelDB, compressed. */
  readonly diskBytes: number
  /** Blocks and bundles as they are. */
  readonly blockBytes: number
  /** Of messages, both ways, until an empty node has it all. */
  readonly fullBytes: number
  /** Of messages, for one release of one publisher into an empty store, and the round trips that took. */
  readonly pullBytes: number
  readonly pullQuestions: number
  readonly announcementBytes: number
}

export async function measureStore(releases: number): Promise<StoreFigures> {
  const corpus = await openCorpus(releases)
  return await withFolder(async (folder) => {
    await copyHome(corpus, folder)
    await using store = await openLevelStore(folder)
    return {
      releases,
      publishers: corpus.publishers.length,
      diskBytes: await bytesIn(join(corpus.folder, 'store')),
      blockBytes: corpus.bytes,
      ...(await measureWays(corpus, store)),
    }
  })
}

async function measureWays(
  { publishers }: Corpus,
  served: Store,
): Promise<Pick<StoreFigures, 'fullBytes' | 'pullBytes' | 'pullQuestions' | 'announcementBytes'>> {
  const [publisher] = publishers
  if (publisher === undefined) throw new Error('nobody is there')
  const source = localSource(served)
  const hub = createMemoryHub({ seed: 1 })
  const [server, client] = [hub.open('server'), hub.open('client')]
  const sharing = shareLogs(served, await openHeadSet(served))
  server.handle((channel) => serveSource(channel, source, { sharing }))

  await using peer = connectSource(await client.dial('memory:server'))
  const empty = { store: openMemoryStore(), keys: '', passphrase: async () => undefined }
  const request = { reference: `${publisher}/bench-0`, publisher, peers: [peerOf(peer)] }
  await pull({ ...empty, now: () => new Date() }, request)
  const { sent, received, requests } = peer.link.traffic

  const store = openMemoryStore()
  const heads = await openHeadSet(store)
  const link = openLink(await client.dial('memory:server'))
  const interest = { wants: () => true }
  const { bytes } = await runSession(link, { store: watchHeads(store, heads), heads, interest })
  await link[Symbol.asyncDispose]()
  const note = await source.checkpoint(publisher)
  return {
    fullBytes: bytes,
    pullBytes: sent + received,
    pullQuestions: requests,
    announcementBytes: encodeAnnouncement({ kind: 'head', publisher, note }).length,
  }
}

async function bytesIn(folder: string): Promise<number> {
  const names = await readdir(folder, { recursive: true })
  const found = await Promise.all(names.map((name) => stat(join(folder, name))))
  return found.reduce((sum, file) => sum + (file.isFile() ? file.size : 0), 0)
}
