// Names that no peer hears: neither as a question nor as an answer (T13). Whoever hears that a private name exists can publish under it
// elsewhere, and wait until somebody asks the wrong node.

import { RegistryError } from '../lib/index.ts'
import type { Source } from '../resolve/index.ts'
import { isPublisherId, type PublisherId, splitName } from '../spec/index.ts'
import type { Store } from '../store/index.ts'
import { payloadUnverified } from '../trust/index.ts'
import type { Workspace } from './workspace.ts'

/** Throws NAMESPACE_PRIVATE. Before a peer is so much as dialled. */
export async function assertAskable(
  { privateNamespaces }: Pick<Workspace, 'privateNamespaces'>,
  name: string,
): Promise<void> {
  const { namespace } = splitName(name)
  const hidden = (await privateNamespaces?.())?.find((one) => isWithin(namespace, one))
  if (hidden === undefined) return
  throw new RegistryError('NAMESPACE_PRIVATE', `${name} is never asked of peers.`, {
    expected: 'a name outside the private namespaces of your trust policy',
    got: `a name of ${hidden}`,
    next: 'Publish it here, or take it out of [private] if others may know of it. Nothing was sent.',
  })
}

/** Throws NAMESPACE_PRIVATE for a log that is not for others: a folder of files is an answer to everybody. */
export async function assertTellable(
  { store, privateNamespaces }: Pick<Workspace, 'store' | 'privateNamespaces'>,
  publisher: PublisherId,
): Promise<void> {
  const namespaces = (await privateNamespaces?.()) ?? []
  if (!(await hasPrivate(store, publisher, namespaces))) return
  throw new RegistryError('NAMESPACE_PRIVATE', 'This log has releases of a private namespace.', {
    expected: `a log without names of ${namespaces.join(', ')}`,
    got: publisher,
    next: 'Publish what others may know of as another publisher, in a home folder of its own.',
  })
}

/** A node’s own answers to peers, without whatever has a private name in it: as if it were not here. */
export function withoutPrivate(
  source: Source,
  { store, namespaces }: { readonly store: Store; readonly namespaces: readonly string[] },
): Source {
  if (namespaces.length === 0) return source
  const ends = ['/', '.', '"']
  const marks = namespaces.flatMap((one) => ends.map((end) => Buffer.from(`"${one}${end}`)))
  const isTold = (bytes: Uint8Array): boolean => !marks.some((mark) => includes(bytes, mark))
  const told = async (publisher: PublisherId): Promise<PublisherId> => {
    if (!(await hasPrivate(store, publisher, namespaces))) return publisher
    throw notHere('log', publisher)
  }
  return {
    ...source,
    checkpoint: async (publisher, o) => await source.checkpoint(await told(publisher), o),
    entries: async (publisher, range, o) => {
      const entries = await source.entries(await told(publisher), range, o)
      // A log can name what it has released nothing under yet: in a claim, in a delegation.
      if (entries.every(({ statement }) => isTold(statement))) return entries
      throw notHere('log', publisher)
    },
    inclusion: async (publisher, at, o) => await source.inclusion(await told(publisher), at, o),
    consistency: async (publisher, sizes, o) =>
      await source.consistency(await told(publisher), sizes, o),
    indexPath: async (publisher, query, o) => {
      const nodes = await source.indexPath(await told(publisher), query, o)
      if (nodes.every(isTold)) return nodes
      throw notHere('log', publisher)
    },
    blocks: async (cids, o) =>
      (await source.blocks(cids, o)).map((bytes) =>
        bytes === undefined || isTold(bytes) ? bytes : undefined,
      ),
    attestations: async (subject, query, o) => {
      const [bytes] = await store.findBlocks([subject])
      const page = await source.attestations?.(subject, query, o)
      const isHidden = page === undefined || (bytes !== undefined && !isTold(bytes))
      if (isHidden) return { attestations: [], next: undefined }
      // A report names what it is about, also where that has no name in it: a tool, or a file.
      const told = page.attestations.filter(({ bundle }) => isTold(payloadUnverified(bundle)))
      return { ...page, attestations: told }
    },
    claimants: async (name, o) => {
      const { namespace } = splitName(name)
      if (namespaces.some((one) => isWithin(namespace, one))) return []
      return await source.claimants(name, o)
    },
  }
}

/** A proof of any name can show the names beside it: a log that has released a private one is not served at all. */
async function hasPrivate(
  store: Store,
  publisher: PublisherId,
  namespaces: readonly string[],
): Promise<boolean> {
  for (const namespace of namespaces) {
    if (namespace === publisher) return true
    for (const prefix of [`${namespace}/`, `${namespace}.`]) {
      for await (const { key } of store.listRecords('claim', { prefix })) {
        if (key.endsWith(`/${publisher}`)) return true
      }
    }
  }
  return false
}

/** The namespace itself and whatever is below it. */
export function isWithin(namespace: string, hidden: string): boolean {
  if (namespace === hidden) return true
  return !isPublisherId(hidden) && namespace.startsWith(`${hidden}.`)
}

function includes(bytes: Uint8Array, mark: Buffer): boolean {
  return Buffer.from(bytes.buffer, bytes.byteOffset, bytes.length).includes(mark)
}

/** The very words for a log that is not here. */
function notHere(what: string, publisher: PublisherId): RegistryError {
  return new RegistryError('NOT_FOUND', `This node does not hold that publisher’s ${what}.`, {
    expected: 'the log of a publisher held here',
    got: publisher,
    next: 'Ask a node that holds it: `registry pull NAME --from MULTIADDR`.',
  })
}
