// Which keyless signers somebody accepts: a rule read out of a policy or a log, and whether a proven identity meets it. Pure.

import { joinPointer, RegistryError } from '../../lib/index.ts'
import {
  CLAIM_NAMES,
  type ClaimName,
  type Claims,
  type Identity,
  type IdentityRule,
} from './identity.ts'
import { matchesSan, whyNoSanPattern } from './san-pattern.ts'

/** Certificates hold both as IA5String: printable ASCII is all there can be. The patterns stand in schema/statement.schema.json too. */
const TEXT = /^[\x21-\x7e]{1,512}$/
/** Issuers are compared as text; plain http is for a deployment on this very machine. */
const ISSUER =
  /^(https:\/\/[^\s/*?#]+(\/[^\s*?#]*)?|http:\/\/(127\.0\.0\.1|localhost)(:\d+)?(\/[^\s*?#]*)?)$/
const RULE_FIELDS = ['issuer', 'san', ...CLAIM_NAMES] as const
const NUMERIC: ReadonlySet<ClaimName> = new Set(['repository_id', 'owner_id'])

/**
 * `value` is {"issuer", "san", and any claim by its name}; `path` is where it stands. Throws DOCUMENT_INVALID for everything that could match
 * more than its author meant: an empty text, a bare pattern, an unknown field.
 */
export function parseIdentityRule(value: unknown, path = ''): IdentityRule {
  if (typeof value !== 'object' || value === null || Array.isArray(value)) {
    throw refusal(path, 'a table with issuer and san', value)
  }
  const { issuer, san, ...rest } = value as Readonly<Record<string, unknown>>
  const at = (name: string): string => joinPointer(path, name)
  if (typeof issuer !== 'string' || !TEXT.test(issuer) || !ISSUER.test(issuer)) {
    throw refusal(at('issuer'), 'the whole https URL of an OIDC issuer', issuer)
  }
  const why = typeof san === 'string' && TEXT.test(san) ? whyNoSanPattern(san) : 'printable ASCII'
  if (why !== undefined || typeof san !== 'string') throw refusal(at('san'), why ?? 'a text', san)
  const claims = Object.entries(rest).map(([name, claim]) => parseClaim(name, claim, at(name)))
  return Object.freeze({ issuer, san, ...Object.fromEntries(claims) })
}

function parseClaim(name: string, value: unknown, path: string): readonly [ClaimName, string] {
  const known = CLAIM_NAMES.find((claim) => claim === name)
  if (known === undefined) throw refusal(path, `one of ${CLAIM_NAMES.join(', ')}`, name)
  if (typeof value !== 'string' || !TEXT.test(value) || value.includes('*')) {
    throw refusal(path, 'the exact text of the claim', value)
  }
  if (NUMERIC.has(known) && !/^[1-9][0-9]*$/.test(value)) throw refusal(path, 'a number', value)
  return [known, value]
}

export function equalRules(a: IdentityRule, b: IdentityRule): boolean {
  return RULE_FIELDS.every((field) => a[field] === b[field])
}

export function matchesRule(rule: IdentityRule, identity: Identity): boolean {
  return findMismatch(rule, identity) === undefined
}

/** The first field that differs, with both values: what an error or an explanation shows. Undefined when all match. */
export function findMismatch(
  rule: IdentityRule,
  { issuer, san, claims }: Identity,
): { readonly field: string; readonly expected: string; readonly got: string } | undefined {
  if (rule.issuer !== issuer) return { field: 'issuer', expected: rule.issuer, got: issuer }
  if (!matchesSan(rule.san, san)) return { field: 'san', expected: rule.san, got: san }
  return findOtherClaim(rule, claims)
}

function findOtherClaim(wanted: Claims, claims: Claims): ReturnType<typeof findMismatch> {
  const field = CLAIM_NAMES.find(
    (name) => wanted[name] !== undefined && wanted[name] !== claims[name],
  )
  if (field === undefined) return undefined
  return { field, expected: wanted[field] ?? '', got: claims[field] ?? 'no such claim' }
}

function refusal(path: string, expected: string, value: unknown): RegistryError {
  const got = value === undefined ? 'nothing' : (JSON.stringify(value) ?? 'nothing')
  return new RegistryError('DOCUMENT_INVALID', 'This does not say which keyless signer is meant.', {
    expected,
    got: got.slice(0, 80),
    path,
    next: 'Write the issuer and the subject exactly as the certificate has them.',
  })
}
