// How many attestations about one block are kept. Anybody can make as many as they like, and sign them well: what nobody here has asked for gives
// way first, so that a flood costs a little disk and no evidence.

import type { KeptAttestation } from '../../resolve/index.ts'

interface Budget {
  readonly items: number
  readonly bytes: number
}

const MIB = 1024 * 1024

/** Of one block: more signers than any policy names, or some SBOMs. */
export const PER_SUBJECT: Budget = { items: 64, bytes: 8 * MIB }
/** Of these, what one peer may have brought that no policy asked for. */
const PER_PEER: Budget = { items: 16, bytes: 2 * MIB }

export interface Room {
  readonly keep: readonly KeptAttestation[]
  readonly drop: readonly KeptAttestation[]
  /** Whether those that are never dropped are too many by themselves. */
  readonly isOver: boolean
}

/**
 * `held` before, `incoming` now. What is held stays as it is when it comes again, but for a better reason to keep it. Dropped are, oldest first, those
 * that were only offered, then those that a policy asked for; those of this node never.
 */
export function makeRoom(
  held: readonly KeptAttestation[],
  incoming: readonly KeptAttestation[],
): Room {
  const all = new Map(held.map((one) => [one.key, one]))
  for (const one of incoming) {
    const known = all.get(one.key)
    if (known === undefined || RANK[one.keptFor] > RANK[known.keptFor]) all.set(one.key, one)
  }
  const drop = new Set<KeptAttestation>()
  const peers = Map.groupBy(
    [...all.values()].filter(({ keptFor }) => keptFor === 'offer'),
    ({ from }) => from,
  )
  for (const offered of peers.values()) shrink(offered, PER_PEER, drop)
  const rest = [...all.values()].filter((one) => !drop.has(one))
  const isOver = shrink(rest, PER_SUBJECT, drop)
  return { keep: rest.filter((one) => !drop.has(one)), drop: [...drop], isOver }
}

const RANK = { offer: 0, policy: 1, own: 2 } as const

/** Whether it is too much even so. */
function shrink(
  kept: readonly KeptAttestation[],
  budget: Budget,
  drop: Set<KeptAttestation>,
): boolean {
  let items = kept.length
  let bytes = kept.reduce((sum, one) => sum + sizeOf(one), 0)
  for (const one of kept.toSorted(byWorth)) {
    if (items <= budget.items && bytes <= budget.bytes) return false
    if (one.keptFor === 'own') return true
    drop.add(one)
    items -= 1
    bytes -= sizeOf(one)
  }
  return items > budget.items || bytes > budget.bytes
}

function byWorth(a: KeptAttestation, b: KeptAttestation): number {
  const older = a.since < b.since ? -1 : Number(a.since > b.since)
  return RANK[a.keptFor] - RANK[b.keptFor] || older || (a.key < b.key ? -1 : 1)
}

function sizeOf({ carried }: KeptAttestation): number {
  return carried.bundle.length
}
