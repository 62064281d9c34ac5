// registry pull

import { parseCid } from '../../cid/index.ts'
import { createPeerBook, rememberedPeers } from '../../node/index.ts'
import {
  clockWarnings,
  type Peer,
  pullBlock,
  type Workspace,
  warningsOf,
  warnOfName,
  writeBlock,
  writeRelease,
} from '../../registry/index.ts'
import { parsePublisherId, parseReference } from '../../spec/index.ts'
import { type Invocation, listOption, textOption } from '../command.ts'
import { dialerOf } from '../dialer.ts'
import { pullAsking } from '../first-use.ts'
import { witnessPolicy } from '../freshness.ts'
import { expandTarget, meansCid } from '../target.ts'
import { safe } from '../terminal.ts'
import { remarkOn } from '../warnings.ts'
import { errorJson } from './attestation-text.ts'

export async function run(invocation: Invocation): Promise<undefined> {
  const [target = ''] = invocation.args
  const workspace = await invocation.workspace()
  const given = listOption(invocation, 'from')
  const addresses = given.length > 0 ? given : await rememberedPeers(workspace.store)
  await using book = createPeerBook(dialerOf(invocation))
  const peers = book.peersAt(addresses)
  if (meansCid(target)) await pullByCid(invocation, workspace, target, peers)
  else await pullByName(invocation, workspace, target, peers)
}

async function pullByName(
  invocation: Invocation,
  workspace: Workspace,
  target: string,
  peers: readonly Peer[],
): Promise<void> {
  const { terminal } = invocation
  const id = textOption(invocation, 'publisher')
  const publisher = id === undefined ? undefined : parsePublisherId(id)
  const witnesses = witnessPolicy(invocation)
  const reference = await expandTarget(workspace.store, target)
  const warnings = await warnOfName(workspace.store, parseReference(reference).name, publisher)
  remarkOn(terminal, warnings)
  const pulled = await pullAsking(invocation, workspace, {
    reference,
    peers,
    publisher,
    witnesses,
    allAttestations: invocation.options.attestations === true,
  })
  const { entry, cid, tools } = pulled.release
  const { freshness } = pulled
  const clock = freshness === undefined ? [] : clockWarnings(entry, freshness, workspace.now())
  const ofRelease = [...warningsOf(entry), ...clock]
  remarkOn(terminal, ofRelease)
  const out = textOption(invocation, 'out')
  const files = out === undefined ? [] : await writeRelease(workspace.store, pulled.release, out)
  for (const { from, error } of pulled.refused) {
    terminal.remark(`${safe(from)} was refused: ${safe(error.message)} (${error.code})`)
  }
  for (const { from, size } of pulled.behind) {
    terminal.remark(
      `${safe(from)} withholds the newest entries: it shows ${size} of ${entry.checkpoint.size}`,
    )
  }
  if (terminal.isJson) {
    terminal.json({
      verdict: 'VERIFIED',
      name: entry.name,
      version: entry.version,
      publisher: entry.publisher,
      release: cid,
      statement: entry.statement,
      log: { index: entry.position, size: entry.checkpoint.size },
      tools: tools.map((tool) => ({ name: tool.name, cid: tool.cid, surface: tool.surface })),
      from: pulled.from,
      fetched: pulled.fetched,
      refused: pulled.refused.map(({ from, error }) => ({
        from,
        code: error.code,
        message: error.message,
      })),
      behind: pulled.behind,
      ...(freshness === undefined ? {} : { cosigned: { time: freshness.time, by: freshness.by } }),
      ...(pulled.attestations === undefined
        ? {}
        : {
            attestations: {
              added: pulled.attestations.added,
              refused: pulled.attestations.refused.map(errorJson),
            },
          }),
      files,
      warnings: [...warnings, ...ofRelease],
    })
    return
  }
  terminal.line(`VERIFIED ${safe(entry.name)}@${entry.version}`)
  terminal.line(`  publisher  ${entry.publisher}`)
  terminal.line(`  release    ${cid}`)
  terminal.line(`  log        entry ${entry.position} of ${entry.checkpoint.size}`)
  terminal.line(`  from       ${safe(pulled.from)} (${pulled.fetched} blocks fetched)`)
  if (freshness?.time !== undefined) {
    const by = freshness.by.map(safe).join(', ')
    terminal.line(`  cosigned   ${freshness.time.toISOString()} by ${by}`)
  }
  for (const tool of tools) terminal.line(`  tool       ${tool.cid}  ${safe(tool.name)}`)
  if (pulled.attestations !== undefined) {
    terminal.line(`  attested   ${pulled.attestations.added} new attestations`)
  }
  for (const file of files) terminal.line(`  wrote      ${safe(file)}`)
}

async function pullByCid(
  invocation: Invocation,
  workspace: Workspace,
  target: string,
  peers: readonly Peer[],
): Promise<void> {
  const { terminal, signal } = invocation
  const running = { signal, onProgress: terminal.progress }
  const block = await pullBlock(workspace, { cid: parseCid(target), peers }, running)
  const out = textOption(invocation, 'out')
  const files = out === undefined ? [] : [await writeBlock(block, out)]
  if (terminal.isJson) {
    const { cid, from, fetched } = block
    terminal.json({ verdict: 'UNSIGNED', cid, bytes: block.bytes.length, from, fetched, files })
    return
  }
  terminal.line(`Pulled ${block.cid}: the bytes are exactly the ones this CID names.`)
  terminal.line(
    '  A CID does not say who published them; pull by name for a publisher’s signature.',
  )
  terminal.line(`  from       ${safe(block.from)} (${block.fetched} blocks fetched)`)
  for (const file of files) terminal.line(`  wrote      ${safe(file)}`)
}
