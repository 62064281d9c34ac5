// A decision as a tree of claims, each with the evidence it rests on: what `registry trust explain` prints, and whose first failure is
// the error that a start-up stops with.

import { type ErrorCode, type ErrorDetails, RegistryError } from '../../lib/index.ts'

export type ClaimKind =
  | 'covered'
  | 'publisher'
  | 'evidence'
  | 'signers'
  | 'attestation'
  | 'advisories'
  | 'text'
  | 'age'
  | 'freshness'

export interface Claim {
  readonly claim: ClaimKind | 'allowed'
  /** A sentence that is true or not. */
  readonly says: string
  readonly holds: boolean
  /** What it rests on, or what is missing; values of others are in it. */
  readonly by: readonly string[]
  readonly claims: readonly Claim[]
  /** Where it does not hold by itself: why, and what to do. */
  readonly error?: RegistryError
}

export interface Decision {
  /** `ask`: everything is proven, and only a person’s yes is missing (`default = "prompt"`). */
  readonly kind: 'allowed' | 'ask' | 'refused'
  readonly claim: Claim
  /** Of things that are allowed all the same. */
  readonly warnings: readonly string[]
  /** The first failing claim; undefined exactly when allowed. */
  readonly error: RegistryError | undefined
}

export function holds(claim: ClaimKind, says: string, by: readonly string[]): Claim {
  return { claim, says, holds: true, by, claims: [] }
}

interface Failure {
  readonly code: ErrorCode
  readonly message: string
  readonly expected: NonNullable<ErrorDetails['expected']>
  readonly got: NonNullable<ErrorDetails['got']>
  readonly next: string
  readonly evidence?: unknown
}

export function fails(claim: ClaimKind, says: string, failure: Failure): Claim {
  const { code, message, ...details } = failure
  const by = [`expected ${failure.expected}`, `got ${failure.got}`]
  return {
    claim,
    says,
    holds: false,
    by,
    claims: [],
    error: new RegistryError(code, message, details),
  }
}

/** Holds when all its claims do. */
export function allOf(claim: Claim['claim'], says: string, claims: readonly Claim[]): Claim {
  return { claim, says, holds: claims.every((one) => one.holds), by: [], claims }
}

/** Depth first, in the order they are made. */
export function firstError({ error, claims }: Claim): RegistryError | undefined {
  if (error !== undefined) return error
  for (const claim of claims) {
    const found = firstError(claim)
    if (found !== undefined) return found
  }
  return undefined
}
