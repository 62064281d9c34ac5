// A command that waits for a deadline, and for nothing else, lives to tell that it has passed.

import { execFile } from 'node:child_process'
import { join } from 'node:path'
import { pathToFileURL } from 'node:url'
import { promisify } from 'node:util'
import { expect, test } from 'vitest'

const AWAKE = pathToFileURL(join(import.meta.dirname, '..', '..', 'src', 'cli', 'awake.ts')).href

async function runWaiting(how: string) {
  const program = `
    import { once } from 'node:events'
    const { awake } = await import(${JSON.stringify(AWAKE)})
    const wait = () => once(AbortSignal.timeout(50), 'abort')
    await ${how}
    console.log('told')`
  const run = promisify(execFile)(process.execPath, ['--input-type=module', '-e', program])
  return await run.then(
    ({ stdout }) => ({ code: 0, stdout }),
    ({ code, stdout }: { code: number; stdout: string }) => ({ code, stdout }),
  )
}

test('left to itself, the process ends first', async () => {
  expect(await runWaiting('wait()')).toEqual({ code: 13, stdout: '' })
})

test('awake, it waits, and ends when there is nothing more to do', async () => {
  expect(await runWaiting('awake(wait)')).toEqual({ code: 0, stdout: 'told\n' })
})
