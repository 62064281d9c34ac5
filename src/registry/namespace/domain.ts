// The domain behind a namespace: com.acme is acme.com, com.acme.team is team.acme.com, and nothing else. A parent never
// speaks for a child here: each namespace is asked for at its own domain.

import { RegistryError } from '../../lib/index.ts'
import { isPublisherId, splitName } from '../../spec/index.ts'

/**
 * Hosts of other people’s accounts. Whoever has the account today can publish there, and a renamed or deleted account can be
 * taken by somebody else (T12), so a page or record below them proves no lasting owner.
 */
const OWNER_PREFIXES: readonly string[] = ['io.github', 'com.github', 'io.gitlab', 'com.gitlab']

/** The first label becomes the top-level domain; 127.0.0.1 and 0x7f.1 are addresses, not domains (T33). */
const TOP_LEVEL = /^(?:[a-z]{2,63}|xn--[a-z0-9-]{1,59})$/

/** `_toolmark.` in front of it has to fit as well. */
const MAX_HOST = 253 - '_toolmark.'.length

/** Throws NAME_INVALID for what is no namespace, NAMESPACE_UNPROVEN for one that no domain can prove. */
export function domainOf(text: string): string {
  const { namespace } = splitName(`${text}/x`)
  if (isPublisherId(namespace)) {
    throw new RegistryError('NAMESPACE_UNPROVEN', 'A publisher id is no domain.', {
      expected: 'a reverse-DNS namespace such as com.example',
      got: namespace,
      next: 'Use it as it is: names under a publisher id prove themselves.',
    })
  }
  assertOwnDomain(namespace)
  const labels = namespace.split('.')
  const host = labels.toReversed().join('.')
  if (!TOP_LEVEL.test(labels[0] ?? '') || host.length > MAX_HOST) {
    throw new RegistryError('NAMESPACE_UNPROVEN', `${namespace} has no domain.`, {
      expected: `a namespace that begins with a top-level domain, at most ${MAX_HOST} characters`,
      got: host,
      next: 'Write the domain backwards: example.com is com.example.',
    })
  }
  return host
}

function assertOwnDomain(namespace: string): void {
  const owner = OWNER_PREFIXES.find(
    (prefix) => namespace === prefix || namespace.startsWith(`${prefix}.`),
  )
  if (owner === undefined) return
  throw new RegistryError(
    'NAMESPACE_UNPROVEN',
    `${namespace} is an account of ${owner}, which no domain proves.`,
    {
      expected: 'a domain of the publisher’s own',
      got: `a namespace under ${owner}`,
      next: 'Ask the owner for what `registry namespace attest` made in a workflow of theirs, then `registry namespace verify NAMESPACE --evidence FILE`.',
    },
  )
}
