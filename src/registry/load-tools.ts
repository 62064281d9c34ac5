// What an agent calls at start-up: offline, from the store alone, frozen verified tools or a coded error. It refuses to run
// without being told which publishers to trust.

import { RegistryError } from '../lib/index.ts'
import { parseWitnessPolicy, publisherFor, type VerifiedTool } from '../resolve/index.ts'
import { type PublisherId, parsePublisherId, parseReference } from '../spec/index.ts'
import type { Store } from '../store/index.ts'
import { type FreshnessAsked, freshnessWarnings } from './lifecycle/freshness.ts'
import { type StatusWarning, warningsOf } from './lifecycle/warnings.ts'
import { readVerified, resolveLocal } from './local.ts'

export interface LoadToolsRequest {
  /** References, `name[@range][#tool]`. */
  readonly tools: readonly string[]
  /** Ids of the publishers to trust; nothing is trusted by default. */
  readonly publishers: readonly string[]
  /** Told of tools that are deprecated, yanked or stale, and go on all the same. */
  readonly warn?: (warning: StatusWarning) => void
  /** C2SP vkeys of witnesses who should have seen the logs lately; without any, nothing is said of age. */
  readonly witnesses?: readonly string[]
  /** How many of them; more than half unless said. */
  readonly quorum?: number
  /** How long ago at most, such as `7d`. */
  readonly maxStaleness?: string
  /** False to throw STALE instead of a warning. */
  readonly allowStale?: boolean
  readonly now?: () => Date
}

/**
 * Throws PUBLISHER_UNTRUSTED, NOT_FOUND, NOTHING_TO_VERIFY, and whatever verification finds; the first failure wins and no tool is
 * returned then. The tools are deeply frozen, in the order asked.
 */
export async function loadTools(
  store: Store,
  request: LoadToolsRequest,
): Promise<readonly VerifiedTool[]> {
  const trusted = new Set(request.publishers.map(parsePublisherId))
  if (trusted.size === 0) {
    throw new RegistryError(
      'PUBLISHER_UNTRUSTED',
      'No publisher is trusted, so no tool can be loaded.',
      {
        expected: 'at least one publisher id in `publishers`',
        got: 'none',
        next: 'Pass the ids of the publishers whose tools this agent may use.',
      },
    )
  }
  const { warn } = request
  const asked = { warn, freshness: freshnessAsked(request) }
  const tools: VerifiedTool[] = []
  for (const reference of request.tools) {
    tools.push(...(await load(store, reference, trusted, asked)))
  }
  if (tools.length === 0) {
    throw new RegistryError('NOTHING_TO_VERIFY', 'Not a single tool was verified.', {
      expected: 'at least one tool',
      got: 'none',
      next: 'Name at least one release in `tools`.',
    })
  }
  return Object.freeze(tools)
}

interface Asked {
  readonly warn: LoadToolsRequest['warn'] | undefined
  readonly freshness: FreshnessAsked | undefined
}

function freshnessAsked({
  witnesses,
  quorum,
  maxStaleness: maxAge,
  allowStale = true,
  now = () => new Date(),
}: LoadToolsRequest): FreshnessAsked | undefined {
  // An empty list is a mistake to tell, and so is an age that nobody vouches for.
  const isAsked = witnesses ?? quorum ?? maxAge ?? (allowStale ? undefined : false)
  if (isAsked === undefined) return undefined
  const policy = parseWitnessPolicy({ witnesses: witnesses ?? [], quorum, maxAge })
  return { policy, allowStale, now: now() }
}

async function load(
  store: Store,
  reference: string,
  trusted: ReadonlySet<PublisherId>,
  { warn, freshness }: Asked,
): Promise<readonly VerifiedTool[]> {
  const { name, range, tool } = parseReference(reference)
  const [only] = trusted
  const publisher = await publisherFor(store, name, trusted.size === 1 ? { chosen: only } : {})
  if (!trusted.has(publisher)) {
    throw new RegistryError(
      'PUBLISHER_UNTRUSTED',
      `The publisher of ${name} is not among those trusted.`,
      {
        expected: [...trusted].join(', '),
        got: publisher,
        next: 'Add the id to `publishers` if you have checked it with the publisher.',
      },
    )
  }
  const entry = await resolveLocal(store, { name, range, publisher })
  const release = await readVerified(store, entry)
  const found = tool === undefined ? release.tools : release.tools.filter((t) => t.name === tool)
  if (found.length > 0) {
    const stale = await freshnessWarnings(store, entry, freshness)
    for (const warning of [...warningsOf(entry), ...stale]) warn?.(warning)
    return found
  }
  throw new RegistryError('NOT_FOUND', `${name}@${entry.version} has no tool of that name.`, {
    expected: release.tools.map((t) => t.name).join(', '),
    got: tool ?? 'no tool',
    next: 'Check the part after `#`.',
  })
}
