// registry alias add|list|remove

import { RegistryError } from '../../lib/index.ts'
import { addAlias, listAliases, removeAlias, warnOfName } from '../../registry/index.ts'
import { parseReference } from '../../spec/index.ts'
import type { Invocation } from '../command.ts'
import { meansCid } from '../target.ts'
import { safe } from '../terminal.ts'
import { remarkOn } from '../warnings.ts'

export async function run(invocation: Invocation): Promise<undefined> {
  const [action, word, reference] = invocation.args
  if (action === 'list' && word === undefined) return await list(invocation)
  if (action === 'add' && word !== undefined && reference !== undefined) {
    return await add(invocation, word, reference)
  }
  if (action === 'remove' && word !== undefined && reference === undefined) {
    return await remove(invocation, word)
  }
  throw new RegistryError('USAGE', 'Say what to do with which alias.', {
    expected: 'list, add WORD NAME[@RANGE], or remove WORD',
    got: invocation.args.join(' '),
    next: 'See `registry alias --help`.',
  })
}

async function add(invocation: Invocation, word: string, reference: string): Promise<undefined> {
  const { terminal } = invocation
  assertNoCid(word)
  const { name } = parseReference(reference)
  const { store } = await invocation.workspace()
  const isNew = await addAlias(store, word, reference)
  const warnings = await warnOfName(store, name)
  remarkOn(terminal, warnings)
  if (terminal.isJson) terminal.json({ word, reference, added: isNew, warnings })
  else terminal.line(`${safe(word)} stands for ${safe(reference)}${isNew ? '' : ' already'}`)
  return undefined
}

async function list(invocation: Invocation): Promise<undefined> {
  const { terminal } = invocation
  const { store } = await invocation.workspace()
  const aliases = await Array.fromAsync(listAliases(store))
  if (terminal.isJson) terminal.json({ aliases })
  for (const { word, reference } of aliases) {
    terminal.line(`${safe(word.padEnd(16))} ${safe(reference)}`)
  }
  if (aliases.length === 0) {
    terminal.remark('No aliases here yet. Next: `registry alias add WORD NAME`.')
  }
  return undefined
}

async function remove(invocation: Invocation, word: string): Promise<undefined> {
  const { terminal } = invocation
  const { store } = await invocation.workspace()
  await removeAlias(store, word)
  if (terminal.isJson) terminal.json({ word, removed: true })
  else terminal.line(`${safe(word)} stands for nothing any more`)
  return undefined
}

/** It would never be looked up: a CID is a CID wherever a name may stand. */
function assertNoCid(word: string): void {
  if (!meansCid(word)) return
  throw new RegistryError('NAME_INVALID', 'This word cannot be an alias: it reads as a CID.', {
    expected: 'a short word, for example weather',
    got: word,
    next: 'Choose another word.',
  })
}
