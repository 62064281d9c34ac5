// The session over the network: a channel of its own, closed when it is over. A peer whose list is followed is asked for it first.

import { isRegistryError } from '../../lib/index.ts'
import {
  createGatherWords,
  type KeptInterest,
  keepList,
  listFollowed,
} from '../../registry/index.ts'
import type { Store } from '../../store/index.ts'
import {
  connectSource,
  type HeadSet,
  type Network,
  type PeerSource,
  runSession,
  type Timers,
} from '../../sync/index.ts'
import type { Speak } from './meeting.ts'
import { findPeerId } from './peer-id.ts'

export interface SpeakParts {
  readonly network: Network
  readonly store: Store
  readonly heads: HeadSet
  readonly interest: KeptInterest
  readonly timers: Timers
  readonly now: () => Date
}

export function speakOver(parts: SpeakParts): Speak {
  const { network, store, heads, interest, timers, now } = parts
  const words = createGatherWords(store, { wants: (publisher) => interest.wants(publisher), now })
  return async ({ peerId, address, about, signal }, wanting) => {
    await using source = connectSource(await network.dial(address, { signal }), { timers })
    if (about === undefined) await readList(parts, peerId, source, signal)
    const only = about === undefined ? {} : { publishers: about }
    const options = { store, heads, interest: wanting(), signal, timers, ...only }
    const { sent, received, ...result } = await runSession(source.link, options)
    if (about === undefined && result.failure === undefined && result.unable === undefined) {
      await words.from(source, { signal })
    }
    return { ...result, bytesSent: sent, bytesReceived: received }
  }
}

async function readList(
  { store, interest }: SpeakParts,
  peerId: string,
  { link }: PeerSource,
  signal: AbortSignal,
): Promise<void> {
  const { rules } = await listFollowed(store)
  const rule = rules.find(({ kind, how, name }) => {
    return kind === 'list' && how === 'follow' && findPeerId(name) === peerId
  })
  if (rule === undefined) return
  try {
    const told = await link.ask('follows', {}, { signal })
    // The same again is no change, and costs no write.
    if (JSON.stringify(told) === JSON.stringify(rule.told)) return
    await keepList(store, rule.name, told)
    await interest.settled()
  } catch (error) {
    // An older peer, or one that tells nobody.
    const isNoList =
      isRegistryError(error, 'MESSAGE_INVALID') || isRegistryError(error, 'NOT_FOUND')
    if (!isNoList) throw error
  }
}
