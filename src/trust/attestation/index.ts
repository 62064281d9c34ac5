export { findMet, type Met, type PassedOver } from './find-met.ts'
export { type Provenance, provenanceOf } from './predicates.ts'
export {
  type Attestation,
  makeAttestation,
  parseAttestation,
  parsePredicateType,
} from './statement.ts'
export {
  attesterId,
  type CarriedAttestation,
  type Identify,
  payloadUnverified,
  type VerifiedAttestation,
  verifyAttestation,
} from './verify.ts'
