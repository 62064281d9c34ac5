// registry fork list|show|export|import|accept

import { parseCid } from '../../cid/index.ts'
import { RegistryError, readBounded } from '../../lib/index.ts'
import { createPeerBook, rememberedPeers } from '../../node/index.ts'
import {
  acceptRecovery,
  importFork,
  type KnownFork,
  listForks,
  type Recovery,
  readFork,
  showFork,
  writeBlock,
} from '../../registry/index.ts'
import { type Invocation, listOption, textOption } from '../command.ts'
import { dialerOf } from '../dialer.ts'
import { safe } from '../terminal.ts'

/** The largest block, and the newline that `export` adds. */
const PROOF_BYTES = 1024 * 1024 + 1

export async function run(invocation: Invocation): Promise<undefined> {
  const [action, target, more] = invocation.args
  if (action === 'list' && target === undefined) return await list(invocation)
  if (target !== undefined && more === undefined) {
    if (action === 'show') return await show(invocation, target)
    if (action === 'export') return await exportProof(invocation, target)
    if (action === 'accept') return await accept(invocation, target)
    if (action === 'import') return await importProof(invocation, target)
  }
  throw new RegistryError('USAGE', 'Say what to do with which fork proof.', {
    expected: 'list, show CID, export CID, import FILE, or accept CID',
    got: invocation.args.join(' '),
    next: 'See `registry fork --help`.',
  })
}

async function list(invocation: Invocation): Promise<undefined> {
  const { terminal } = invocation
  const { store } = await invocation.workspace()
  const forks = await listForks(store)
  if (terminal.isJson) terminal.json({ forks })
  for (const fork of forks) print(invocation, fork)
  if (forks.length === 0) terminal.remark('No publisher is known here to have forked its log.')
  return undefined
}

async function show(invocation: Invocation, target: string): Promise<undefined> {
  const { terminal } = invocation
  const { store } = await invocation.workspace()
  const fork = await showFork(store, parseCid(target))
  if (terminal.isJson) terminal.json(fork)
  else print(invocation, fork)
  return undefined
}

async function exportProof(invocation: Invocation, target: string): Promise<undefined> {
  const { terminal } = invocation
  const { store } = await invocation.workspace()
  const cid = parseCid(target)
  const bytes = await readFork(store, cid)
  const out = textOption(invocation, 'out')
  const files = out === undefined ? [] : [await writeBlock({ cid, bytes }, out)]
  const text = Buffer.from(bytes).toString('utf8')
  if (terminal.isJson) terminal.json({ fork: cid, files, text })
  else if (out === undefined) terminal.line(text)
  for (const file of files) terminal.line(`wrote ${safe(file)}`)
  return undefined
}

async function importProof(invocation: Invocation, file: string): Promise<undefined> {
  const { terminal } = invocation
  const bytes = await readBounded(file, PROOF_BYTES)
  const { store } = await invocation.workspace()
  // `export` ends its line, as every answer does.
  const proof = bytes.at(-1) === 0x0a ? bytes.subarray(0, -1) : bytes
  const { fork, isNew } = await importFork(store, proof)
  if (terminal.isJson) {
    terminal.json({ ...fork, imported: isNew })
    return undefined
  }
  terminal.line(
    isNew
      ? 'The proof holds. Everything of this publisher is refused here from now on.'
      : 'This publisher is known here already to have forked its log.',
  )
  print(invocation, fork)
  return undefined
}

async function accept(invocation: Invocation, target: string): Promise<undefined> {
  const { terminal, signal } = invocation
  const workspace = await invocation.workspace()
  const given = listOption(invocation, 'from')
  const addresses = given.length > 0 ? given : await rememberedPeers(workspace.store)
  await using book = createPeerBook(dialerOf(invocation))
  const recovery = await acceptRecovery(
    workspace,
    {
      fork: parseCid(target),
      peers: book.peersAt(addresses),
      isMeant: (found) => isMeant(invocation, found),
    },
    { signal },
  )
  if (terminal.isJson) terminal.json(recovery)
  else {
    for (const line of describe(recovery)) terminal.line(line)
    terminal.line('Its log is believed here again. Pull again what you use of it.')
  }
  return undefined
}

/** A publisher who was forked by a thief looks like one who recovered: a person says who it is. */
async function isMeant(invocation: Invocation, recovery: Recovery): Promise<boolean> {
  if (invocation.options.yes === true) return true
  const lines = describe(recovery)
  const question = 'Has the publisher, or someone you trust, told you that this history goes on?'
  const answer = await invocation.confirm(lines, question)
  if (answer === undefined) for (const line of lines) invocation.terminal.remark(line)
  return answer === true
}

function describe({
  publisher,
  kept,
  abandoned,
  seq,
  reason,
  ...log
}: Recovery): readonly string[] {
  return [
    `${publisher} says by its root keys which history goes on:`,
    `  goes on    ${kept.size} entries with root ${kept.root}`,
    `  given up   ${abandoned.size} entries with root ${abandoned.root}`,
    `  log now    ${log.size} entries with root ${log.root}, from ${safe(log.from)}`,
    `  said       in entry ${seq}${reason === undefined ? '' : `: ${safe(reason)}`}`,
  ]
}

function print({ terminal }: Invocation, { publisher, fork, heads }: KnownFork): void {
  terminal.line(`FORKED ${publisher}`)
  terminal.line(`  proof      ${fork}`)
  for (const { size, root, from } of heads) {
    const who = from === undefined ? '' : `, from ${safe(from)}`
    terminal.line(`  head       ${size} entries with root ${root}${who}`)
  }
}
