export type { Claim, ClaimKind, Decision } from './claim.ts'
export { type DecideOptions, decide } from './decide.ts'
export type { ReleaseEvidence } from './evidence.ts'
export { verificationSummary } from './vsa.ts'
