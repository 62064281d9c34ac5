// registry log

import { RegistryError } from '../../lib/index.ts'
import {
  getOwnPublisher,
  type LogLine,
  listForks,
  listLog,
  type ProvenEntry,
  proveEntries,
} from '../../registry/index.ts'
import { type PublisherId, parsePublisherId } from '../../spec/index.ts'
import { type Invocation, textOption } from '../command.ts'
import { EXIT } from '../exit.ts'
import { safe } from '../terminal.ts'

export async function run(invocation: Invocation): Promise<number> {
  const { terminal } = invocation
  const [id] = invocation.args
  const { store } = await invocation.workspace()
  const publisher = id === undefined ? await getOwnPublisher(store) : parsePublisherId(id)
  const range = { ...bound(invocation, 'from'), ...bound(invocation, 'to') }
  const fork = (await listForks(store)).find((known) => known.publisher === publisher)
  if (invocation.options.proof === true) await prove(invocation, publisher, range)
  else await list(invocation, publisher, range)
  if (fork === undefined) return 0
  // What is shown is one of two histories.
  terminal.remark(`FORKED ${publisher}: see \`registry fork show ${fork.fork}\`.`)
  return EXIT.FORKED
}

async function list(
  { terminal, workspace }: Invocation,
  publisher: PublisherId,
  range: { readonly from?: number; readonly to?: number },
): Promise<void> {
  const { store } = await workspace()
  const entries: LogLine[] = []
  for await (const entry of listLog(store, publisher, range)) {
    if (terminal.isJson) entries.push(entry)
    else terminal.line(describe(entry))
  }
  if (terminal.isJson) terminal.json({ publisher, entries })
}

async function prove(
  { terminal, workspace }: Invocation,
  publisher: PublisherId,
  range: { readonly from?: number; readonly to?: number },
): Promise<undefined> {
  const { store } = await workspace()
  const { entries, ...state } = await proveEntries(store, publisher, range)
  const proven: ProvenEntry[] = []
  if (!terminal.isJson) for (const text of state.checkpoint.split('\n')) terminal.line(safe(text))
  for await (const entry of entries) {
    if (terminal.isJson) proven.push(entry)
    else {
      terminal.line(describe(entry))
      for (const hash of entry.inclusion) terminal.line(`        ${hash}`)
    }
  }
  if (terminal.isJson) terminal.json({ publisher, ...state, entries: proven })
  return undefined
}

function describe({ seq, kind, name, version, statement }: LogLine): string {
  const what = name === undefined ? '' : `  ${safe(`${name}@${version}`)}`
  return `${String(seq).padStart(6)}  ${kind.padEnd(8)}  ${statement}${what}`
}

function bound(
  invocation: Invocation,
  name: 'from' | 'to',
): { readonly [key in 'from' | 'to']?: number } {
  const text = textOption(invocation, name)
  if (text === undefined) return {}
  if (/^\d{1,15}$/.test(text)) return { [name]: Number(text) }
  throw new RegistryError('USAGE', `--${name} takes the number of a log entry.`, {
    expected: 'a whole number, 0 or more',
    got: JSON.stringify(text),
    next: 'See `registry log --help`.',
  })
}
