// How `registry namespace` says what it found.

import { parseJson } from '../../lib/index.ts'
import type { KeptEvidence, KnownNamespace, NamespaceVerified } from '../../registry/index.ts'
import { LIMITS } from '../../spec/index.ts'
import { safe, type Terminal } from '../terminal.ts'

export function showVerified(terminal: Terminal, verified: NamespaceVerified): void {
  const { namespace, publisher, claimed, listings, refused, evidence } = verified
  const finding = findingOf(verified)
  terminal.line(`${finding} ${safe(namespace)}`)
  terminal.line(`  publisher  ${publisher}`)
  for (const { where, via, publishers } of listings) {
    const asked = via === undefined ? '' : ` (asked ${safe(via)})`
    const others = publishers.length > 1 ? ` (and ${publishers.length - 1} others)` : ''
    terminal.line(`  listed at  ${safe(where)}${asked}${others}`)
  }
  const { owner } = verified
  if (owner !== undefined)
    terminal.line(`  owner      ${safe(owner.url)}, number ${safe(owner.id)}`)
  const log =
    claimed === true
      ? 'claims the namespace'
      : 'not held here, or older than a claim of the namespace'
  terminal.line(`  log        ${log}`)
  for (const { error } of refused) {
    terminal.remark(`${safe(error.message)} (${error.code})`)
  }
  if (evidence.length === 0) {
    terminal.remark('Not kept: there is no key here to sign with. Next: `registry init`.')
  }
}

export function verifiedJson(verified: NamespaceVerified): unknown {
  const { namespace, publisher, claimed, listings, refused, evidence } = verified
  return {
    finding: findingOf(verified),
    namespace,
    publisher,
    claimed: claimed ?? null,
    listings,
    refused: refused.map(({ method, error }) => ({
      method,
      code: error.code,
      message: error.message,
    })),
    ...(verified.owner === undefined ? {} : { owner: verified.owner }),
    evidence: evidence.map(({ bundle }) => parseJson(bundle, { maxBytes: LIMITS.bundleBytes })),
  }
}

/** One half of the proof is not the whole of it. */
function findingOf({ claimed }: NamespaceVerified): 'PROVEN' | 'LISTED' {
  return claimed === true ? 'PROVEN' : 'LISTED'
}

export function showKnown(terminal: Terminal, known: readonly KnownNamespace[]): void {
  if (terminal.isJson) {
    terminal.json({ namespaces: known.map(toJson) })
    return
  }
  for (const { namespace, pin, claims, evidence } of known) {
    terminal.line(safe(namespace))
    if (pin !== undefined) terminal.line(`  pinned     ${pin.publisher}  since ${safe(pin.since)}`)
    for (const { publisher } of claims) terminal.line(`  claimed    ${publisher}`)
    for (const each of evidence) terminal.line(`  listed     ${describe(each)}`)
  }
  if (known.length === 0) {
    terminal.remark('No namespaces here yet. Next: `registry namespace verify NAMESPACE`.')
  }
}

function toJson({ namespace, pin, claims, evidence }: KnownNamespace): unknown {
  return {
    namespace,
    pin: pin === undefined ? null : { publisher: pin.publisher, since: pin.since, how: pin.how },
    claims: claims.map(({ publisher, seq }) => ({ publisher, seq })),
    evidence: evidence.map(({ evidence: found, isOwn }) => {
      const { publisher, method, where, checkedAt } = found
      return { publisher, method, where, checkedAt, own: isOwn }
    }),
  }
}

function describe({ evidence, isOwn }: KeptEvidence & { readonly isOwn: boolean }): string {
  const { publisher, where, checkedAt } = evidence
  const signer = isOwn ? '' : '  (not signed by the key here)'
  return `${publisher}  at ${safe(where)}  on ${safe(checkedAt)}${signer}`
}
