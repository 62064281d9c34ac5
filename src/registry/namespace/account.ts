// Namespaces that are accounts: io.github.alice is whoever owns https://github.com/alice. No domain proves that; the issuer of the account’s
// identity tokens does, who puts the owner, and the owner’s number, into every certificate.

import { RegistryError } from '../../lib/index.ts'
import type { Identity } from '../../trust/index.ts'

export interface Account {
  readonly issuer: string
  /** As certificates name the owner, but for upper case. */
  readonly url: string
}

const HOSTS: Readonly<Record<string, Pick<Account, 'issuer' | 'url'>>> = {
  'io.github': {
    issuer: 'https://token.actions.githubusercontent.com',
    url: 'https://github.com/',
  },
  'io.gitlab': { issuer: 'https://gitlab.com', url: 'https://gitlab.com/' },
}

/** Of people who are not the owner: whoever opens one against the owner’s repository runs such a job. */
const FOREIGN_TRIGGER = /^pull_request|^merge_request|^external_pull_request/

/** Undefined for a namespace that is no account of a known host. */
export function accountOf(namespace: string): Account | undefined {
  const [, host = '', owner = ''] = /^([a-z]+\.[a-z]+)\.([a-z0-9-]+)$/.exec(namespace) ?? []
  const known = HOSTS[host]
  return known === undefined ? undefined : { ...known, url: `${known.url}${owner}` }
}

/** The number of the account, which survives a rename and is never given again (T12). Throws NAMESPACE_UNPROVEN. */
export function ownerIdOf(identity: Identity, { issuer, url }: Account): string {
  const { owner, owner_id: id, trigger = '' } = identity.claims
  if (identity.issuer !== issuer)
    throw unproven(url, `a certificate for ${issuer}`, identity.issuer)
  if (owner?.toLowerCase() !== url) throw unproven(url, `the owner ${url}`, owner ?? 'no owner')
  if (id === undefined) throw unproven(url, 'the number of the owner', 'a certificate without it')
  if (FOREIGN_TRIGGER.test(trigger)) {
    throw unproven(url, 'a job that the owner’s own push or release started', trigger)
  }
  return id
}

function unproven(url: string, expected: string, got: string): RegistryError {
  return new RegistryError('NAMESPACE_UNPROVEN', `This was not signed by a job of ${url}.`, {
    expected,
    got,
    next: 'Ask the owner for evidence that a workflow of theirs made: `registry namespace attest`.',
  })
}
