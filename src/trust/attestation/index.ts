export { findMet } from './find-met.ts'
export { provenanceOf } from './predicates.ts'
export {
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
