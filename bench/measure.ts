// Measuring: subject and floor take turns in one process, and the ratio of their fastest rounds is what counts. The fastest round is the one
// that the machine disturbed least; turns make slow drift hit both alike.

export interface Measured {
  readonly question: string
  readonly unit: string
  readonly subject: number
  readonly floor: number
  readonly floorIs: string
  readonly target: number
}

export interface Rounds {
  readonly rounds: number
  /** Work items in one round: results are per item. */
  readonly items: number
}

/** Microseconds per item of the fastest round of each, taken in turns. */
export async function race(
  { rounds, items }: Rounds,
  subject: () => unknown,
  floor: () => unknown,
): Promise<{ readonly subject: number; readonly floor: number }> {
  const best = { subject: Number.POSITIVE_INFINITY, floor: Number.POSITIVE_INFINITY }
  for (let round = 0; round < rounds; round++) {
    best.subject = Math.min(best.subject, (await time(subject)) / items)
    best.floor = Math.min(best.floor, (await time(floor)) / items)
  }
  return best
}

async function time(run: () => unknown): Promise<number> {
  const start = process.hrtime.bigint()
  await run()
  return Number(process.hrtime.bigint() - start) / 1_000
}

export function print(rows: readonly Measured[]): void {
  for (const { question, unit, subject, floor, floorIs, target } of rows) {
    const ratio = subject / floor
    const verdict =
      target === 0 ? '' : ratio <= target ? `  ok (≤ ${target})` : `  MISSED (≤ ${target})`
    process.stdout.write(
      `${question.padEnd(34)} ${subject.toFixed(1).padStart(9)} ${unit}  floor ${floor.toFixed(1).padStart(9)}  ratio ${ratio.toFixed(2)}${verdict}\n${''.padEnd(34)} floor: ${floorIs}\n`,
    )
  }
}
