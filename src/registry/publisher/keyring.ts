// Which key files sign: those whose public keys the log asks for, whatever the files are called. A key that was rotated away stays
// in its file and is simply not asked for any more.

import { RegistryError } from '../../lib/index.ts'
import type { Alternatives, Role, Roles } from '../../log/index.ts'
import {
  type AnySigner,
  equalKeys,
  type KeyInfo,
  keyFingerprint,
  type OpenKeyFile,
  openKeyFiles,
  openSigner,
  type PublicKey,
  type Signer,
} from '../../trust/index.ts'
import { placeholdersFor, signersIn } from '../countersign/placeholders.ts'
import type { Workspace } from '../workspace.ts'

export interface Keyring {
  readonly keys: readonly KeyInfo[]
  /** Whether a passphrase may be asked for. */
  readonly isLocked: boolean
  /**
   * As many as the first alternative asks for that the keys here, and the keyless signer if there is one, can meet; with `names`, exactly
   * those key files and that signer. What others have signed already counts as if their keys were here; where a request is made, so do all
   * keys. Throws SIGNER_UNAUTHORIZED when they meet none, KEY_*.
   */
  signersFor(alternatives: Alternatives, names?: readonly string[]): Promise<readonly AnySigner[]>
  /** The key file of that name. Throws KEY_*. */
  open(name: string): Promise<Signer>
  /** Throws KEY_MISSING when the log key is not here. */
  logSignerFor(roles: Roles): Promise<Signer>
}

/** Reads the public halves; a secret one, and a passphrase for it, is read when it is first needed. */
export async function openKeyring(workspace: Workspace): Promise<Keyring> {
  const files = await openKeyFiles(workspace.keys)
  const keys = files.map(({ info }) => info)
  const opened = new Map<string, Promise<Signer>>()
  /** By the one role that is asked for: hundreds of releases in a row ask for the same. */
  const picked = new WeakMap<Role, readonly string[]>()

  function open(name: string): Promise<Signer> {
    const known = opened.get(name)
    if (known !== undefined) return known
    const file = files.find(({ info }) => info.name === name)
    // A name that is not among them has its own error.
    const opening = file === undefined ? openSigner(workspace.keys, name) : openKey(workspace, file)
    opened.set(name, opening)
    return opening
  }

  const { signatures, keyless } = workspace
  const others: readonly AnySigner[] = [
    ...(keyless === undefined ? [] : [keyless]),
    ...(signatures?.keyless ?? []),
  ]

  /** A signature that is here already goes by the fingerprint of its key. */
  function findReady(key: PublicKey): string | undefined {
    const signer = signatures?.signerFor(key)
    if (signer === undefined) return undefined
    const name = keyFingerprint(key)
    opened.set(name, Promise.resolve(signer))
    return name
  }

  const findName = (key: PublicKey): string | undefined =>
    findKey(keys, key)?.name ?? findReady(key)

  function withReady(names: readonly string[], alternatives: Alternatives): readonly string[] {
    if (signatures === undefined) return names
    const wanted = alternatives.flat().flatMap((role) => role.keys)
    const others = wanted.filter((key) => !names.includes(findKey(keys, key)?.name ?? ''))
    return [...names, ...new Set(others.flatMap((key) => findReady(key) ?? []))]
  }

  function pickOnce(alternatives: Alternatives): readonly string[] {
    const [[only] = []] = alternatives
    const here = { keys, findName, others: others.length }
    if (only === undefined || alternatives.flat().length > 1) return pick(here, alternatives)
    const chosen = picked.get(only) ?? pick(here, alternatives)
    picked.set(only, chosen)
    return chosen
  }

  return {
    keys,
    open,
    isLocked: keys.some(({ encrypted }) => encrypted),
    signersFor: async (alternatives, names) => {
      if (workspace.request !== undefined) return placeholdersFor(alternatives)
      const chosen = names === undefined ? pickOnce(alternatives) : withReady(names, alternatives)
      return [...(await Promise.all(chosen.map(open))), ...others]
    },
    logSignerFor: async ({ log }) => {
      const [key] = log.keys
      const found = findKey(keys, key)
      if (found !== undefined) return await open(found.name)
      throw new RegistryError('KEY_MISSING', 'The log key of this publisher is not here.', {
        expected: keyFingerprint(key),
        got: describeKeys(keys),
        next: 'Bring it back from a backup: `registry key import NAME FILE`.',
      })
    },
  }
}

/** The key file that holds this key. */
export function findKey(keys: readonly KeyInfo[], key: PublicKey): KeyInfo | undefined {
  return keys.find((own) => equalKeys(own.key, key))
}

async function openKey({ passphrase }: Workspace, { info, open }: OpenKeyFile): Promise<Signer> {
  const words = info.encrypted ? await passphrase(info.name) : undefined
  return open(words === undefined ? {} : { passphrase: words })
}

interface Here {
  readonly keys: readonly KeyInfo[]
  readonly findName: (key: PublicKey) => string | undefined
  /** Keyless signers, who sign in any case: a role that names none of them is not asked. */
  readonly others: number
}

/** Names of key files: one file serves in every role that its key is in. */
function pick({ keys, findName, others }: Here, alternatives: Alternatives): readonly string[] {
  for (const roles of alternatives) {
    if (others > 0 && !roles.some(({ identities = [] }) => identities.length > 0)) continue
    const missing = roles.map(
      ({ threshold, identities = [] }) => threshold - Math.min(others, identities.length),
    )
    const chosen = roles.map(({ keys: wanted }, i) =>
      wanted.flatMap((key) => findName(key) ?? []).slice(0, missing[i]),
    )
    if (chosen.every((names, i) => names.length === missing[i])) return [...new Set(chosen.flat())]
  }
  throw new RegistryError(
    keys.length + others > 0 ? 'SIGNER_UNAUTHORIZED' : 'KEY_MISSING',
    others === 0
      ? 'The keys here are not enough to sign this in the publisher’s name.'
      : 'The keys here and the keyless signer are not enough to sign this in the publisher’s name.',
    {
      expected: alternatives.map((roles) => roles.map(describeRole).join(' and ')).join(', or '),
      got: describeKeys(keys),
      next: 'Import the missing keys: `registry key import NAME FILE`, or let others sign: `--request FILE`. `registry publisher show` lists the roles.',
    },
  )
}

function describeRole(role: Role): string {
  return `${role.threshold} of ${signersIn(role).join(', ')}`
}

export function describeKeys(keys: readonly KeyInfo[]): string {
  return keys.map(({ name, fingerprint }) => `${name} ${fingerprint}`).join(', ') || 'no keys'
}
