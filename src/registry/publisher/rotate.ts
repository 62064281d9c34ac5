// Rotating: new keys in the roles, signed by as many root keys of before and of after as both ask for. The publisher id stays; what the
// old keys signed stays signed.

import { RegistryError } from '../../lib/index.ts'
import { type Authority, keyHash, type Roles } from '../../log/index.ts'
import {
  createKey,
  equalKeys,
  type IdentityRule,
  type KeyInfo,
  type KeyType,
  listKeys,
  type PublicKey,
} from '../../trust/index.ts'
import { type Appended, appendEntry } from '../append.ts'
import { getOwnPublisher, type Workspace } from '../workspace.ts'
import { findKey, openKeyring } from './keyring.ts'
import { readStill } from './own-state.ts'
import { findNamedKey, keysNamed } from './public-keys.ts'

type RoleName = 'root' | 'release' | 'brake'

/** A key that somebody else holds, or the name of a key file or a fingerprint. */
export type KeyMeant = PublicKey | string

export interface Rotation {
  /** The keys of a role, all of them. */
  readonly roles?: Partial<Readonly<Record<RoleName, readonly KeyMeant[]>>>
  /** The keyless signers of the release role, all of them; those it has now unless said. */
  readonly identities?: readonly IdentityRule[] | undefined
  readonly thresholds?: Partial<Readonly<Record<RoleName, number>>>
  /** A new log key. */
  readonly log?: boolean
  /** Makes the root key after this one, keeps it, and commits the log to it. */
  readonly prepare?: boolean
  /** Root keys after this one, held elsewhere. */
  readonly nextKeys?: readonly KeyMeant[]
  /** Names of key files that sign. */
  readonly keys?: readonly string[] | undefined
}

export type Rotated = Appended & {
  readonly roles: Roles
  readonly nextKeyHashes: readonly string[] | undefined
  /** Key files that were made. */
  readonly made: readonly KeyInfo[]
}

/**
 * Without a word about roles, the log or what comes next, every key in the roles that is held here is replaced by one new one. Throws
 * SIGNER_UNAUTHORIZED when the keys here may not, STATEMENT_INVALID for roles that cannot be, KEY_*.
 */
export async function rotate(workspace: Workspace, rotation: Rotation): Promise<Rotated> {
  const { store } = workspace
  const state = await readStill(store, await getOwnPublisher(store), (now) => now)
  // Before anything is made: who may not rotate leaves no key files behind.
  await (await openKeyring(workspace)).signersFor([[state.roles.root]], rotation.keys)
  const maker = createMaker(workspace)
  const roles = await rolesAfter(workspace, { ...state, rotation, make: maker.make })
  const nextKeyHashes = await hashesAfter(workspace, { ...state, rotation, make: maker.make })
  const appended = await appendEntry(workspace, () => ({ kind: 'keys', roles, nextKeyHashes }), {
    keys: rotation.keys === undefined ? undefined : [...rotation.keys, ...maker.madeOf(roles)],
  })
  return { ...appended, roles, nextKeyHashes, made: maker.made }
}

interface Asked {
  readonly roles: Roles
  readonly authority: Authority
  readonly rotation: Rotation
  readonly make: (base: string, type: KeyType) => Promise<PublicKey>
}

async function rolesAfter(
  workspace: Workspace,
  { roles, authority, rotation, make }: Asked,
): Promise<Roles> {
  const files = await listKeys(workspace.keys)
  const promised = authority.keys.at(-1)?.nextKeyHashes
  const isAll = isEverything(rotation, promised !== undefined)
  const isPromise = promised !== undefined && rotation.roles?.root === undefined
  const fresh = await freshKey(files, { promised: isPromise ? promised : undefined, isAll, make })
  const named = keysNamed(authority)
  const keysOf = (name: RoleName): readonly PublicKey[] => {
    const asked = rotation.roles?.[name]
    if (asked !== undefined) return asked.map((key) => meant(key, { files, named }))
    // A promise is about the root keys; it is kept whatever else is asked for.
    if (fresh === undefined || !(isAll || name === 'root')) return roles[name].keys
    return replaced(roles[name].keys, files, fresh)
  }
  const role = (name: RoleName) => ({
    threshold: rotation.thresholds?.[name] ?? roles[name].threshold,
    keys: keysOf(name),
  })
  const log = rotation.log === true ? { keys: [await make('log', 'ed25519')] as const } : roles.log
  const identities = rotation.identities ?? roles.release.identities ?? []
  const release = identities.length === 0 ? role('release') : { ...role('release'), identities }
  return { root: role('root'), release, brake: role('brake'), log }
}

/** The key that was promised, if one was; else a new one, if every own key is replaced. */
async function freshKey(
  files: readonly KeyInfo[],
  {
    promised,
    isAll,
    make,
  }: Pick<Asked, 'make'> & {
    readonly promised: readonly string[] | undefined
    readonly isAll: boolean
  },
): Promise<PublicKey | undefined> {
  if (promised === undefined) return isAll ? await make('signing', 'ecdsa-p256') : undefined
  const found = files.find(({ key }) => promised.includes(keyHash(key)))
  if (found !== undefined) return found.key
  throw new RegistryError(
    'KEY_MISSING',
    'The next root key, which the log is committed to, is not here.',
    {
      expected: `a key file whose SPKI hashes to ${promised.join(' or ')}`,
      got: files.map(({ name }) => name).join(', ') || 'no keys',
      next: 'Bring it back from where it was kept: `registry key import NAME FILE`.',
    },
  )
}

async function hashesAfter(
  workspace: Workspace,
  { authority, rotation, make }: Asked,
): Promise<readonly string[] | undefined> {
  const { prepare = false, nextKeys = [] } = rotation
  if (!prepare && nextKeys.length === 0) return undefined
  const known = { files: await listKeys(workspace.keys), named: keysNamed(authority) }
  const own = prepare ? [await make('signing', 'ecdsa-p256')] : []
  return [...own, ...nextKeys.map((key) => meant(key, known))].map(keyHash)
}

/** A new promise alone changes no role, unless there is an older one to keep. */
function isEverything(
  { roles = {}, thresholds = {}, identities, log, prepare, nextKeys }: Rotation,
  isPromised: boolean,
): boolean {
  const asked = Object.keys(roles).length + Object.keys(thresholds).length
  const isPromising = prepare === true || nextKeys !== undefined
  return asked === 0 && identities === undefined && log !== true && (isPromised || !isPromising)
}

function meant(key: KeyMeant, known: Parameters<typeof findNamedKey>[1]): PublicKey {
  return typeof key === 'string' ? findNamedKey(key, known) : key
}

function replaced(
  keys: readonly PublicKey[],
  files: readonly KeyInfo[],
  fresh: PublicKey,
): readonly PublicKey[] {
  const others = keys.filter((key) => findKey(files, key) === undefined)
  return others.length === keys.length ? keys : [...others, fresh]
}

/** The same command is run once to ask for signatures and once with them; new keys would be others each time. */
function assertSignedHere({ request, signatures }: Workspace): void {
  if (request === undefined && signatures === undefined) return
  throw new RegistryError('USAGE', 'Keys are made where all signatures are.', {
    expected: 'the keys of each role that changes, by --root, --release or --brake',
    got: 'a command that would make a key, and asks others to sign',
    next: 'Name the keys: each person gives you the output of `registry key export NAME`.',
  })
}

/** New key files: `signing-2`, `log-2`, … by the first number that is free; locked if the others are. */
function createMaker(workspace: Workspace) {
  const made: KeyInfo[] = []
  return {
    made: made as readonly KeyInfo[],
    make: async (base: string, type: KeyType): Promise<PublicKey> => {
      assertSignedHere(workspace)
      const files = await listKeys(workspace.keys)
      const taken = new Set(files.map(({ name }) => name))
      let number = 2
      while (taken.has(`${base}-${number}`)) number++
      const name = `${base}-${number}`
      const isLocked = files.some(({ encrypted }) => encrypted)
      const words = isLocked ? await workspace.passphrase(name) : undefined
      const lock = words === undefined ? {} : { passphrase: words }
      const info = await createKey(workspace.keys, { name, type, ...lock })
      made.push(info)
      return info.key
    },
    madeOf: ({ root }: Roles): readonly string[] =>
      made
        .filter(({ key }) => root.keys.some((own) => equalKeys(own, key)))
        .map(({ name }) => name),
  }
}
