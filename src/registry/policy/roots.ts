// Trusted roots of Sigstore instances that this consumer uses: which there are, how old, and whom each speaks for. Changed by explicit
// commands only; verification never fetches one.

import { RegistryError, sha256Hex } from '../../lib/index.ts'
import type { Store } from '../../store/index.ts'
import {
  listRoots,
  loadKeyless,
  PUBLIC_GOOD,
  rootKey,
  rootRecord,
  type StoredRoot,
} from '../../trust/index.ts'

export interface ShownRoot {
  readonly name: string
  /** SHA-256 of its bytes, in hex. */
  readonly digest: string
  /** When it was put here; undefined for the one that ships with this program. */
  readonly since: string | undefined
  /** The only issuers it speaks for; undefined for every issuer that no other root names. */
  readonly issuers: readonly string[] | undefined
}

/** The public-good root first. */
export async function showRoots(store: Store): Promise<readonly ShownRoot[]> {
  const stored = (await listRoots(store)).map(show)
  if (stored.some(({ name }) => name === PUBLIC_GOOD)) {
    return stored.toSorted(
      (a, b) => Number(b.name === PUBLIC_GOOD) - Number(a.name === PUBLIC_GOOD),
    )
  }
  const { digest } = (await loadKeyless()).publicGoodRoot()
  return [{ name: PUBLIC_GOOD, digest, since: undefined, issuers: undefined }, ...stored]
}

export interface PutRoot extends ShownRoot {
  /** Digest of the one that it replaces; undefined for a new name. */
  readonly old: string | undefined
}

/** Throws USAGE, ROOT_INVALID, also for an issuer that another root speaks for. */
export async function putRoot(store: Store, root: StoredRoot): Promise<PutRoot> {
  const record = rootRecord(root)
  const others = (await listRoots(store)).filter(({ name }) => name !== root.name)
  // Two roots for one issuer would make every later verification fail.
  assertOneSpeaker(root, others)
  const before = (await showRoots(store)).find(({ name }) => name === root.name)
  await store.commit({ put: [record] })
  return { ...show(root), old: before?.digest }
}

/** Throws NOT_FOUND. Without a public-good root here, the one that ships is used again. */
export async function removeRoot(store: Store, name: string): Promise<void> {
  const stored = await listRoots(store)
  if (!stored.some((root) => root.name === name)) {
    throw new RegistryError('NOT_FOUND', `There is no trusted root ${name} here.`, {
      expected: stored.map((root) => root.name).join(', ') || 'a root that was added',
      got: name,
      next: 'See `registry trust roots`. The one that ships with this program cannot be removed.',
    })
  }
  await store.commit({ remove: [rootKey(name)] })
}

function assertOneSpeaker({ issuers = [] }: StoredRoot, others: readonly StoredRoot[]): void {
  for (const other of others) {
    const issuer = issuers.find((one) => other.issuers?.includes(one))
    if (issuer === undefined) continue
    throw new RegistryError('USAGE', 'Another trusted root speaks for this issuer already.', {
      expected: 'an issuer that no other root names',
      got: `${issuer}, named by ${other.name}`,
      next: `Remove that one first: \`registry trust roots remove ${other.name}\`.`,
    })
  }
}

function show({ name, bytes, since, issuers }: StoredRoot): ShownRoot {
  return { name, digest: sha256Hex(bytes), since, issuers }
}
