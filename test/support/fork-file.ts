// A publisher that has signed two histories, and the proof of it.

import { makeForkProof } from '../../src/log/index.ts'
import { loadVerifier } from '../../src/trust/index.ts'
import { forgeLog, forgeryOf } from './forged-log.ts'
import { openPublisher, toolkit } from './publisher.ts'
import { entryOf } from './scene.ts'

export async function makeForkBytes(): Promise<Uint8Array> {
  await using forker = await openPublisher()
  const histories = ['1.0.0', '2.0.0'].map((version) =>
    forgeLog(forker, [forgeryOf(forker, toolkit('com.example/weather', version))]),
  )
  const [a, b] = await Promise.all(
    histories.map(async (history) => (await history).checkpoint(forker.id)),
  )
  const { statement: genesis } = await entryOf(forker, 0)
  const notes = [a as Uint8Array, b as Uint8Array] as const
  return makeForkProof({ publisher: forker.id, genesis, notes }, await loadVerifier()).bytes
}
