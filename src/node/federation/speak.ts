// The session over the network: a channel of its own, closed when it is over. A peer whose list is followed is asked for it first.

import { createGatherWords, findOwnPublisher, type KeptInterest } from '../../registry/index.ts'
import type { PublisherId } from '../../spec/index.ts'
import type { Store } from '../../store/index.ts'
import {
  connectSource,
  type HeadSet,
  type Network,
  runSession,
  type Timers,
} from '../../sync/index.ts'
import { readList } from '../read-list.ts'
import type { Speak } from './meeting.ts'

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
  let own: PublisherId | undefined
  // Nobody follows one’s own log, and nobody needs the words about it more.
  const wants = (publisher: PublisherId): boolean => publisher === own || interest.wants(publisher)
  const words = createGatherWords(store, { wants, now })
  return async ({ peerId, address, about, signal }, wanting) => {
    await using source = connectSource(await network.dial(address, { signal }), { timers })
    if (about === undefined) {
      const ask = () => source.link.ask('follows', {}, { signal })
      if (await readList(store, peerId, ask)) await interest.settled()
    }
    const only = about === undefined ? {} : { publishers: about }
    const options = { store, heads, interest: wanting(), signal, timers, ...only }
    const { sent, received, ...result } = await runSession(source.link, options)
    if (about === undefined && result.failure === undefined && result.unable === undefined) {
      own = await findOwnPublisher(store)
      await words.from(source, { signal })
    }
    return { ...result, bytesSent: sent, bytesReceived: received }
  }
}
