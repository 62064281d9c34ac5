// What a session asks for of that which nobody had so far: in turns, so that the blocks of one log do not hide those of another for ever.

import { expect, test } from 'vitest'
import { cidOf } from '../../../src/cid/index.ts'
import { utf8 } from '../../../src/lib/index.ts'
import { lackRecord } from '../../../src/registry/replicate/lack.ts'
import { openMemoryStore } from '../../../src/store/index.ts'
import type { Link } from '../../../src/sync/index.ts'
import { nextLacking } from '../../../src/sync/session/lacking.ts'
import { madePublisher } from '../heads/made-heads.ts'

const MANY = 2_500

test('every peer is asked for all of it, one share after another', async () => {
  const store = openMemoryStore()
  const place = { publisher: madePublisher(1), name: 'kit', version: '1.0.0' }
  const cids = Array.from({ length: MANY }, (_, i) => cidOf(utf8(`${i}`))).toSorted()
  await store.commit({ put: cids.map((cid) => lackRecord(cid, place)) })
  const options = { store, interest: { wants: () => true } }
  const [link, other] = [{} as Link, {} as Link]
  const next = async (to: Link) => await nextLacking({ ...options, link: to })
  const first = await next(link)
  expect(first).toHaveLength(1_024)
  expect(await next(other)).toEqual(first)
  expect([...first, ...(await next(link)), ...(await next(link))]).toEqual(cids)
  expect(await next(link)).toEqual(first)
})
