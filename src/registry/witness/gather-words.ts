// The words of witnesses, asked for: announcements bring them at once, and may be lost. What is missing or getting old is asked of each
// peer in turn, a few logs at a time, so that a loss only delays.

import { isRegistryError } from '../../lib/index.ts'
import { type LogHead, listHeads, type Witness } from '../../log/index.ts'
import { cosignatureKey, parseCosignature, type Source } from '../../resolve/index.ts'
import type { PublisherId } from '../../spec/index.ts'
import type { Store } from '../../store/index.ts'
import { listWitnesses } from './known.ts'
import { assertWords, keepCosignatures } from './words.ts'

export interface GatherWords {
  /** Answers how many words were news. Throws what the source throws, except that it lacks a log; SIGNATURE_INVALID for words that are made up. */
  from(
    source: Pick<Source, 'checkpoint'> & Partial<Pick<Source, 'label'>>,
    options?: { readonly signal?: AbortSignal },
  ): Promise<number>
}

/** Logs that one peer is asked about at a time, and heads that are looked at to find them. */
const ASKED = 64
const LOOKED_AT = 1_024
/** Twice the interval at which witnesses repeat themselves unless told otherwise. */
const OLD_MS = 2 * 60 * 60 * 1_000

export function createGatherWords(
  store: Store,
  { wants, now }: { readonly wants: (publisher: PublisherId) => boolean; readonly now: () => Date },
): GatherWords {
  let after: PublisherId | undefined

  /** From where the last peer was left: with many logs, each has its turn. */
  async function takeQuiet(witnesses: readonly Witness[]): Promise<readonly PublisherId[]> {
    const quiet: PublisherId[] = []
    let looked = 0
    for await (const head of listHeads(store, after)) {
      after = head.publisher
      if (wants(head.publisher) && (await isQuiet(head, witnesses))) quiet.push(head.publisher)
      if (++looked >= LOOKED_AT || quiet.length >= ASKED) return quiet
    }
    after = undefined
    return quiet
  }

  async function isQuiet({ publisher, size, root }: LogHead, witnesses: readonly Witness[]) {
    const keys = witnesses.map(({ key }) => cosignatureKey(publisher, key))
    const words = await store.findRecords(keys)
    return words.map(parseCosignature).some((word) => {
      if (word?.size !== size || word.root !== root) return true
      return Number(now()) - Number(word.time) > OLD_MS
    })
  }

  return {
    async from(source, options) {
      const witnesses = (await listWitnesses(store)).map(({ witness }) => witness)
      if (witnesses.length === 0) return 0
      let news = 0
      for (const publisher of await takeQuiet(witnesses)) {
        try {
          const note = await source.checkpoint(publisher, options)
          await assertWords(store, note, source.label ?? 'A peer')
          news += await keepCosignatures(store, publisher, note, witnesses)
        } catch (error) {
          const isNothing =
            isRegistryError(error, 'NOT_FOUND') || isRegistryError(error, 'CHECKPOINT_INVALID')
          if (!isNothing) throw error
        }
      }
      return news
    },
  }
}
