// A peer as a Source, over a link. What its answers say is for `verifyRelease` to judge.

import type { HomeNode } from '../../registry/index.ts'
import type { Channel } from '../network.ts'
import { misbehaved } from '../peer-errors.ts'
import { MAX_ENTRIES } from '../wire/decoders.ts'
import { createAttestationAsker } from './ask-attestations.ts'
import { type ConnectOptions, type Link, openLink } from './link.ts'

export interface PeerSource extends HomeNode, AsyncDisposable {
  /** What is asked beside a Source's questions, over the same channel. */
  readonly link: Link
}

/** A CID is 60 bytes and an answer holds some forty usual blocks: naming 1,024 for each would cost as much as the blocks. */
const MAX_WANTED = 64

export function connectSource(channel: Channel, options: ConnectOptions = {}): PeerSource {
  const link = openLink(channel, options)
  return {
    link,
    label: channel.remote,
    checkpoint: async (publisher, o) => (await link.ask('checkpoint', { publisher }, o)).note,
    entries: async (publisher, { start, end }, o) => {
      const { entries } = await link.ask('entries', { publisher, start, end }, o)
      return assertAtMost(link, entries, Math.min(end - start, MAX_ENTRIES))
    },
    inclusion: async (publisher, { index, size }, o) =>
      (await link.ask('inclusion', { publisher, index, size }, o)).hashes,
    consistency: async (publisher, { from, to }, o) =>
      (await link.ask('consistency', { publisher, from, to }, o)).hashes,
    indexPath: async (publisher, { root, name }, o) =>
      (await link.ask('indexPath', { publisher, root, name }, o)).nodes,
    blocks: async (cids, o) => {
      if (cids.length === 0) return []
      const wanted = cids.slice(0, MAX_WANTED)
      const { blocks } = await link.ask('blocks', { cids: wanted }, o)
      return assertAtMost(link, blocks, wanted.length).map((block) => block ?? undefined)
    },
    claimants: async (name, o) => (await link.ask('claimants', { name }, o)).publishers,
    attestations: createAttestationAsker((ask, o) => link.ask('attestations', ask, o)),
    submit: (submission, o) => link.ask('submit', submission, o),
    stage: async (blocks, o) => {
      await link.ask('stage', { blocks }, o)
    },
    [Symbol.asyncDispose]: () => link[Symbol.asyncDispose](),
  }
}

function assertAtMost<T>(link: Link, items: readonly T[], most: number): readonly T[] {
  if (items.length <= most) return items
  throw link.refuse(misbehaved(link.remote, 'it sent more than was asked for'))
}
