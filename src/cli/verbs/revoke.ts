// registry revoke

import { RegistryError } from '../../lib/index.ts'
import { revokeBlock, revokeKey } from '../../registry/index.ts'
import { type Invocation, textOption } from '../command.ts'
import { expandTarget, meansCid } from '../target.ts'
import { assertMeant, keyFiles, report, requireText } from './withdraw.ts'

export async function run(invocation: Invocation): Promise<undefined> {
  const [target] = invocation.args
  const key = textOption(invocation, 'key')
  const reason = requireText(invocation, 'reason', 'why, for everyone who used it')
  const words = { reason, keys: keyFiles(invocation) }
  if (key !== undefined && target === undefined) {
    const lines = [`Key ${key} will sign nothing in your log any more. There is no way back.`]
    await assertMeant(invocation, lines, 'Revoke it?')
    const revoked = await revokeKey(await invocation.workspace(), key, words)
    return report(invocation, revoked, { said: `Revoked key ${key}.`, about: { key } })
  }
  if (key !== undefined || target === undefined) throw oneTarget(key, target)
  const workspace = await invocation.workspace()
  const meant = meansCid(target) ? target : await expandTarget(workspace.store, target)
  const lines = [`${meant} will fail for everyone who uses it. There is no way back.`]
  await assertMeant(invocation, lines, 'Revoke it?')
  const revoked = await revokeBlock(workspace, meant, words)
  return report(invocation, revoked, { said: `Revoked ${meant}.`, about: {} })
}

function oneTarget(key: string | undefined, target: string | undefined): RegistryError {
  return new RegistryError('USAGE', 'Say what to revoke: one thing.', {
    expected: 'a CID or NAME@VERSION, or --key NAME_OR_FINGERPRINT',
    got: [target, key].filter((word) => word !== undefined).join(' and ') || 'nothing',
    next: 'See `registry revoke --help`.',
  })
}
