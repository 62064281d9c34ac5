// What a log's index map points at while the log is being written: histories of names, and the state beside them; and what both gain
// and lose.

import type { Cid } from '../../cid/index.ts'
import type { Block } from '../../store/index.ts'
import type { ReadNodes } from '../map/index-node.ts'
import { RESERVED } from '../map/index-node.ts'
import { openIndex } from '../map/index-tree.ts'
import { authorityBlock } from '../replay/authority-block.ts'
import { type History, historyBlock, parseHistory } from '../replay/history.ts'
import type { LogState } from '../replay/state.ts'
import { corrupt } from './stored-head.ts'

/** One writer at a time: calls must not overlap, and what is set was looked up before. */
export interface Names {
  find(name: string): Promise<History | undefined>
  /** The bytes of the state beside the names, if there is any. */
  findState(): Promise<Uint8Array | undefined>
  /** Answers the root of the map with this history and this state in it. Throws LIMIT_EXCEEDED for what nobody could read. */
  set(changes: NamesChange): Promise<Cid>
  /** Nodes, histories and states to store, and those that nothing points at any more. */
  changes(): { readonly added: readonly Block[]; readonly removed: readonly Cid[] }
}

export interface NamesChange {
  readonly history?: History | undefined
  readonly state?: Pick<LogState, 'authority' | 'notices'> | undefined
}

export function openNames(root: Cid, read: ReadNodes): Names {
  const index = openIndex(root, read)
  const histories = new Map<string, History>()
  /** By key of the map: as it was stored, and as it is now. */
  const found = new Map<string, Cid>()
  const written = new Map<string, Block>()

  async function readValue(key: string): Promise<Uint8Array | undefined> {
    const cid = await index.find(key)
    if (cid === undefined) return undefined
    found.set(key, cid)
    const [bytes] = await read([cid])
    if (bytes === undefined) throw corrupt(`The index value of ${key} is missing.`, cid, 'nothing')
    return bytes
  }

  return {
    async find(name) {
      const known = histories.get(name)
      if (known !== undefined) return known
      const bytes = await readValue(name)
      return bytes === undefined ? undefined : parseHistory(bytes)
    },
    findState: () => readValue(RESERVED),
    async set({ history, state }) {
      const changed: [string, Block][] = []
      if (history !== undefined) {
        changed.push([history.name, historyBlock(history)])
        histories.set(history.name, history)
      }
      const block = state === undefined ? undefined : authorityBlock(state.authority, state.notices)
      if (block !== undefined) changed.push([RESERVED, block])
      for (const [key, value] of changed) written.set(key, value)
      return index.set(changed.map(([name, { cid }]) => ({ name, history: cid })))
    },
    changes() {
      const { added, removed } = index.changes()
      const replaced = [...written.keys()].flatMap((key) => found.get(key) ?? [])
      return { added: [...added, ...written.values()], removed: [...removed, ...replaced] }
    },
  }
}
