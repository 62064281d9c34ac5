// A publisher in a folder of its own: a LevelDB store (or a memory store), keys, a clock that stands still.

import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { Workspace } from '../../src/registry/index.ts'
import { openLevelStore, openMemoryStore } from '../../src/store/index.ts'

export interface TestWorkspace extends Workspace, AsyncDisposable {
  readonly folder: string
}

export async function openTestWorkspace(
  kind: 'level' | 'memory' = 'memory',
): Promise<TestWorkspace> {
  const folder = await mkdtemp(join(tmpdir(), 'toolmark-test-'))
  const store = kind === 'level' ? await openLevelStore(join(folder, 'store')) : openMemoryStore()
  return {
    folder,
    store,
    keys: join(folder, 'keys'),
    passphrase: async () => undefined,
    now: () => new Date(0),
    [Symbol.asyncDispose]: async () => {
      await store[Symbol.asyncDispose]()
      await rm(folder, { recursive: true, force: true })
    },
  }
}
