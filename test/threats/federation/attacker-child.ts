// Liars in a process of their own, so that what they hold is not counted as the node's: bare libp2p without any of our limits. Waits for plans,
// attacks for as long as each says, and tells what it did.

import { ATTACKS } from './attacks.ts'
import type { Plan } from './siege.ts'

/** A busy machine gives the attackers little: they go on until they have done what makes an attack of it, but not for ever. */
const MOST_MS = 15_000

process.on('message', async (plan: Plan) => {
  const told: Record<string, number> = {}
  const began = performance.now()
  const stops: (() => unknown)[] = []
  const isEnough = (): boolean =>
    Object.entries(plan.enough).every(([what, least]) => (told[what] ?? 0) >= least)
  await ATTACKS[plan.name]?.(plan, {
    isOver: () => {
      const gone = performance.now() - began
      return gone > MOST_MS || (gone > plan.milliseconds && isEnough())
    },
    count: (what) => {
      told[what] = (told[what] ?? 0) + 1
    },
    owned: (stop) => stops.push(stop),
  })
  process.send?.({ told })
  await Promise.allSettled(stops.map((stop) => stop()))
})
process.on('disconnect', () => process.exit(0))
process.on('uncaughtException', () => undefined)
process.on('unhandledRejection', () => undefined)
process.send?.({ ready: true })
