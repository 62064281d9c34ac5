// What must hold of a consumer's store after a pull was refused.

import { cidOf } from '../../src/cid/index.ts'
import type { Floor, Store } from '../../src/store/index.ts'
import { dump } from './copy-store.ts'

/**
 * What a refused pull has left behind: nothing but blocks that are what they are called and that `listed` names (those of a release
 * whose statement had verified), and the floors that were there. Answers the faults.
 */
export async function findLeftovers(
  store: Store,
  {
    listed,
    floors = [],
  }: { readonly listed: ReadonlySet<string>; readonly floors?: readonly Floor[] },
): Promise<readonly string[]> {
  const { blocks, records } = await dump(store)
  const held = await store.listFloors()
  return [
    ...records.map(({ table, key }) => `record ${table} ${key}`),
    ...blocks.filter(({ cid, bytes }) => cidOf(bytes) !== cid).map(({ cid }) => `wrong ${cid}`),
    ...blocks.filter(({ cid }) => !listed.has(cid)).map(({ cid }) => `unlisted ${cid}`),
    ...(JSON.stringify(held) === JSON.stringify(floors) ? [] : [`floors ${JSON.stringify(held)}`]),
  ]
}
