// What a trust.toml says, as values (schema/trust.schema.json). A policy only ever narrows: there is no way to write "allow".

import type { PublisherId, Severity } from '../../spec/index.ts'
import type { IdentityRule } from '../identity/index.ts'

/** Evidence that a publisher row can ask for. */
export const EVIDENCE = [
  'release-signature', // whom the publisher’s log lets release has signed the release statement
  'log-inclusion', // the statement is an entry of that log
  'witness-quorum', // enough of the policy’s witnesses have seen the log with that entry in it
  'namespace-evidence', // the namespace’s owner names the publisher (DNS, HTTPS, or the id is the namespace)
] as const
export type EvidenceWord = (typeof EVIDENCE)[number]

/** Classes of characters that no surface may hold, whatever `[text]` says. */
export const FORBIDDABLE = ['bidi', 'tags', 'ansi', 'zero-width', 'controls'] as const
export type ForbiddenClass = (typeof FORBIDDABLE)[number]

export interface Policy {
  /** `sha256-` and 64 hex digits, of the file’s bytes. */
  readonly digest: string
  /** What happens to a tool that no publisher row covers: refused, or refused until a person has said yes. */
  readonly default: 'deny' | 'prompt'
  /** How long ago witnesses have to have seen a log; undefined only without witnesses, where nobody can tell. */
  readonly maxStalenessMs: number | undefined
  /** How long witnesses have to have known a release. 0 for not at all. */
  readonly minAgeMs: number
  readonly surface: SurfacePolicy
  /** What the linter finds that no honest text needs, and what honest text has at times. */
  readonly text: Readonly<Record<Severity, 'refuse' | 'warn'>>
  readonly quorum: QuorumPolicy
  readonly publishers: readonly PublisherPolicy[]
  readonly advisories: readonly AdvisoryPolicy[]
  /** Never asked of peers, never told to peers; each with everything below it. */
  readonly privateNamespaces: readonly string[]
}

export interface SurfacePolicy {
  readonly reapproveOnChange: true
  readonly forbid: readonly ForbiddenClass[]
}

/** `file` is a C2SP tlog-policy, relative to the policy’s own folder. */
export type QuorumPolicy =
  | { readonly kind: 'none' }
  | { readonly kind: 'file'; readonly file: string }

export interface PublisherPolicy {
  readonly namespace: string
  /** Absent: whoever is pinned to the namespace. */
  readonly id: PublisherId | undefined
  /** `NAMESPACE/BASE` or `NAMESPACE/BASE#TOOL`; one `*` a part, never across `/` or `#`. */
  readonly tools: readonly string[]
  readonly require: readonly EvidenceWord[]
  /** Without rows: whoever the publisher’s log lets release. */
  readonly signers: readonly SignerRule[]
  /** How many of the rows, each by a signer of its own. */
  readonly threshold: number
  readonly attestations: readonly AttestationPolicy[]
}

export type SignerRule =
  | { readonly kind: 'keyless'; readonly rule: IdentityRule; readonly notAfter: Date | undefined }
  | { readonly kind: 'key'; readonly fingerprint: string; readonly notAfter: Date | undefined }

export interface AttestationPolicy {
  /** The predicate type, exactly. */
  readonly predicate: string
  /** SLSA’s `runDetails.builder.id`, exactly. */
  readonly builder: string | undefined
  /** Never empty: those of the publisher row unless it names its own. */
  readonly signers: readonly SignerRule[]
  readonly threshold: number
}

export interface AdvisoryPolicy {
  /** Whose word about other people’s releases counts. */
  readonly id: PublisherId
  readonly effect: 'block' | 'warn'
}
