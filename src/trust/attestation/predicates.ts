// The predicates whose meaning we read: SLSA provenance v1 (https://slsa.dev/spec/v1.0/provenance), and those that give a verdict. Of any
// other type the predicate is its author’s: an object, and no more is known of it.

import { isJsonObject, type Json, type JsonObject, RegistryError } from '../../lib/index.ts'
import type { Attestation } from './statement.ts'

type Refuse = (path: string, expected: string, got: Json | undefined) => RegistryError

const SLSA_PROVENANCE = 'https://slsa.dev/provenance/v1'

/** Where the verdict stands, and the one word that speaks for the subject. */
const VERDICTS: Readonly<Record<string, { readonly field: string; readonly good: string }>> = {
  'https://slsa.dev/verification_summary/v1': { field: 'verificationResult', good: 'PASSED' },
  'https://in-toto.io/attestation/test-result/v0.1': { field: 'result', good: 'PASSED' },
}

export interface Provenance {
  /** `runDetails.builder.id`: a claim of the signer, worth what the signer is worth. */
  readonly builder: string
  readonly buildType: string
}

/** Throws what `refuse` makes for a predicate of a known type in another form. */
export function checkPredicate(type: string, predicate: JsonObject, refuse: Refuse): void {
  if (type === SLSA_PROVENANCE) readProvenance(predicate, refuse)
  const verdict = verdictFor(type)
  if (verdict === undefined || typeof predicate[verdict.field] === 'string') return
  throw refuse(`/${verdict.field}`, 'a text', predicate[verdict.field])
}

/** Undefined for other predicate types. */
export function provenanceOf({ predicateType, predicate }: Attestation): Provenance | undefined {
  if (predicateType !== SLSA_PROVENANCE) return undefined
  // `parseAttestation` has read it before.
  return readProvenance(predicate, (path, expected) => {
    return new RegistryError('UNEXPECTED', `An attestation has changed at ${path}.`, { expected })
  })
}

/** What it says against its subject, if it is of a type that gives verdicts: a report that failed is no evidence for anybody. */
export function badVerdictOf({ predicateType, predicate }: Attestation): string | undefined {
  const verdict = verdictFor(predicateType)
  if (verdict === undefined || predicate[verdict.field] === verdict.good) return undefined
  return `${verdict.field} ${String(predicate[verdict.field])}`
}

function verdictFor(type: string): (typeof VERDICTS)[string] | undefined {
  return Object.hasOwn(VERDICTS, type) ? VERDICTS[type] : undefined
}

function readProvenance(predicate: JsonObject, refuse: Refuse): Provenance {
  const definition = objectAt(predicate.buildDefinition, '/buildDefinition', refuse)
  const buildType = uriAt(definition.buildType, '/buildDefinition/buildType', refuse)
  objectAt(definition.externalParameters, '/buildDefinition/externalParameters', refuse)
  const details = objectAt(predicate.runDetails, '/runDetails', refuse)
  const { id } = objectAt(details.builder, '/runDetails/builder', refuse)
  return { builder: uriAt(id, '/runDetails/builder/id', refuse), buildType }
}

function objectAt(value: Json | undefined, path: string, refuse: Refuse): JsonObject {
  if (isJsonObject(value)) return value
  throw refuse(path, 'an object', value)
}

function uriAt(value: Json | undefined, path: string, refuse: Refuse): string {
  if (typeof value === 'string' && /^[A-Za-z][A-Za-z0-9+.-]*:\S+$/.test(value)) return value
  throw refuse(path, 'a URI', value)
}
