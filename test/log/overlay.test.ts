// A log followed in memory is the log that a replay of it from nothing is, wherever it was cut and stored on the way.

import { describe, expect, test } from 'vitest'
import { toHex } from '../../src/lib/index.ts'
import { createReplay, type LogBase, openOverlay } from '../../src/log/index.ts'
import { openMemoryStore } from '../../src/store/index.ts'
import { loadVerifier } from '../../src/trust/index.ts'
import { listLogs, readLog } from '../golden/state.ts'
import { rejectionOf } from './helpers.ts'

const verifier = await loadVerifier()

describe.each(listLogs())('%s', (name) => {
  const log = readLog(name)

  test.each([1, 3, 1_000])('stored in steps of %i', async (step) => {
    const replay = createReplay(verifier)
    const store = openMemoryStore()
    const publisher = (await createReplay(verifier).add(log[0] as (typeof log)[0])).publisher
    let base: LogBase | undefined
    for (let start = 0; start < log.length; start += step) {
      const overlay = await openOverlay(store, publisher, { base, verifier })
      for (const entry of log.slice(start, start + step)) {
        await (await overlay.add(entry)).verify()
        await replay.add(entry)
      }
      expect(overlay.state).toEqual(replay.state)
      expect(toHex(overlay.root)).toBe(toHex(replay.root))
      if (overlay.state === undefined) throw new Error('no state')
      const { added: _, replaced: __, ...change } = overlay.change()
      await store.commit(change)
      const { size, head: statement, index } = overlay.state
      base = {
        publisher,
        size,
        statement,
        index,
        root: toHex(overlay.root),
        withdraws: overlay.withdraws,
      }
    }
    const kinds = log.map(({ statement }) => Buffer.from(statement).toString())
    expect(base?.withdraws).toBe(kinds.some((text) => /\.dev\/(revoke|yank)\/v1/.test(text)))
    const rotten = openOverlay(store, publisher, {
      base: base && { ...base, root: '0'.repeat(64) },
      verifier,
    })
    expect(await rejectionOf(() => rotten)).toContain('STORE_CORRUPT: The stored tree of this log')
  })
})
