// The blocks that entries name: which are wanted, which have come, which are lacking. In memory, until a commit takes them.

import type { Block, Cid } from '../../cid/index.ts'
import type { StatementOf } from '../../log/index.ts'
import type { RecordKey, Store, StoredRecord } from '../../store/index.ts'
import { offerRecords, useRecord } from '../use.ts'
import { type Lacking, lackKey, lackRecord, newUses, type Place, readAt } from './lack.ts'
import { repeated, unasked } from './refusals.ts'

type IsGone = (cid: Cid) => boolean

interface Wanted extends Place {
  readonly cid: Cid
  /** Of the release. */
  readonly seq: number
}

interface Lack {
  readonly cid: Cid
  readonly place: Place
  readonly fault?: string
}

export interface GatheredChange {
  readonly blocks: readonly Block[]
  readonly put: readonly StoredRecord[]
  readonly remove: readonly RecordKey[]
  /** Blocks that were here already. Until this is committed nobody knows that this log uses them, and they may go with another log. */
  readonly counted: readonly Lacking[]
}

export interface Gathering {
  /** Of blocks that no commit has taken yet. */
  readonly bytes: number
  /** Blocks of these releases, and of releases held here already, that are to be asked for. */
  want(releases: readonly StatementOf<'release'>[], isGone: IsGone): Promise<readonly Cid[]>
  /** Answers what is wanted because of these. Throws HASH_MISMATCH, PEER_MISBEHAVED. */
  give(blocks: readonly Block[], isGone: IsGone): Promise<readonly Cid[]>
  lack(cids: readonly Cid[]): void
  /** All that came since the last time, for a commit; with blocks still on their way as lacking, for there may be a crash before they come. */
  drain(isGone: IsGone): Promise<GatheredChange>
}

export function createGathering(store: Store): Gathering {
  /** Asked for, and where the log names them. */
  const asked = new Map<Cid, readonly Wanted[]>()
  /** Here before anybody asked: peers may send them along. */
  const held = new Set<Cid>()
  let counted: Lacking[] = []
  const staged = new Map<Cid, Block>()
  const lacking = new Map<Cid, Omit<Lack, 'cid'>>()
  /** Written down as lacking by an earlier commit, while they were on their way. */
  let awaited: ReadonlySet<Cid> = new Set()
  let came: Cid[] = []
  let uses: { readonly seq: number; readonly records: readonly StoredRecord[] }[] = []
  let late: Wanted[] = []
  let bytes = 0
  /** The first entry that no commit has taken. */
  let since = 0
  let next = 0

  /** Answers those to be asked for, and reads releases that are here. */
  async function ask(wanted: readonly Wanted[], isGone: IsGone): Promise<readonly Cid[]> {
    const fresh = new Map<Cid, readonly Wanted[]>()
    for (const one of wanted) {
      if (isGone(one.cid) || staged.has(one.cid) || held.has(one.cid)) continue
      const known = asked.get(one.cid)
      if (known === undefined) fresh.set(one.cid, [...(fresh.get(one.cid) ?? []), one])
      else asked.set(one.cid, [...known, one])
    }
    if (fresh.size === 0) return []
    const cids = [...fresh.keys()]
    const here = await store.hasBlocks(cids)
    const missing = cids.filter((_, i) => here[i] !== true)
    for (const cid of missing) asked.set(cid, fresh.get(cid) ?? [])
    const found = cids.filter((_, i) => here[i] === true)
    for (const cid of found) {
      held.add(cid)
      const [first] = fresh.get(cid) ?? []
      if (first !== undefined) counted.push({ ...placeOf(first), cid })
    }
    const releases = found.filter((cid) => fresh.get(cid)?.[0]?.tool === undefined)
    if (releases.length === 0) return missing
    const read = await store.findBlocks(releases)
    const tools = releases.flatMap((cid, i) => {
      const block = read[i]
      return (block && listed(block, fresh.get(cid) ?? [])) ?? []
    })
    return tools.length === 0 ? missing : [...missing, ...(await ask(tools, isGone))]
  }

  /** The tools of a release, with what makes them findable. A block that fits nowhere the log names it is as good as none. */
  function listed(block: Uint8Array, places: readonly Wanted[]): readonly Wanted[] | undefined {
    const read = places.map((place) => readAt(block, place))
    const [first] = read
    const [place] = places
    if (place !== undefined && first !== undefined && read.every((one) => 'fault' in one)) {
      lacking.set(place.cid, { place, ...first })
      return undefined
    }
    return places.flatMap((at, i) => toolsAt(at, read[i] ?? { tools: [] }))
  }

  function toolsAt(place: Wanted, read: ReturnType<typeof readAt>): readonly Wanted[] {
    if ('fault' in read || read.tools.length === 0) return []
    const tools = read.tools.map(([tool, cid]) => ({ ...place, tool, cid }))
    if (place.seq < since) late.push(...tools)
    else uses.push({ seq: place.seq, records: tools.map(({ cid }) => useRecord(cid, place)) })
    return tools
  }

  function take(block: Block): readonly Wanted[] {
    const { cid, bytes: its } = block
    const places = asked.get(cid)
    if (places === undefined) {
      if (held.delete(cid)) return []
      throw staged.has(cid) ? repeated(cid) : unasked(cid)
    }
    asked.delete(cid)
    came.push(cid)
    const tools = listed(its, places)
    if (tools === undefined) return []
    staged.set(cid, block)
    bytes += its.length
    return tools
  }

  return {
    get bytes() {
      return bytes
    },
    want(releases, isGone) {
      const wanted = releases.map(({ publisher, name, version, subject: cid, seq }) => {
        uses.push({ seq, records: offerRecords([cid], { publisher, name, version }) })
        next = seq + 1
        return { publisher, name, version, cid, seq }
      })
      return ask(wanted, isGone)
    },
    give: (blocks, isGone) => ask(blocks.flatMap(take), isGone),
    lack(cids) {
      for (const cid of cids) {
        const [place] = asked.get(cid) ?? []
        if (place !== undefined) lacking.set(cid, { place })
        asked.delete(cid)
      }
    },
    async drain(isGone) {
      const waiting = [...asked].flatMap(([cid, [place]]): Lack[] =>
        place ? [{ cid, place }] : [],
      )
      const missing = [...lacking].map(([cid, at]): Lack => ({ cid, ...at }))
      const lacks = [...missing, ...waiting].filter(({ cid }) => !isGone(cid))
      const inOrder = uses.toSorted((a, b) => a.seq - b.seq)
      const change = {
        blocks: [...staged.values()].filter(({ cid }) => !isGone(cid)),
        put: [
          ...(await newUses(store, late)),
          ...inOrder.flatMap(({ records }) => records),
          ...lacks.map(({ cid, place, fault }) => lackRecord(cid, place, fault)),
        ],
        remove: came.filter((cid) => awaited.has(cid) && !lacking.has(cid)).map(lackKey),
        counted: counted.filter(({ cid }) => !isGone(cid)),
      }
      awaited = new Set([...awaited, ...waiting.map(({ cid }) => cid)])
      staged.clear()
      lacking.clear()
      ;[came, uses, late, counted, bytes, since] = [[], [], [], [], 0, next]
      return change
    },
  }
}

function placeOf({ publisher, name, version, tool }: Wanted): Place {
  return { publisher, name, version, tool }
}
