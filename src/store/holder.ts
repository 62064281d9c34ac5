// Who holds a folder: a note for people, in FOLDER/holder. The lock itself is LevelDB's; this file may be stale or missing,
// so it only ever feeds the text of STORE_BUSY.

import { readFile, rm, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { RegistryError } from '../lib/index.ts'

export async function writeHolder(folder: string): Promise<void> {
  const word = process.argv[2] ?? ''
  const verb = /^[a-z][a-z-]{0,30}$/.test(word) ? word : ''
  const text = JSON.stringify({ pid: process.pid, verb })
  await writeFile(join(folder, 'holder'), text, { mode: 0o600 }).catch(() => {})
}

export async function removeHolder(folder: string): Promise<void> {
  await rm(join(folder, 'holder'), { force: true }).catch(() => {})
}

export async function busyError(folder: string, waited: number): Promise<RegistryError> {
  const holder = await findHolder(folder)
  const who = holder === undefined ? 'another process' : `process ${holder.pid}${holder.command}`
  return new RegistryError('STORE_BUSY', `The store in ${folder} is in use by ${who}.`, {
    expected: 'a store that is free, or shared by a running node',
    got: `still in use after ${Math.round(waited / 1000)} s`,
    next:
      holder === undefined
        ? 'Wait for it to end, then run this again.'
        : `Wait for it to end, or stop it with \`kill ${holder.pid}\`, then run this again.`,
  })
}

async function findHolder(folder: string): Promise<{ pid: number; command: string } | undefined> {
  try {
    const { pid, verb }: Record<string, unknown> = JSON.parse(
      await readFile(join(folder, 'holder'), 'utf8'),
    )
    if (typeof pid !== 'number' || !Number.isSafeInteger(pid) || pid <= 0) return undefined
    process.kill(pid, 0)
    const known = typeof verb === 'string' && /^[a-z][a-z-]{0,30}$/.test(verb)
    return { pid, command: known ? ` (registry ${verb})` : '' }
  } catch {
    return undefined
  }
}
