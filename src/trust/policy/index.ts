export { POLICY_BYTES, parsePolicy } from './parse-policy.ts'
export { coversTool } from './patterns.ts'
export type {
  AdvisoryPolicy,
  AttestationPolicy,
  EvidenceWord,
  ForbiddenClass,
  Policy,
  PublisherPolicy,
  QuorumPolicy,
  SignerRule,
  SurfacePolicy,
} from './policy.ts'
export { findEarlier, NEW_POLICY, type NewPublisher, publisherBlock } from './write.ts'
