// Signing what a draft adds: how, and by whom.

import { RegistryError } from '../../lib/index.ts'
import { equalKeys, type Signer } from '../../trust/index.ts'
import type { Action } from '../entries/actions.ts'
import type { Alternatives } from '../replay/authority.ts'
import { isMet } from '../replay/state.ts'

/** Signs a statement, and answers the bytes of a Sigstore bundle. */
export type SignStatement = (statement: Uint8Array, signer: Signer) => Promise<Uint8Array>

/** Readers count distinct keys of the roles; fail here rather than at every reader. */
export function assertSigners(
  signers: readonly Signer[],
  alternatives: Alternatives,
  kind: Action['kind'],
): void {
  const spkis = new Set(signers.map(({ key }) => key.spki))
  const fits = alternatives.some(
    (roles) =>
      roles.every((role) => isMet(role, spkis)) &&
      signers.every(({ key }) =>
        roles.some((role) => role.keys.some((own) => equalKeys(own, key))),
      ),
  )
  if (fits) return
  const roles = alternatives.map((all) => all.map(({ threshold }) => threshold).join(' and '))
  throw new RegistryError('SIGNER_UNAUTHORIZED', `These keys may not sign a ${kind} entry.`, {
    expected: `${roles.join(' or ')} distinct keys of the role that may`,
    got: `${signers.length} signer${signers.length === 1 ? '' : 's'}`,
    next: 'Use the keys that the log names: `registry publisher show` lists them, `registry key list` shows the keys here.',
  })
}
