// The names of a log while it is being written: the index map and the histories it points at, and what both gain and lose.

import type { Cid } from '../../cid/index.ts'
import type { Block } from '../../store/index.ts'
import { type History, historyBlock, parseHistory } from '../history.ts'
import type { ReadNodes } from '../map/index-map.ts'
import { openIndex } from '../map/index-tree.ts'
import { corrupt } from './stored-head.ts'

/** One writer at a time: calls must not overlap, and a name is looked up before it is set. */
export interface Names {
  find(name: string): Promise<History | undefined>
  /** Answers the root of the map in which the name has this history. Throws LIMIT_EXCEEDED for one that nobody could read. */
  set(history: History): Promise<Cid>
  /** Nodes and histories to store, and those that nothing points at any more. */
  changes(): { readonly added: readonly Block[]; readonly removed: readonly Cid[] }
}

export function openNames(root: Cid, read: ReadNodes): Names {
  const index = openIndex(root, read)
  const written = new Map<string, { readonly history: History; readonly block: Block }>()
  /** As they were stored. */
  const found = new Map<string, Cid>()
  return {
    async find(name) {
      const known = written.get(name)
      if (known !== undefined) return known.history
      const cid = await index.find(name)
      if (cid === undefined) return undefined
      found.set(name, cid)
      const [bytes] = await read([cid])
      if (bytes === undefined) throw corrupt(`The history of ${name} is missing.`, cid, 'nothing')
      return parseHistory(bytes)
    },
    async set(history) {
      const { name } = history
      const block = historyBlock(history)
      written.set(name, { history, block })
      return index.set([{ name, history: block.cid }])
    },
    changes() {
      const { added, removed } = index.changes()
      const histories = [...written.values()].map(({ block }) => block)
      const replaced = [...written.keys()].flatMap((name) => found.get(name) ?? [])
      return { added: [...added, ...histories], removed: [...removed, ...replaced] }
    },
  }
}
