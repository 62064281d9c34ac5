// registry outdated

import { getLockFile, listOutdated } from '../../registry/index.ts'
import type { Invocation } from '../command.ts'
import { lockPath, peersAsked } from '../lock-desk.ts'
import { safe } from '../terminal.ts'

export async function run(invocation: Invocation): Promise<undefined> {
  const { terminal, signal } = invocation
  const workspace = await invocation.workspace()
  const file = await getLockFile(lockPath(invocation))
  await using asked = await peersAsked(invocation, workspace)
  const running = { signal, onProgress: terminal.progress }
  const rows = await listOutdated(workspace, file, asked.peers, running)
  if (terminal.isJson) {
    const releases = rows.map(({ error, isOutdated, wanted, latest, ...row }) => ({
      ...row,
      wanted: wanted ?? null,
      latest: latest ?? null,
      outdated: isOutdated,
      ...(error === undefined ? {} : { error: { code: error.code, message: error.message } }),
    }))
    terminal.json({ lockfile: file.path, releases })
    return
  }
  const cells = rows.map(({ name, locked, wanted = '?', latest = '?', publisher }) => [
    safe(name),
    locked,
    wanted,
    latest,
    publisher,
  ])
  const table = [['NAME', 'LOCKED', 'WANTED', 'LATEST', 'PUBLISHER'], ...cells]
  const widths = [0, 1, 2, 3].map((i) => Math.max(...table.map((row) => (row[i] ?? '').length)))
  for (const row of table) {
    terminal.line(row.map((cell, i) => cell.padEnd(widths[i] ?? 0)).join('  '))
  }
  for (const { name, error } of rows) {
    if (error !== undefined)
      terminal.remark(`${safe(name)}: ${safe(error.message)} (${error.code})`)
  }
}
