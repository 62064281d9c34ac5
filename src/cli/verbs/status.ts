// registry status: how the node is that serves this home folder; it answers over the socket of its store. Without one, what the store says.

import { setTimeout } from 'node:timers/promises'
import { inUnits } from '../../lib/index.ts'
import { type NodeStatus, readStatus } from '../../node/status.ts'
import type { Invocation } from '../command.ts'
import { countOf, formatSize } from '../size.ts'
import { safe } from '../terminal.ts'

const WATCH_MS = 2_000

export async function run(invocation: Invocation): Promise<undefined> {
  const { terminal, signal, home, options } = invocation
  for (;;) {
    const status = await readStatus(home, async () => (await invocation.workspace()).store)
    if (terminal.isJson) terminal.json(status)
    for (const line of linesOf(status)) terminal.line(line)
    if (options.watch !== true) return
    try {
      await setTimeout(WATCH_MS, undefined, { signal })
    } catch {
      return
    }
    terminal.line()
  }
}

function linesOf({ heads, forks, lag, node }: NodeStatus): readonly string[] {
  const stored = [
    `logs      ${heads} held, ${lag.partial} being fetched, ${countOf(lag.lacking, 'block')} lacking`,
    `forks     ${forks.length === 0 ? 'none known' : forks.length}`,
    ...forks.map((publisher) => `          ${safe(publisher)}`),
  ]
  if (node === null) return ['No node is running here.', ...stored]
  const { sessions, announcements, budgets, witness, peers } = node
  const refusals = Object.entries(sessions.refusals).map(
    ([code, count]) => `${safe(code)} ${count}`,
  )
  const { oldest, announced } = node.lag
  const waiting = announced === 0 ? '' : `, ${countOf(announced, 'log')} announced and not here yet`
  const { logs, entries, blocks } = sessions
  const brought = [countOf(logs, 'log'), countOf(entries, 'entry'), countOf(blocks, 'block')]
  return [
    `node      ${safe(node.peerId)}, since ${safe(node.started)}`,
    ...node.addresses.map((address) => `          ${safe(address)}`),
    ...stored,
    `lag       ${oldest === null ? 'no kept peer was agreed with yet' : inUnits(oldest * 1000)}${waiting}`,
    `sessions  ${sessions.done} done, ${sessions.failed} failed, ${sessions.running} running`,
    `          ${brought.join(', ')}, ${formatSize(sessions.bytesReceived)}`,
    ...(refusals.length === 0 ? [] : [`refused   ${refusals.join(', ')}`]),
    `announced ${announcements.sent} sent, ${announcements.heard} heard`,
    ...budgetLines(budgets),
    ...(witness === null ? [] : [`witness   ${safe(witness.vkey)}, ${witness.cosigned} cosigned`]),
    `peers     ${peers.length}`,
    ...peers.map(peerLine),
  ]
}

function budgetLines({ peers, publishers, mirror }: NonNullable<NodeStatus['node']>['budgets']) {
  const over = [...peers.used, ...publishers.used].filter(({ used }) => used >= peers.limit)
  const most = [peers, publishers].map(
    ({ limit, used }) => Math.max(0, ...used.map((it) => it.used)) / limit,
  )
  const [peer = 0, publisher = 0] = most.map((part) => Math.round(part * 100))
  return [
    `budgets   at most ${peer} % used by a peer, ${publisher} % by a publisher, in this hour`,
    ...over.map(({ name }) => `          used up: ${safe(name)}`),
    ...(mirror === null
      ? []
      : [`mirror    ${formatSize(mirror.used)} of ${formatSize(mirror.quota)}`]),
  ]
}

function peerLine(peer: NonNullable<NodeStatus['node']>['peers'][number]): string {
  const { peerId, address, isKept, isConnected, state, agreed, next, failures, lastError } = peer
  const link = isConnected ? 'connected' : isKept ? 'not connected' : 'gone'
  const seen = agreed === null ? 'never agreed' : `agreed ${inUnits(agreed * 1000)} ago`
  const failed =
    failures === 0 ? '' : `, ${countOf(failures, 'failure')} (${safe(lastError ?? '')})`
  return `  ${safe(peerId)}  ${link}, ${state}, ${seen}, next in ${next} s${failed}  ${safe(address)}`
}
