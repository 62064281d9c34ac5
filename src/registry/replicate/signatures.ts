// Signatures of many entries, checked on other threads while the entries are followed on this one.

import { ofEntry } from './refusals.ts'

export interface Signatures {
  /** Of the entry at `seq`; entries come in order. */
  add(seq: number, verify: () => Promise<unknown>): void
  /** Begins what waits for company, so that it is done sooner. */
  start(): void
  /** Throws for the first entry that is not signed by who must. */
  settle(): Promise<void>
}

/** A thread that is woken for each signature takes the processor from the one that wakes it: they are handed over by the many. */
const MANY = 1_024

export function createSignatures(): Signatures {
  let waiting: { readonly seq: number; readonly verify: () => Promise<unknown> }[] = []
  const begun: Promise<void>[] = []

  function start(): void {
    const batch = waiting
    waiting = []
    const checked = check(batch)
    checked.catch(() => undefined) // Whoever settles gets the error.
    begun.push(checked)
  }

  return {
    add(seq, verify) {
      waiting.push({ seq, verify })
      if (waiting.length >= MANY) start()
    },
    start,
    async settle() {
      if (waiting.length > 0) start()
      for (const checked of begun.splice(0)) await checked
    },
  }
}

async function check(
  batch: readonly { readonly seq: number; readonly verify: () => Promise<unknown> }[],
): Promise<void> {
  const verdicts = await Promise.allSettled(batch.map(({ verify }) => verify()))
  for (const [i, verdict] of verdicts.entries()) {
    if (verdict.status === 'rejected') throw ofEntry(batch[i]?.seq ?? 0, verdict.reason)
  }
}
