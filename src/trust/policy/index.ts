export { locateKey } from './locate.ts'
export { POLICY_BYTES, parsePolicy } from './parse-policy.ts'
export { coversTool } from './patterns.ts'
export type {
  AttestationPolicy,
  EvidenceWord,
  ForbiddenClass,
  Policy,
  PublisherPolicy,
  SignerRule,
} from './policy.ts'
export { loadToml } from './toml.ts'
export { findEarlier, NEW_POLICY, type NewPublisher, publisherBlock } from './write.ts'
