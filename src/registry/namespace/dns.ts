// Asking DNS: TXT records and addresses of a domain, from the machine’s resolvers or from those handed in. Answers are not
// authenticated (no DNSSEC here): whoever controls the resolver or the path to it controls them. docs/namespaces.md says so.

import { Resolver } from 'node:dns/promises'
import { RegistryError } from '../../lib/index.ts'
import { type Listing, listingFromTxt } from './listing.ts'

export interface DnsOptions {
  /** `ADDRESS[:PORT]` each, asked in order; default: those of the machine. */
  readonly servers?: readonly string[]
  /** First wait for an answer, in milliseconds; it doubles. Default 3,000. */
  readonly timeoutMs?: number
  /** Default 2. */
  readonly tries?: number
  /** Everything together; default 15,000. */
  readonly totalMs?: number
}

interface Running {
  readonly signal?: AbortSignal | undefined
}

export async function readTxtListing(
  host: string,
  options: DnsOptions,
  running: Running = {},
): Promise<Listing> {
  const where = `_toolmark.${host}`
  const records = await ask(options, running, async (resolver) => {
    try {
      return await resolver.resolveTxt(where)
    } catch (cause) {
      if (isAbsence(cause)) throw absent(where, 'TXT records', cause)
      throw cause
    }
  })
  const listing = listingFromTxt(records, where)
  return options.servers === undefined ? listing : { ...listing, via: options.servers.join(' ') }
}

export interface Address {
  readonly address: string
  readonly family: 4 | 6
}

/** Straight from DNS: what a hosts file says about a domain is nobody’s proof. */
export async function readAddresses(
  host: string,
  options: DnsOptions,
  running: Running = {},
): Promise<readonly Address[]> {
  return await ask(options, running, async (resolver) => {
    const answers = await Promise.allSettled([resolver.resolve4(host), resolver.resolve6(host)])
    const found = answers.flatMap((answer, i) => {
      const family: 4 | 6 = i === 0 ? 4 : 6
      const addresses = answer.status === 'fulfilled' ? answer.value : []
      return addresses.map((address) => ({ address, family }))
    })
    if (found.length > 0) return found
    const failures = answers.flatMap((answer) =>
      answer.status === 'rejected' ? [answer.reason as unknown] : [],
    )
    const failure = failures.find((cause) => !isAbsence(cause))
    if (failure !== undefined) throw failure
    throw absent(host, 'an address', failures[0])
  })
}

async function ask<T>(
  { servers, timeoutMs = 3000, tries = 2, totalMs = 15_000 }: DnsOptions,
  { signal }: Running,
  question: (resolver: Resolver) => Promise<T>,
): Promise<T> {
  signal?.throwIfAborted()
  // One a question: a resolver keeps answers, and a check must see what is there now.
  const resolver = new Resolver({ timeout: timeoutMs, tries })
  if (servers !== undefined) setServers(resolver, servers)
  const cancel = (): void => resolver.cancel()
  const deadline = setTimeout(cancel, totalMs)
  signal?.addEventListener('abort', cancel, { once: true })
  try {
    return await question(resolver)
  } catch (cause) {
    signal?.throwIfAborted()
    if (cause instanceof RegistryError) throw cause
    throw new RegistryError('SERVER_FAILED', 'DNS gave no answer.', {
      expected: 'an answer, or that there is none',
      got: codeOf(cause),
      next: 'Try again; if it stays so, ask other servers with `--dns-server ADDRESS`.',
      cause,
    })
  } finally {
    clearTimeout(deadline)
    signal?.removeEventListener('abort', cancel)
  }
}

function setServers(resolver: Resolver, servers: readonly string[]): void {
  try {
    resolver.setServers(servers)
  } catch (cause) {
    throw new RegistryError('USAGE', 'This is not the address of a DNS server.', {
      expected: 'an IP address, with a port if it is not 53: 192.0.2.53 or 192.0.2.53:5353',
      got: servers.join(', '),
      next: 'Give the server by its address, not by name.',
      cause,
    })
  }
}

function absent(name: string, what: string, cause: unknown): RegistryError {
  return new RegistryError('NAMESPACE_UNPROVEN', `${name} has no ${what.replace(/^an /, '')}.`, {
    expected: what,
    got: codeOf(cause) === 'ENODATA' ? `none of that type (ENODATA)` : 'no such name (NXDOMAIN)',
    next: 'If the domain is yours, add the record (docs/namespaces.md); DNS can take hours to show it.',
    cause,
  })
}

/** Node says ENOTFOUND for NXDOMAIN and ENODATA for a name without such records. All else is no answer. */
function isAbsence(cause: unknown): boolean {
  return ['ENOTFOUND', 'ENODATA'].includes(codeOf(cause))
}

function codeOf(cause: unknown): string {
  const { code, message } = cause as NodeJS.ErrnoException
  return code ?? message ?? String(cause)
}
