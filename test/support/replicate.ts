// A peer's whole log, brought into a store by its port alone: what a session does, without a network.

import { blockOf, type Cid } from '../../src/cid/index.ts'
import { parseCheckpointUnverified } from '../../src/log/index.ts'
import {
  heldEntries,
  type Opened,
  openReplication,
  type Replication,
} from '../../src/registry/index.ts'
import type { Source } from '../../src/resolve/index.ts'
import type { PublisherId } from '../../src/spec/index.ts'
import type { Store } from '../../src/store/index.ts'

export interface Plan {
  /** Entries in one `take`, and in one step. */
  readonly take?: number
  readonly step?: number
  /** Stops after so many steps, as a cut does. */
  readonly steps?: number
}

export async function openFrom(
  store: Store,
  source: Source,
  publisher: PublisherId,
): Promise<Opened> {
  const note = await source.checkpoint(publisher)
  const { size } = parseCheckpointUnverified(note, publisher)
  const from = await heldEntries(store, publisher)
  const consistency =
    from > 0 && from < size ? await source.consistency(publisher, { from, to: size }) : []
  const firstPath = () => source.inclusion(publisher, { index: 0, size })
  return await openReplication(store, {
    publisher,
    note,
    consistency,
    label: source.label,
    firstPath,
  })
}

export async function replicate(
  store: Store,
  source: Source,
  publisher: PublisherId,
  { take = 64, step = 4_096, steps = Number.POSITIVE_INFINITY }: Plan = {},
): Promise<'done' | 'cut' | Exclude<Opened['kind'], 'open'>> {
  const opened = await openFrom(store, source, publisher)
  if (opened.kind !== 'open') return opened.kind
  const { replication } = opened
  const { to } = replication
  for (let done = 0; replication.from < to; done++) {
    if (done === steps) return 'cut'
    const end = Math.min(to, replication.from + step)
    while (replication.from < end) await takeSome(replication, source, end, take)
    const from = replication.from
    const proof = from < to ? await source.consistency(publisher, { from, to }) : undefined
    if ((await replication.commit(proof)) === 'done') return 'done'
  }
  return (await replication.commit()) === 'done' ? 'done' : 'cut'
}

export async function takeSome(
  replication: Replication,
  source: Source,
  most: number,
  take: number,
): Promise<void> {
  const { publisher, from } = replication
  const end = Math.min(most, from + take)
  let wanted = await replication.take(await source.entries(publisher, { start: from, end }))
  while (wanted.length > 0) wanted = await giveSome(replication, source, wanted)
}

async function giveSome(
  replication: Replication,
  source: Source,
  wanted: readonly Cid[],
): Promise<readonly Cid[]> {
  const blocks = await source.blocks(wanted)
  replication.lack(wanted.filter((_, i) => blocks[i] === undefined))
  return await replication.give(
    blocks.flatMap((block) => (block === undefined ? [] : blockOf(block))),
  )
}
