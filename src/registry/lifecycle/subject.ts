// What a withdrawal is about: a version of one's own, as the log's index has it, or a block by its CID.

import { type Cid, parseCid } from '../../cid/index.ts'
import { RegistryError } from '../../lib/index.ts'
import {
  findName,
  findVersion,
  type HistoryVersion,
  indexReader,
  type LogState,
  parseHistory,
  readStatement,
} from '../../log/index.ts'
import { isVersion, parseReference } from '../../spec/index.ts'
import type { Store } from '../../store/index.ts'
import type { Entry, Said } from '../append.ts'
import { readStill } from '../publisher/own-state.ts'
import { getOwnPublisher } from '../workspace.ts'

export interface OwnVersion {
  readonly name: string
  readonly version: string
  /** The release block. */
  readonly subject: Cid
  readonly status: HistoryVersion
}

/** `reference` is NAME@VERSION. Throws USAGE for a range, NOT_FOUND for what this log never released. */
export async function findOwnVersion(store: Store, reference: string): Promise<OwnVersion> {
  const { name, version } = parseOneVersion(reference)
  const publisher = await getOwnPublisher(store)
  const status = await readStill(store, publisher, async ({ index }) => {
    const read = indexReader(store, publisher)
    const { history } = await findName(index, name, read)
    const [bytes] = history === undefined ? [] : await read([history])
    return bytes === undefined ? undefined : findVersion(parseHistory(bytes), version)
  })
  if (status !== undefined) return { name, version, subject: status.release, status }
  throw new RegistryError('NOT_FOUND', `${name}@${version} is not in your own log.`, {
    expected: `a release of ${publisher}`,
    got: `${name}@${version}`,
    next: 'Only the publisher of a release can withdraw it; `registry log` lists yours.',
  })
}

/** A CID as it is, `NAME@VERSION` as its release block. */
export async function blockMeant(store: Store, target: string): Promise<Cid> {
  if (!target.includes('/')) return parseCid(target)
  return (await findOwnVersion(store, target)).subject
}

/** Said before in the same words, there is nothing to do; in other words, the log refuses it. */
export async function orSaid<E extends Entry & { readonly reason: string }>(
  store: Store,
  { publisher }: LogState,
  entry: E,
  before: { readonly seq: number } | undefined,
): Promise<E | Said> {
  if (before === undefined) return entry
  const earlier = await readStatement(store, publisher, before.seq)
  const isSame = 'reason' in earlier && earlier.reason === entry.reason
  return isSame ? { kind: 'said', seq: before.seq } : entry
}

function parseOneVersion(reference: string): {
  readonly name: string
  readonly version: string
} {
  const { name, range, tool } = parseReference(reference)
  if (range !== undefined && tool === undefined && isVersion(range)) {
    return { name, version: range }
  }
  throw new RegistryError('USAGE', 'Name one version.', {
    expected: 'NAME@VERSION, for example com.example/weather@1.4.2',
    got: reference.slice(0, 300),
    next: 'A range or a tool is not withdrawn, a version is; a single tool by its CID.',
  })
}
