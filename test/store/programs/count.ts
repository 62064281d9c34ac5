// Raises a counter N times through whatever store it gets: count FOLDER N [lock]. Without "lock" it relies on expect alone.
import { openStore } from '../../../src/store/index.ts'

const [, , folder = '', times = '0', how] = process.argv
await using store = await openStore(folder)
const key = { table: 'self', key: 'counter' } as const
for (let i = 0; i < Number(times); ) {
  const held = how === 'lock' ? await store.lock('counter') : undefined
  const [value] = await store.findRecords([key])
  const next = Buffer.from(String(Number(Buffer.from(value ?? []).toString() || '0') + 1))
  try {
    await store.commit({ expect: [{ ...key, value }], put: [{ ...key, value: next }] })
    i += 1
  } catch (error) {
    if (held !== undefined || !String((error as { code?: string }).code).includes('CONFLICT'))
      throw error
  }
  await held?.[Symbol.asyncDispose]()
}
console.log('done')
