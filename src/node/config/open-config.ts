// Where the configuration is: the file that was named, else node.toml in the home folder, else nothing, which is all defaults.

import { dirname, join, resolve } from 'node:path'
import { isRegistryError, RegistryError, readBounded } from '../../lib/index.ts'
import type { Home } from '../home.ts'
import type { NodeConfig } from './config.ts'
import { CONFIG_BYTES, type Overrides, parseConfig } from './parse-config.ts'

const CONFIG_NAME = 'node.toml'

export interface ConfigPlace {
  /** Named by `--config`. */
  readonly file?: string | undefined
  readonly folder: string
  readonly home: Home
}

export interface FoundConfig {
  readonly config: NodeConfig
  /** Undefined where there is no file. */
  readonly path: string | undefined
}

/** Paths within the file are relative to it. Throws CONFIG_INVALID, USAGE, and FILE_UNAVAILABLE for a file that was named and cannot be read. */
export async function openConfig(
  place: ConfigPlace,
  overrides: Overrides = {},
): Promise<FoundConfig> {
  const { file, folder, home } = place
  const path = file === undefined ? join(home.folder, CONFIG_NAME) : resolve(folder, file)
  const bytes = await readConfig(path, file !== undefined)
  const config = parseConfig(bytes ?? new Uint8Array(), path, overrides)
  return { config: rooted(config, dirname(path)), path: bytes === undefined ? undefined : path }
}

async function readConfig(path: string, isNamed: boolean): Promise<Uint8Array | undefined> {
  try {
    return await readBounded(path, CONFIG_BYTES)
  } catch (error) {
    if (!isRegistryError(error, 'FILE_UNAVAILABLE')) throw error
    if (!isNamed && error.details.got === 'ENOENT') return undefined
    throw new RegistryError('FILE_UNAVAILABLE', 'The configuration of the node cannot be read.', {
      expected: path,
      got: error.details.got ?? 'nothing',
      next: 'Check the path and its permissions, or leave `--config` out.',
      cause: error,
    })
  }
}

function rooted(config: NodeConfig, folder: string): NodeConfig {
  const { privateNetwork } = config.peers
  if (privateNetwork === undefined) return config
  return { ...config, peers: { ...config.peers, privateNetwork: resolve(folder, privateNetwork) } }
}
