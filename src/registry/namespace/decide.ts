// From answers to a verdict: which publisher a domain speaks for. Pure. A domain only *introduces* a publisher (T12): one that
// is known here already, by a pin or by an earlier check, is never replaced by what a domain says today.

import { RegistryError } from '../../lib/index.ts'
import type { PublisherId } from '../../spec/index.ts'
import type { Listing, NamespaceMethod } from './listing.ts'

export type Answer =
  | { readonly kind: 'listed'; readonly listing: Listing }
  | { readonly kind: 'refused'; readonly method: NamespaceMethod; readonly error: RegistryError }

export interface Expectation {
  readonly publisher: PublisherId
  /** The person’s word for this check; the pin; or what an earlier check found. The last two are not replaced. */
  readonly because: 'asked' | 'pinned' | 'seen'
}

export interface Decided {
  readonly publisher: PublisherId
  readonly listings: readonly Listing[]
}

/**
 * One way of asking that answers suffices, and all that answer must agree. Something that cannot be read is refused even
 * where the other way answers: it was meant to say something. Several publishers are ambiguous unless one of them is expected:
 * whoever adds an id to a list gains nothing by it, as long as the one that is meant is named by somebody else.
 */
export function decide(
  domain: string,
  answers: readonly Answer[],
  expected: Expectation | undefined,
): Decided {
  const refused = answers.flatMap((answer) => (answer.kind === 'refused' ? [answer.error] : []))
  const broken = refused.find(({ verdict }) => verdict === 'MALFORMED')
  if (broken !== undefined) throw broken
  const listings = answers.flatMap((answer) => (answer.kind === 'listed' ? [answer.listing] : []))
  if (listings.length === 0) throw noAnswer(domain, refused)
  return expected === undefined ? introduce(domain, listings) : confirm(domain, listings, expected)
}

function introduce(domain: string, listings: readonly Listing[]): Decided {
  const ids = idsOf(listings)
  if (listings.some(({ publishers }) => publishers.length < ids.length)) {
    throw disagreement(domain, listings)
  }
  const [first, ...more] = ids
  if (first !== undefined && more.length === 0) return { publisher: first, listings }
  throw new RegistryError('NAMESPACE_AMBIGUOUS', `${domain} lists several publishers.`, {
    expected: 'one publisher, or to be told which one you mean',
    got: ids.join(', '),
    next: 'Compare the ids with the publisher’s own word, then add `--publisher ID`.',
  })
}

function confirm(
  domain: string,
  listings: readonly Listing[],
  { publisher, because }: Expectation,
): Decided {
  const agreeing = listings.filter(({ publishers }) => publishers.includes(publisher))
  if (agreeing.length === listings.length) return { publisher, listings }
  if (agreeing.length > 0) throw disagreement(domain, listings)
  const got = idsOf(listings).join(', ')
  if (because === 'asked') {
    throw new RegistryError('NAMESPACE_UNPROVEN', `${domain} lists another publisher.`, {
      expected: publisher,
      got,
      next: 'Do not use the id you gave for this namespace, unless its owner explains the difference.',
    })
  }
  throw new RegistryError('PUBLISHER_CHANGED', `${domain} now lists another publisher.`, {
    expected: `${publisher}, ${because === 'pinned' ? 'pinned here' : 'which it listed before'}`,
    got,
    next: 'Do not accept it unless the publisher you know announces the change. Domains expire and are taken over.',
    evidence: { expected: publisher, because, listings },
  })
}

function disagreement(domain: string, listings: readonly Listing[]): RegistryError {
  const said = listings.map(({ where, publishers }) => `${where}: ${publishers.join(', ')}`)
  return new RegistryError('NAMESPACE_AMBIGUOUS', `DNS and the web site of ${domain} disagree.`, {
    expected: 'the same publisher in both places',
    got: said.join('; '),
    next: 'Do not choose one: somebody may control only one of the two. Ask the owner of the domain.',
  })
}

/** When one place could not be reached it is not known that nobody is listed: that is a failure to look, not a finding. */
function noAnswer(domain: string, refused: readonly RegistryError[]): RegistryError {
  const [only, ...more] = refused
  if (only !== undefined && more.length === 0) return only
  const isUnknown = refused.some(({ verdict }) => verdict === 'UNAVAILABLE')
  const code = isUnknown ? 'SERVER_FAILED' : 'NAMESPACE_UNPROVEN'
  const message = isUnknown ? `${domain} could not be asked.` : `${domain} lists no publisher.`
  return new RegistryError(code, message, {
    expected: 'a TXT record or a well-known document that lists a publisher',
    got: refused.map((error) => `${error.message} (${error.details.got})`).join(' '),
    next: isUnknown
      ? 'Try again, or ask one way alone: `--method dns` or `--method https`.'
      : 'If the domain is yours, add the record or the document (docs/namespaces.md).',
    cause: only,
  })
}

function idsOf(listings: readonly Listing[]): readonly PublisherId[] {
  return [...new Set(listings.flatMap(({ publishers }) => publishers))].sort()
}
