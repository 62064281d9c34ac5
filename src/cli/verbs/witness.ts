// registry witness list|add|remove|show

import { RegistryError } from '../../lib/index.ts'
import { formatWitness } from '../../log/index.ts'
import { openOwnWitness } from '../../node/index.ts'
import { addWitness, listWitnesses, removeWitness } from '../../registry/index.ts'
import { type Invocation, textOption } from '../command.ts'
import { safe } from '../terminal.ts'

export async function run(invocation: Invocation): Promise<undefined> {
  const [action, target, more] = invocation.args
  if (more === undefined) {
    if (action === 'list' && target === undefined) return await list(invocation)
    if (action === 'show' && target === undefined) return await show(invocation)
    if (action === 'add' && target !== undefined) return await add(invocation, target)
    if (action === 'remove' && target !== undefined) return await remove(invocation, target)
  }
  throw new RegistryError('USAGE', 'Say what to do with which witness.', {
    expected: 'list, add VKEY, remove NAME, or show',
    got: invocation.args.join(' '),
    next: 'See `registry witness --help`.',
  })
}

async function list(invocation: Invocation): Promise<undefined> {
  const { terminal } = invocation
  const { store } = await invocation.workspace()
  const known = await listWitnesses(store)
  const witnesses = known.map(({ witness: { name }, vkey, url = null }) => ({ name, vkey, url }))
  if (terminal.isJson) terminal.json({ witnesses })
  for (const { name, vkey, url } of witnesses) {
    terminal.line(`${safe(name)}${url === null ? '' : `  asked at ${safe(url)}`}`)
    terminal.line(`  ${safe(vkey)}`)
  }
  if (witnesses.length === 0) {
    terminal.remark('No witnesses here yet. Next: `registry witness add VKEY [--url URL]`.')
  }
  return undefined
}

async function add(invocation: Invocation, vkey: string): Promise<undefined> {
  const { terminal } = invocation
  const { store } = await invocation.workspace()
  const {
    witness,
    url = null,
    isNew,
  } = await addWitness(store, vkey, textOption(invocation, 'url'))
  const { name } = witness
  if (terminal.isJson) terminal.json({ name, vkey, url, added: isNew })
  else {
    const what = url === null ? 'its word is kept' : `publishing asks it at ${safe(url)}`
    terminal.line(`${safe(name)} is a witness here${isNew ? '' : ' already'}: ${what}`)
  }
  return undefined
}

async function remove(invocation: Invocation, target: string): Promise<undefined> {
  const { terminal } = invocation
  const { store } = await invocation.workspace()
  const { witness, vkey } = await removeWitness(store, target)
  if (terminal.isJson) terminal.json({ name: witness.name, vkey, removed: true })
  else terminal.line(`${safe(witness.name)} is no witness here any more`)
  return undefined
}

/** This node’s own key, as others copy it. */
async function show(invocation: Invocation): Promise<undefined> {
  const { terminal, home, folder } = invocation
  const file = textOption(invocation, 'config')
  const { cosigner, enabled, listen = null } = await openOwnWitness(home, { file, folder })
  const { name } = cosigner
  const vkey = formatWitness({ name, key: cosigner.signer.key })
  if (terminal.isJson) terminal.json({ name, vkey, enabled, listen })
  else {
    terminal.line(vkey)
    if (!enabled) {
      terminal.remark(
        'This node cosigns nothing until [witness] in node.toml says `enabled = true`.',
      )
    }
  }
  return undefined
}
