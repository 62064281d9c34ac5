// A Source that holds real bytes in memory and nothing that verifies.

import { type Cid, cidOf } from '../../src/cid/index.ts'
import { RegistryError } from '../../src/lib/index.ts'
import type { Source } from '../../src/resolve/index.ts'
import type { PublisherId } from '../../src/spec/index.ts'

export const PUBLISHER: PublisherId = `p${'a'.repeat(52)}` as PublisherId

export interface FakeSource extends Source {
  readonly cids: readonly Cid[]
  /** The most requests that were ever under way at once. */
  readonly busiest: () => number
}

export function createFakeSource(count: number, size = 6000): FakeSource {
  const blocks = new Map<Cid, Uint8Array>()
  for (let i = 0; i < count; i += 1) {
    const block = new Uint8Array(size).fill(i)
    new DataView(block.buffer).setUint32(0, i)
    blocks.set(cidOf(block), block)
  }
  let busy = 0
  let busiest = 0
  const track = async <T>(answer: () => T): Promise<T> => {
    busy += 1
    busiest = Math.max(busiest, busy)
    await new Promise(setImmediate)
    busy -= 1
    return answer()
  }
  return {
    label: 'fake',
    cids: [...blocks.keys()],
    busiest: () => busiest,
    checkpoint: (publisher) =>
      track(() => {
        if (publisher === PUBLISHER) return Buffer.from('note')
        throw new RegistryError('NOT_FOUND', 'No such publisher.\u001b[31m')
      }),
    entries: (_, { start, end }) =>
      track(() =>
        Array.from({ length: end - start }, (_, i) => ({
          statement: new Uint8Array(1000).fill(start + i),
          bundles: [new Uint8Array(20_000), Uint8Array.of(1)],
        })),
      ),
    inclusion: () => track(() => [new Uint8Array(32).fill(1), new Uint8Array(32).fill(2)]),
    consistency: () => track(() => []),
    indexPath: () => track(() => [Buffer.from('{}'), Buffer.from('{"a":1}')]),
    blocks: (cids) => track(() => cids.map((cid) => blocks.get(cid))),
    claimants: () =>
      track(() => {
        throw new Error('/secret/path: the disk burns')
      }),
  }
}
