// Verifying what is here: a release by name, a release or tool by CID, or a file by its bytes. Offline.

import { type Cid, cidOf } from '../cid/index.ts'
import { RegistryError } from '../lib/index.ts'
import { publisherFor, type VerifiedRelease } from '../resolve/index.ts'
import { type PublisherId, parseReference } from '../spec/index.ts'
import type { Store } from '../store/index.ts'
import { readVerified, resolveLocal } from './local.ts'
import { readBlock } from './read-block.ts'

/** What was verified, and through which release. */
export interface Verified {
  readonly release: VerifiedRelease
  /** The block asked about: the release itself or one of its tools. */
  readonly cid: Cid
  readonly tool: string | undefined
}

export async function verifyName(
  store: Store,
  reference: string,
  options: { readonly publisher?: PublisherId | undefined } = {},
): Promise<Verified> {
  const { name, range, tool } = parseReference(reference)
  const publisher = await publisherFor(store, name, { chosen: options.publisher })
  const release = await readVerified(store, await resolveLocal(store, { name, range, publisher }))
  const found = release.tools.find((candidate) => candidate.name === tool)
  if (tool !== undefined && found === undefined) {
    throw new RegistryError(
      'NOT_FOUND',
      `${name}@${release.entry.version} has no tool of that name.`,
      {
        expected: release.tools.map((candidate) => candidate.name).join(', '),
        got: tool,
        next: 'Check the part after `#`.',
      },
    )
  }
  return { release, cid: found?.cid ?? release.cid, tool: found?.name }
}

/** Finds the newest signed release here that is, or holds, the block. UNSIGNED when there is none. */
export async function verifyCid(store: Store, cid: Cid): Promise<Verified> {
  const prefix = `${cid}/`
  for await (const { key, value } of store.listRecords('use', { prefix })) {
    const publisher = key.slice(prefix.length) as PublisherId
    const { name, range } = parseReference(Buffer.from(value).toString('utf8'))
    const entry = await resolveLocal(store, { name, range, publisher })
    const release = await readVerified(store, entry)
    const tool = release.tools.find((candidate) => candidate.cid === cid)
    if (tool === undefined && release.cid !== cid) continue
    return { release, cid, tool: tool?.name }
  }
  await readBlock(store, cid)
  throw new RegistryError(
    'UNSIGNED',
    'The bytes are the ones this CID names, but no release here vouches for them.',
    {
      expected: 'a signed release that is or holds this block',
      got: 'none',
      next: 'Pull the release it belongs to, by name.',
    },
  )
}

/** Verifies bytes from outside the store: they must be exactly those of a signed block that is here. */
export function verifyBytes(store: Store, bytes: Uint8Array): Promise<Verified> {
  return verifyCid(store, cidOf(bytes))
}
