// registry key list|export|import

import { RegistryError, readBounded } from '../../lib/index.ts'
import { exportKey, importKey, type KeyInfo, listKeys } from '../../trust/index.ts'
import type { Invocation } from '../command.ts'
import { safe } from '../terminal.ts'

/** Far more than any key file takes. */
const KEY_FILE_BYTES = 16 * 1024

export async function run(invocation: Invocation): Promise<undefined> {
  const [action, name, file] = invocation.args
  const { terminal, home } = invocation
  if (action === 'list') return list(invocation, await listKeys(home.keys))
  if (action === 'export' && name !== undefined) {
    const text = await exportKey(home.keys, name, { secret: invocation.options.secret === true })
    if (terminal.isJson) terminal.json({ name, text })
    else terminal.line(text.trimEnd())
    return undefined
  }
  if (action === 'import' && name !== undefined && file !== undefined) {
    const text = Buffer.from(await readBounded(file, KEY_FILE_BYTES)).toString('utf8')
    return list(invocation, [await importKey(home.keys, { name, text })])
  }
  throw new RegistryError('USAGE', 'Say what to do with which key.', {
    expected: 'list, export NAME, or import NAME FILE',
    got: invocation.args.join(' '),
    next: 'See `registry key --help`.',
  })
}

function list({ terminal }: Invocation, keys: readonly KeyInfo[]): undefined {
  if (terminal.isJson) {
    terminal.json({
      keys: keys.map(({ name, type, fingerprint, encrypted }) => ({
        name,
        type,
        fingerprint,
        encrypted,
      })),
    })
    return undefined
  }
  for (const { name, type, fingerprint, encrypted } of keys) {
    terminal.line(
      `${safe(name.padEnd(10))} ${type.padEnd(11)} ${fingerprint}${encrypted ? '  (passphrase)' : ''}`,
    )
  }
  if (keys.length === 0) terminal.remark('No keys here yet. Next: `registry init`.')
  return undefined
}
