// Where a node keeps its things: HOME/keys, HOME/store, HOME/node.key. One folder, its owner’s alone.

import { mkdir } from 'node:fs/promises'
import { homedir } from 'node:os'
import { join, resolve } from 'node:path'

export interface Home {
  readonly folder: string
  readonly keys: string
  readonly store: string
  /** The private key behind this node’s peer id. */
  readonly nodeKey: string
}

export type Environment = Readonly<Record<string, string | undefined>>

/** An explicit folder, else TOOLMARK_HOME, else the XDG data folder. */
export function homeAt(folder: string | undefined, environment: Environment): Home {
  const data = environment.XDG_DATA_HOME ?? join(homedir(), '.local', 'share')
  const root = resolve(folder ?? environment.TOOLMARK_HOME ?? join(data, 'toolmark'))
  return {
    folder: root,
    keys: join(root, 'keys'),
    store: join(root, 'store'),
    nodeKey: join(root, 'node.key'),
  }
}

export async function makeHome(home: Home): Promise<void> {
  await mkdir(home.folder, { recursive: true, mode: 0o700 })
}
