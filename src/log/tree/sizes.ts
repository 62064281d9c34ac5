// What a size, a position and their proofs may be, and how a bad one is refused.

import { RegistryError } from '../../lib/index.ts'

export function assertCount(size: number, least: number): void {
  if (Number.isSafeInteger(size) && size >= least) return
  throw invalid(
    'A log of this size has no proofs.',
    `a whole number from ${least} to 2^53 - 1`,
    size,
  )
}

export function assertIndex(index: number, size: number): void {
  if (Number.isSafeInteger(index) && index >= 0 && index < size) return
  throw invalid('This position is not in the log.', `a position from 0 to ${size - 1}`, index)
}

export function assertGrowth(from: number, to: number): void {
  if (Number.isSafeInteger(to) && from <= to) return
  throw invalid('A log cannot shrink.', `a size of at least ${from}`, to)
}

export function invalid(message: string, expected: string, got: string | number): RegistryError {
  const next = 'Ask another peer; if the answer is the same, tell the publisher.'
  return new RegistryError('PROOF_INVALID', message, { expected, got, next })
}
