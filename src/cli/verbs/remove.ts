// registry remove

import { expandLocked, getLockFile, withoutNames, writeLockFile } from '../../registry/index.ts'
import type { Invocation } from '../command.ts'
import { lockPath } from '../lock-desk.ts'
import { safe } from '../terminal.ts'

export async function run({ terminal, ...invocation }: Invocation): Promise<undefined> {
  const file = await getLockFile(lockPath({ terminal, ...invocation }))
  const { path, lock } = file
  const names = invocation.args.map((word) => expandLocked(lock, word))
  await writeLockFile(file, withoutNames(lock, names))
  if (terminal.isJson) {
    terminal.json({ lockfile: path, removed: names })
    return
  }
  for (const name of names) terminal.line(`removed ${safe(name)}`)
  terminal.line(`  wrote      ${safe(path)}`)
}
