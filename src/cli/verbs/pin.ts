// registry pin list|accept|remove

import { RegistryError } from '../../lib/index.ts'
import { acceptPin, getPin, listPins, removePin } from '../../registry/index.ts'
import { parsePublisherId } from '../../spec/index.ts'
import type { Invocation } from '../command.ts'
import { safe } from '../terminal.ts'

const HOW_TEXT = {
  flag: 'named by --publisher',
  prompt: 'answered on a terminal',
  own: 'published under here',
  accepted: 'accepted in place of another',
} as const

export async function run(invocation: Invocation): Promise<undefined> {
  const [action, namespace, publisher] = invocation.args
  if (action === 'list' && namespace === undefined) return await list(invocation)
  if (action === 'accept' && namespace !== undefined && publisher !== undefined) {
    return await accept(invocation, namespace, publisher)
  }
  if (action === 'remove' && namespace !== undefined && publisher === undefined) {
    return await remove(invocation, namespace)
  }
  throw new RegistryError('USAGE', 'Say what to do with which pin.', {
    expected: 'list, accept NAMESPACE PUBLISHER, or remove NAMESPACE',
    got: invocation.args.join(' '),
    next: 'See `registry pin --help`.',
  })
}

async function list(invocation: Invocation): Promise<undefined> {
  const { terminal } = invocation
  const { store } = await invocation.workspace()
  const pins = await Array.fromAsync(listPins(store))
  if (terminal.isJson) terminal.json({ pins })
  for (const { namespace, publisher, since, how } of pins) {
    terminal.line(safe(namespace))
    terminal.line(`  publisher  ${publisher}`)
    terminal.line(`  since      ${since}, ${HOW_TEXT[how]}`)
  }
  if (pins.length === 0) {
    terminal.remark(
      'No pins here yet. One is made at first use: `registry pull NAMESPACE/NAME --publisher ID`.',
    )
  }
  return undefined
}

async function accept(invocation: Invocation, namespace: string, id: string): Promise<undefined> {
  const { terminal } = invocation
  const { store, now } = await invocation.workspace()
  const publisher = parsePublisherId(id)
  const old = await getPin(store, namespace)
  if (old.publisher === publisher) {
    if (terminal.isJson) terminal.json({ ...old, old: publisher, changed: false })
    else terminal.line(`${safe(namespace)} is pinned to ${publisher} already`)
    return undefined
  }
  const change = [
    `${safe(namespace)} would change hands here:`,
    `  old        ${old.publisher}  (since ${old.since}, ${HOW_TEXT[old.how]})`,
    `  new        ${publisher}`,
  ]
  await assertMeant(invocation, change, `registry pin accept ${namespace} ${publisher} --yes`)
  const pin = await acceptPin(store, old, { publisher, now: now() })
  if (terminal.isJson) terminal.json({ ...pin, old: old.publisher, changed: true })
  else {
    terminal.line(`${safe(namespace)} is pinned to another publisher now`)
    terminal.line(`  old        ${old.publisher}`)
    terminal.line(`  new        ${publisher}`)
  }
  return undefined
}

/** Whoever takes a namespace over takes over what is run under it: a person says so, or a script that was told to. */
async function assertMeant(
  invocation: Invocation,
  change: readonly string[],
  command: string,
): Promise<void> {
  if (invocation.options.yes === true) return
  const question = 'Has the old publisher, or someone you trust, told you so?'
  const answer = await invocation.confirm(change, question)
  if (answer === true) return
  if (answer === undefined) for (const line of change) invocation.terminal.remark(line)
  throw new RegistryError('USAGE', 'The pin stays as it is: nobody has said yes.', {
    expected: '--yes, or an answer on a terminal',
    got: answer === undefined ? 'neither' : 'no',
    next: `If you are sure: \`${command}\`.`,
  })
}

async function remove(invocation: Invocation, namespace: string): Promise<undefined> {
  const { terminal } = invocation
  const { store } = await invocation.workspace()
  await removePin(store, namespace)
  if (terminal.isJson) terminal.json({ namespace, removed: true })
  else terminal.line(`${safe(namespace)} is pinned to nobody any more`)
  return undefined
}
