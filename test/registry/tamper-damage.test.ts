// Damage on disk: LevelDB answers other bytes for one key, any key. What is verified is refused as a corrupt store, or is what it was.

import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { type Db, openLevelDb, readRange } from '../../src/store/level/db.ts'
import { openFloorFile } from '../../src/store/level/floor-file.ts'
import { createLevelStore } from '../../src/store/level.ts'
import { dump } from '../support/copy-store.ts'
import { type Desk, openDesk } from '../support/desk.ts'
import { byteMutants } from '../support/mutate.ts'

let desk: Desk
beforeAll(async () => {
  desk = await openDesk()
})
afterAll(() => desk[Symbol.asyncDispose]())

describe('damage: other bytes than were written', () => {
  /** A store whose database answers other bytes for one key. */
  function damagedDb(db: Db, key: Uint8Array, value: Uint8Array): Db {
    const isIt = (other: Uint8Array): boolean => Buffer.compare(other, key) === 0
    return {
      getSync: (asked: Uint8Array) => (isIt(asked) ? value : db.getSync(asked)),
      getMany: async (asked: Uint8Array[]) => {
        const found = await db.getMany(asked)
        return found.map((bytes, i) => (isIt(asked[i] as Uint8Array) ? value : bytes))
      },
      hasMany: (asked: Uint8Array[]) => db.hasMany(asked),
      batch: db.batch.bind(db),
      compactRange: db.compactRange.bind(db),
      close: async () => {},
      iterator: (options: never) => {
        const iterator = db.iterator(options)
        return {
          nextv: async (size: number) =>
            ((await iterator.nextv(size)) as [Uint8Array, Uint8Array][]).map(([k, v]) => [
              k,
              isIt(k) ? value : v,
            ]),
          close: () => iterator.close(),
        }
      },
    } as never
  }

  test.each([
    ['a publisher', () => desk.alice.workspace.store, 'hesti'],
    ['a consumer', () => desk.pulled, 'uv'],
  ])('in the database of %s', async (who, original, tables) => {
    const folder = `${desk.alice.workspace.folder}/${who}`
    const { db } = await openLevelDb(folder)
    const filling = await createLevelStore({
      db: { ...damagedDb(db, new Uint8Array(), new Uint8Array()) },
      floors: await openFloorFile(`${folder}/floors`),
      fresh: true,
    })
    const { blocks, records } = await dump(original())
    await filling.commit({ blocks, put: records, floors: await original().listFloors() })

    const entries: (readonly [Uint8Array, Uint8Array])[] = []
    const all = { gte: Uint8Array.of(0), lt: Uint8Array.of(255) }
    for await (const entry of readRange(db, all)) entries.push(entry)
    const truth = await desk.answersOf(filling)
    const refusing = new Set<string>()
    const codes = new Set<string>()
    for (const [key, value] of entries) {
      const place = String.fromCharCode(key[0] as number)
      if (value.length === 0 || place === '!') continue
      for (const { label, bytes } of byteMutants(value, 4)) {
        const store = await createLevelStore({
          db: damagedDb(db, key, bytes),
          floors: await openFloorFile(`${folder}/floors`),
          fresh: false,
        })
        const what = `${label} of ${Buffer.from(key).toString('latin1')}`
        const outcome = await desk.attack(truth, [{ label: what, store }])
        expect(outcome.faults).toEqual([])
        if (outcome.refused.size > 0) refusing.add(place)
        for (const code of outcome.codes) codes.add(code)
      }
    }
    await filling[Symbol.asyncDispose]()
    await db.close()
    expect([...codes]).toEqual(['STORE_CORRUPT'])
    for (const place of `b${tables}`) expect(refusing, `table ${place} is read`).toContain(place)
  })
})
