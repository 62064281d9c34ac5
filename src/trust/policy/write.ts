// Text of policies: a first one with its words explained, and a publisher’s block to append. What people wrote is never rewritten.

import { coversTool } from './patterns.ts'
import type { PublisherPolicy } from './policy.ts'

export const NEW_POLICY = `# Which tools may be used here, and on whose word. Whatever is not said below is denied.
# Check it with \`registry trust check\`; ask about a release with \`registry trust explain NAME\`.

version = 1
default = "deny"                 # or "prompt": refuse until a person has said yes

# Witnesses tell how old a log is. "none" has to be written out; the lines below need witnesses.
quorum = "none"
# max_staleness = "7d"           # how long ago they have to have seen a log
# min_age = "72h"                # how long they have to have known a release

[surface]
reapprove_on_change = true       # what a model sees of a tool changed: somebody has to say yes again
# forbid = ["bidi", "tags", "ansi", "zero-width", "controls"]

[text]
deceptive = "refuse"             # no honest text needs it
suspicious = "warn"              # honest text has it at times

# Add publishers with \`registry trust add NAMESPACE\`, or write them:
#
# [[publisher]]
# namespace = "com.acme"
# id = "p…"                      # absent: whoever is pinned at first use
# tools = ["com.acme/*"]         # * is one segment; com.acme/weather#get_* names tools
# require = ["release-signature", "log-inclusion"]
# threshold = 1                  # how many of the signers below; without any, the publisher’s log decides
#
# [[publisher.signer]]           # every field must match, exactly
# kind = "keyless"
# issuer = "https://token.actions.githubusercontent.com"
# san = "https://github.com/acme/tools/.github/workflows/release.yml@refs/tags/v*"
# repository_id = "123456789"    # numbers survive, and defeat, renames
#
# [[publisher.attestation]]      # evidence beyond the publisher’s word
# predicate = "https://slsa.dev/provenance/v1"
#
# [[advisory]]                   # whose warnings about others count
# id = "p…"
# effect = "block"               # or "warn"
#
# [private]
# namespaces = ["com.corp.internal"]   # never asked of peers, never told to peers
`

export interface NewPublisher {
  readonly namespace: string
  readonly id: string | undefined
  readonly tools: readonly string[]
  /** Of one keyless signer, as `[key, value]`; empty for none. */
  readonly keyless: readonly (readonly [string, string])[]
  readonly fingerprints: readonly string[]
}

export function publisherBlock(row: NewPublisher): string {
  const { namespace, id, tools, keyless, fingerprints } = row
  const lines = [
    '[[publisher]]',
    `namespace = ${JSON.stringify(namespace)}`,
    ...(id === undefined ? [] : [`id = ${JSON.stringify(id)}`]),
    `tools = [${tools.map((tool) => JSON.stringify(tool)).join(', ')}]`,
  ]
  if (keyless.length > 0) {
    lines.push('', '[[publisher.signer]]', 'kind = "keyless"')
    lines.push(...keyless.map(([key, value]) => `${key} = ${JSON.stringify(value)}`))
  }
  for (const fingerprint of fingerprints) {
    lines.push('', '[[publisher.signer]]', 'kind = "key"')
    lines.push(`fingerprint = ${JSON.stringify(fingerprint)}`)
  }
  return `${lines.join('\n')}\n`
}

/** The row that would decide before a new one for these tools, so that the new one would never be asked. */
export function findEarlier(
  publishers: readonly PublisherPolicy[],
  { namespace, tools }: Pick<NewPublisher, 'namespace' | 'tools'>,
): PublisherPolicy | undefined {
  const isCovered = (pattern: string, row: PublisherPolicy): boolean =>
    row.tools.includes(pattern) ||
    row.tools.includes(`${namespace}/*`) ||
    (!pattern.includes('*') && row.tools.some((own) => covers(own, pattern)))
  return publishers.find(
    (row) => row.namespace === namespace && tools.every((pattern) => isCovered(pattern, row)),
  )
}

function covers(pattern: string, exact: string): boolean {
  const [name = '', tool] = exact.split('#')
  return tool === undefined
    ? pattern === exact || (!pattern.includes('#') && coversTool(pattern, name, undefined))
    : coversTool(pattern, name, tool)
}
