// Every limit of the formats, each with its reason (docs/architecture.md, section 5). Over a limit is a coded error that
// names the limit and both values, and nothing is kept. Deadlines and budgets of peers belong to sync/.

import { JSON_LIMITS, RegistryError } from '../lib/index.ts'

const KIB = 1024
const MIB = 1024 * KIB

export type LimitName =
  | 'toolBytes'
  | 'releaseBytes'
  | 'toolkitBytes'
  | 'bundleBytes'
  | 'statementBytes'
  | 'attestationBytes'
  | 'attestationBundleBytes'
  | 'jsonDepth'
  | 'jsonKeys'
  | 'schemaBytes'
  | 'outputSchemaBytes'
  | 'schemaNodes'
  | 'schemaCombinatorDepth'
  | 'frameBytes'
  | 'wantList'
  | 'searchQueryBytes'

export const LIMITS: Readonly<Record<LimitName, number>> = {
  /** The largest of 25,438 real tools has a tenth of it; a model reads all of a tool. */
  toolBytes: 256 * KIB,
  /** 10,000 tools at 100 bytes a name and CID. Also the largest block. */
  releaseBytes: MIB,
  /** A toolkit holds its tools inline: a few dozen of the largest, or thousands of usual ones. */
  toolkitBytes: 8 * MIB,
  /** A keyless bundle with inclusion proof and timestamps has about 10 KiB. */
  bundleBytes: 64 * KIB,
  /** A genesis of many keys has about 5 KiB; a release statement 1 KiB. */
  statementBytes: 16 * KIB,
  /** The largest of 142 collected provenances has 11 KiB; an SBOM of a few hundred packages has 200. Larger ones are named by hash. */
  attestationBytes: 256 * KIB,
  /** The statement in base64, and what a bundle of any kind may take. Two fit into a frame. */
  attestationBundleBytes: 416 * KIB,
  /** JSON.stringify and every recursive reader overflow somewhere; no real tool passes 20. */
  jsonDepth: JSON_LIMITS.maxDepth,
  /** Bounds the memory a small text can claim as objects. */
  jsonKeys: JSON_LIMITS.maxKeys,
  /** A schema is sent to a model with every request, and compiled before a call. */
  schemaBytes: 64 * KIB,
  /** Few models are sent it; of 949 captured MCP tools one has 70 KiB, none more. */
  outputSchemaBytes: 128 * KIB,
  /** Compilers take time that grows faster than the count of subschemas. */
  schemaNodes: 2_000,
  /** Nested anyOf multiplies: 14 levels cost a compiler 53 seconds. */
  schemaCombinatorDepth: 8,
  /** The largest block and room for its envelope. */
  frameBytes: MIB + 64 * KIB,
  /** A list of 1,024 CIDs has 60 KiB: one small frame. */
  wantList: 1_024,
  /** Longer than any question; bounds the work of one search. */
  searchQueryBytes: KIB,
}

/** Bytes of the largest frame between peers. */
export const FRAME_LIMIT: number = LIMITS.frameBytes

const WORDS: Readonly<Record<LimitName, readonly [subject: string, unit: string]>> = {
  toolBytes: ['This tool', 'bytes'],
  releaseBytes: ['This release', 'bytes'],
  toolkitBytes: ['This toolkit document', 'bytes'],
  bundleBytes: ['This signature bundle', 'bytes'],
  statementBytes: ['This statement', 'bytes'],
  attestationBytes: ['This attestation', 'bytes'],
  attestationBundleBytes: ['This attestation with its signature', 'bytes'],
  jsonDepth: ['This JSON', 'levels'],
  jsonKeys: ['This JSON', 'keys'],
  schemaBytes: ['This JSON Schema', 'bytes in canonical form'],
  outputSchemaBytes: ['This output schema', 'bytes in canonical form'],
  schemaNodes: ['This JSON Schema', 'subschemas'],
  schemaCombinatorDepth: ['This JSON Schema', 'levels of anyOf, oneOf, allOf, not, if'],
  frameBytes: ['This frame', 'bytes'],
  wantList: ['This want-list', 'CIDs'],
  searchQueryBytes: ['This search query', 'bytes'],
}

/** Throws LIMIT_EXCEEDED with the limit's name and both values if `got` is over it. */
export function assertLimit(limit: LimitName, got: number, path?: string): void {
  if (got <= LIMITS[limit]) return
  const [subject, unit] = WORDS[limit]
  throw new RegistryError('LIMIT_EXCEEDED', `${subject} is over the limit ${limit}.`, {
    expected: `at most ${LIMITS[limit]} ${unit}`,
    got: `${got} ${unit}`,
    ...(path === undefined ? {} : { path }),
  })
}
