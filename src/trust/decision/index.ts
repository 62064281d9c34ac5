export type { Claim, ClaimKind, Decision } from './claim.ts'
export { type DecideOptions, decide } from './decide.ts'
export type { AdvisoryEvidence, ReleaseEvidence, Witnessed } from './evidence.ts'
