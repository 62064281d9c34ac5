// What was accepted of a log stays accepted: nothing older is, whatever is lost of the store.

import { readdir, rm } from 'node:fs/promises'
import { join } from 'node:path'
import { describe, expect, test } from 'vitest'
import { EXIT } from '../../src/cli/exit.ts'
import { isRegistryError } from '../../src/lib/index.ts'
import { pull } from '../../src/registry/index.ts'
import { openLevelStore } from '../../src/store/index.ts'
import { forgeLog, forgeryOf } from '../support/forged-log.ts'
import { openPublisher, peerOf, toolkit } from '../support/publisher.ts'
import { makeFolder } from '../support/registry.ts'

const NAME = 'com.example/weather'

describe('t01-rollback', () => {
  test('a genuine older log is refused, also after the database is lost', async () => {
    await using alice = await openPublisher()
    await using folder = await makeFolder()
    const logOf = (releases: number) => {
      const versions = Array.from({ length: releases }, (_, i) => `1.${i}.0`)
      return forgeLog(
        alice,
        versions.map((version) => forgeryOf(alice, toolkit(NAME, version))),
      )
    }
    const [nine, seven] = [await logOf(8), await logOf(6)]
    const path = join(folder.path, 'store')
    const pullFrom = async (source: typeof nine) => {
      await using store = await openLevelStore(path)
      const request = { reference: NAME, peers: [peerOf(source)], publisher: alice.id }
      const outcome = await pull({ ...alice.workspace, store }, request).then(
        ({ release }) => `${release.entry.checkpoint.size}`,
        (error: unknown) =>
          isRegistryError(error) ? `${error.code} ${EXIT[error.verdict]}` : String(error),
      )
      return { outcome, floors: await store.listFloors() }
    }
    const accepted = await pullFrom(nine)
    expect(accepted.outcome).toBe('9')
    expect(await pullFrom(seven)).toEqual({ outcome: 'ROLLBACK 5', floors: accepted.floors })
    for (const name of await readdir(path)) {
      if (!name.startsWith('floor')) await rm(join(path, name), { recursive: true })
    }
    expect(await pullFrom(seven)).toEqual({ outcome: 'ROLLBACK 5', floors: accepted.floors })
    expect((await pullFrom(nine)).outcome).toBe('9')
  })
})
