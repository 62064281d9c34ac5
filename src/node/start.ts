// How an agent starts: the lockfile and the trust policy are read, the store is opened, everything is proven, the store is closed. It loads
// what that takes and nothing else: no network, no signing.

import { resolve } from 'node:path'
import { isRegistryError, RegistryError, readBounded } from '../lib/index.ts'
import { loadLocked } from '../registry/start/load-locked.ts'
import type { LoadedTool, StartRequest } from '../registry/start/types.ts'
import { LOCK_LIMIT, type Lock, parseLock } from '../resolve/index.ts'
import type { Store } from '../store/index.ts'
import { openStore } from '../store/open.ts'
import { type Environment, type Home, homeAt } from './home.ts'
import { openPolicy } from './policy-file.ts'

const LOCKFILE = 'tools.lock.json'

export interface StartOptions
  extends Pick<StartRequest, 'allowStale' | 'frozen' | 'names' | 'warn'> {
  /** Default: tools.lock.json in the current folder. */
  readonly lockfile?: string | undefined
  /** Default: TOOLMARK_POLICY, else trust.toml in the current folder, else in the home folder. Without one, nothing is allowed. */
  readonly policy?: string | undefined
  /** Folder of the store; default TOOLMARK_HOME, else the user’s data folder. */
  readonly home?: string | undefined
  readonly environment?: Environment | undefined
  /** What paths are relative to; default: the current folder. */
  readonly folder?: string | undefined
  readonly now?: (() => Date) | undefined
  readonly signal?: AbortSignal | undefined
}

export interface Started {
  readonly tools: readonly LoadedTool[]
  readonly lock: Lock
  readonly lockfile: string
  /** Undefined where there is no policy, which allows nothing. */
  readonly policy: string | undefined
}

/** Throws LOCK_INVALID, POLICY_INVALID, and what `loadLocked` throws. The first failure wins; nothing is written. */
export async function start(options: StartOptions = {}, opened?: Store): Promise<Started> {
  const environment = options.environment ?? process.env
  const home = homeAt(options.home, environment)
  const folder = options.folder ?? process.cwd()
  const lockfile = resolve(folder, options.lockfile ?? LOCKFILE)
  const lock = parseLock(await readLockfile(lockfile), lockfile)
  const place = { file: options.policy, environment, folder, home }
  const { policy, path, quorum } = await openPolicy(place)
  const now = options.now?.() ?? new Date()
  const { allowStale, frozen, names, warn } = options
  const request = { lock, policy, quorum, now, allowStale, frozen, names, warn }
  if (opened !== undefined) {
    return { tools: await loadLocked(opened, request), lock, lockfile, policy: path }
  }
  await using store = await openStoreOf(home, options)
  return { tools: await loadLocked(store, request), lock, lockfile, policy: path }
}

function openStoreOf({ store }: Home, { signal }: StartOptions): Promise<Store> {
  return openStore(store, signal === undefined ? {} : { signal })
}

async function readLockfile(path: string): Promise<Uint8Array> {
  try {
    return await readBounded(path, LOCK_LIMIT)
  } catch (error) {
    const isAbsent = isRegistryError(error, 'FILE_UNAVAILABLE') && error.details.got === 'ENOENT'
    if (!isAbsent) throw error
    throw new RegistryError('NOT_FOUND', `There is no lockfile at ${path}.`, {
      expected: 'a file that `registry add` has written',
      got: 'nothing',
      next: 'Change to the folder of your project, name the file with `--lockfile`, or begin with `registry add NAME`.',
    })
  }
}
