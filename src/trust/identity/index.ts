export {
  CLAIM_ARCS,
  CLAIM_NAMES,
  type ClaimName,
  type Claims,
  type Identity,
  type IdentityRule,
} from './identity.ts'
export {
  equalRules,
  findMismatch,
  matchesRule,
  parseIdentityRule,
} from './identity-rule.ts'
