// registry log

import { RegistryError } from '../../lib/index.ts'
import { getOwnPublisher, type LogLine, listLog } from '../../registry/index.ts'
import { parsePublisherId } from '../../spec/index.ts'
import { type Invocation, textOption } from '../command.ts'
import { safe } from '../terminal.ts'

export async function run(invocation: Invocation): Promise<undefined> {
  const { terminal } = invocation
  const [id] = invocation.args
  const { store } = await invocation.workspace()
  const publisher = id === undefined ? await getOwnPublisher(store) : parsePublisherId(id)
  const range = { ...bound(invocation, 'from'), ...bound(invocation, 'to') }
  const entries: LogLine[] = []
  for await (const entry of listLog(store, publisher, range)) {
    if (terminal.isJson) entries.push(entry)
    else terminal.line(describe(entry))
  }
  if (terminal.isJson) terminal.json({ publisher, entries })
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
