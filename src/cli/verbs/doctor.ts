// registry doctor: every check is reported; the exit status is the first failure’s.

import { createPeerBook, rememberedPeers } from '../../node/index.ts'
import { doctor } from '../../registry/index.ts'
import { type Invocation, listOption } from '../command.ts'
import { dialerOf } from '../dialer.ts'
import { EXIT } from '../exit.ts'
import { safe } from '../terminal.ts'

export async function run(invocation: Invocation): Promise<number> {
  const { terminal, signal } = invocation
  const workspace = await invocation.workspace()
  const given = listOption(invocation, 'from')
  await using book = createPeerBook(dialerOf(invocation))
  const peers = book.peersAt(given.length > 0 ? given : await rememberedPeers(workspace.store))
  const checks: unknown[] = []
  let status = 0
  for await (const result of doctor(workspace, peers, { signal, onProgress: terminal.progress })) {
    const { check, ok, detail, error } = result
    if (error !== undefined) status ||= EXIT[error.verdict]
    const next = error?.details.next
    checks.push({ check, ok, detail, ...(error && { code: error.code }), ...(next && { next }) })
    terminal.line(`${ok ? 'ok  ' : 'FAIL'}  ${check.padEnd(6)} ${safe(detail)}`)
    if (next !== undefined) terminal.line(`              ${safe(next)}`)
  }
  if (terminal.isJson) terminal.json({ ok: status === 0, checks })
  return status
}
