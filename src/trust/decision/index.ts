export type { Claim, Decision } from './claim.ts'
export { decide } from './decide.ts'
export type { ReleaseEvidence } from './evidence.ts'
export { verificationSummary } from './vsa.ts'
