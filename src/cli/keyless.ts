// The words of a command about signing without a key: --identity, --signing-config, --oidc-issuer. The code behind them is loaded only when
// one of them is said.

import { RegistryError, readBounded } from '../lib/index.ts'
import type { Workspace } from '../registry/index.ts'
import { loadKeylessSigning } from '../trust/index.ts'
import { type Invocation, textOption } from './command.ts'
import { safe } from './terminal.ts'

const CONFIG_BYTES = 64 * 1024

/** The workspace, with a keyless signer if the command asks for one. Throws USAGE, IDENTITY_MISSING, DOCUMENT_INVALID. */
export async function withKeyless<W extends Workspace>(
  invocation: Invocation,
  workspace: W,
): Promise<W> {
  const identity = textOption(invocation, 'identity')
  const config = textOption(invocation, 'signingConfig')
  const oidcIssuer = textOption(invocation, 'oidcIssuer')
  if (identity === undefined) {
    if (config === undefined && oidcIssuer === undefined) return workspace
    throw new RegistryError('USAGE', 'Say who signs without a key.', {
      expected: '--identity together with --signing-config and --oidc-issuer',
      got: 'no --identity',
      next: 'Add --identity auto to take what the environment offers.',
    })
  }
  const { keylessSignerFrom } = await loadKeylessSigning()
  const { environment: env, signal, terminal } = invocation
  const signingConfig = config === undefined ? undefined : await readBounded(config, CONFIG_BYTES)
  const keyless = keylessSignerFrom(
    { identity, signingConfig, oidcIssuer },
    {
      env,
      signal,
      now: workspace.now,
      show: (prompt) => {
        terminal.remark(`Open this page to say who you are: ${safe(prompt.url)}`)
        if (prompt.kind === 'device') terminal.remark(`Code: ${safe(prompt.code)}`)
      },
    },
  )
  return { ...workspace, keyless }
}
