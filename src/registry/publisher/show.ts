// Who a publisher is by now: roles, keys, delegations, claims and what was revoked, as the newest state of its log known here says it.

import type { Cid } from '../../cid/index.ts'
import { RegistryError, toHex } from '../../lib/index.ts'
import {
  type Authority,
  type Checkpoint,
  delegationsAt,
  findHead,
  keyCid,
  type Notices,
  parseCheckpointUnverified,
  type Role,
  rolesAt,
} from '../../log/index.ts'
import {
  type HeadEvidence,
  parseEvidence,
  parseEvidenceKey,
  verifyHead,
} from '../../resolve/index.ts'
import type { PublisherId } from '../../spec/index.ts'
import type { Store } from '../../store/index.ts'
import {
  type IdentityRule,
  type KeyInfo,
  keyFingerprint,
  listKeys,
  loadVerifier,
  type PublicKey,
} from '../../trust/index.ts'
import { findNews } from '../lifecycle/news.ts'
import { getFullLog } from '../read.ts'
import { getOwnPublisher, type Workspace } from '../workspace.ts'
import { findKey } from './keyring.ts'
import { readStill } from './own-state.ts'
import { keysNamed } from './public-keys.ts'

export interface ShownKey {
  readonly fingerprint: string
  readonly type: string
  /** The key file here that holds it. */
  readonly file?: string
}

export interface ShownRole {
  readonly threshold: number
  readonly keys: readonly ShownKey[]
  /** Keyless signers; absent where there are none. */
  readonly identities?: readonly IdentityRule[]
}

export interface PublisherShown {
  readonly publisher: PublisherId
  /** Whether its log is held here in full, or known from what was pulled. */
  readonly from: 'log' | 'pulled'
  readonly size: number
  readonly root: string
  /** The entry that named the keys in force. */
  readonly since: number
  readonly roles: Readonly<Record<'root' | 'release' | 'brake' | 'log', ShownRole>>
  readonly nextKeyHashes: readonly string[]
  readonly delegations: readonly (ShownRole & {
    readonly path: string
    readonly by: string | null
    readonly seq: number
  })[]
  readonly claims: readonly { readonly namespace: string; readonly seq: number }[]
  readonly revokedKeys: readonly (Partial<ShownKey> & { readonly key: Cid; readonly seq: number })[]
  readonly revoked: readonly ShownNotice[]
  readonly tombstones: readonly ShownNotice[]
}

interface ShownNotice {
  readonly subject: Cid
  readonly seq: number
  readonly reason: string
}

interface Known {
  readonly from: PublisherShown['from']
  readonly authority: Authority
  readonly notices: Notices
  readonly size: number
  readonly root: string
}

/** Yours unless another is named. Throws NOT_FOUND for one that nothing is known of here. */
export async function showPublisher(
  { store, keys }: Workspace,
  id?: PublisherId,
): Promise<PublisherShown> {
  const publisher = id ?? (await getOwnPublisher(store))
  const { authority, notices, size, ...known } =
    (await fromLog(store, publisher)) ?? (await fromPulled(store, publisher)) ?? unknown(publisher)
  const files = await listKeys(keys)
  const shown = (role: Role): ShownRole => ({
    threshold: role.threshold,
    keys: role.keys.map((key) => showKey(key, files)),
    ...(role.identities === undefined ? {} : { identities: role.identities }),
  })
  const { root, release, brake, log } = rolesAt(authority, size)
  const newest = authority.keys.at(-1)
  const named = keysNamed(authority)
  return {
    publisher,
    ...known,
    size,
    since: newest?.seq ?? 0,
    roles: {
      root: shown(root),
      release: shown(release),
      brake: shown(brake),
      log: shown({ threshold: 1, keys: log.keys }),
    },
    nextKeyHashes: newest?.nextKeyHashes ?? [],
    delegations: delegationsAt(authority, size).flatMap(({ role, path, by, seq }) =>
      role === null ? [] : [{ path, by, seq, ...shown(role) }],
    ),
    claims: [...notices.claims].map(([namespace, { seq }]) => ({ namespace, seq })),
    revokedKeys: authority.revokedKeys.map(({ key, seq }) => {
      const found = named.find((candidate) => keyCid(candidate) === key)
      return { key, seq, ...(found === undefined ? {} : showKey(found, files)) }
    }),
    revoked: [...notices.revoked].map(([subject, notice]) => ({ subject, ...notice })),
    tombstones: [...notices.tombstones].map(([subject, notice]) => ({ subject, ...notice })),
  }
}

function showKey(key: PublicKey, files: readonly KeyInfo[]): ShownKey {
  const file = findKey(files, key)?.name
  const shown = { fingerprint: keyFingerprint(key), type: key.type }
  return file === undefined ? shown : { ...shown, file }
}

async function fromLog(store: Store, publisher: PublisherId): Promise<Known | undefined> {
  if ((await findHead(store, publisher)) === undefined) return undefined
  return await readStill(store, publisher, async ({ authority, notices, size }) => {
    const { size: now, root } = await getFullLog(store, publisher)
    if (now === size) return { from: 'log', authority, notices, size, root }
    throw new RegistryError('NOT_FOUND', 'The log has grown while it was read.', {
      expected: `${size} entries`,
      got: `${now} entries`,
      next: 'Ask again.',
    })
  })
}

/** The newest proof of anything of this publisher, proven again. */
async function fromPulled(store: Store, publisher: PublisherId): Promise<Known | undefined> {
  let newest: { readonly evidence: HeadEvidence; readonly size: number } | undefined
  for await (const { key, value } of store.listRecords('evidence')) {
    if (parseEvidenceKey(key).publisher !== publisher) continue
    const evidence = parseEvidence(value)
    const { size } = parseCheckpointUnverified(evidence.checkpoint, publisher)
    if (newest === undefined || size > newest.size) newest = { evidence, size }
  }
  const news = await findNews(store, publisher)
  if (newest === undefined || (news !== undefined && news.checkpoint.size >= newest.size)) {
    return news === undefined ? undefined : knownOf(news)
  }
  return knownOf(verifyHead(await loadVerifier(store), { ...newest.evidence, publisher }))
}

function knownOf({
  authority,
  notices,
  checkpoint,
}: {
  readonly authority: Authority
  readonly notices: Notices
  readonly checkpoint: Checkpoint
}): Known {
  return { from: 'pulled', authority, notices, size: checkpoint.size, root: toHex(checkpoint.root) }
}

function unknown(publisher: PublisherId): never {
  throw new RegistryError('NOT_FOUND', 'Nothing of that publisher is known here.', {
    expected: 'a publisher whose log or release is here',
    got: publisher,
    next: 'Pull something of it first.',
  })
}
