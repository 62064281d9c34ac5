// Signing what a draft adds: how, and by whom.

import { RegistryError } from '../../lib/index.ts'
import { type AnySigner, equalKeys, type VerifiedSigner } from '../../trust/index.ts'
import type { Action } from '../entries/actions.ts'
import type { Role } from '../entries/roles.ts'
import type { Alternatives } from '../replay/authority.ts'
import { isMet } from '../replay/state.ts'

/** Signs a statement, and answers the bytes of a Sigstore bundle. */
export type SignStatement = (statement: Uint8Array, signer: AnySigner) => Promise<Uint8Array>

/**
 * Readers count distinct signers of the roles; fail here rather than at every reader. Whom a keyless signature names is known once it is made:
 * `true` asks for that check.
 */
export function assertSigners(
  signers: readonly AnySigner[],
  alternatives: Alternatives,
  kind: Action['kind'],
): boolean {
  const keyed = signers.flatMap((signer): readonly Keyed[] =>
    'kind' in signer ? [] : [{ kind: 'key', key: signer.key }],
  )
  const keyless = signers.length - keyed.length
  const fits = alternatives.some(
    (roles) =>
      roles.every((role) => isMet(lessened(role, keyless), keyed)) &&
      keyed.every(({ key }) => roles.some((role) => role.keys.some((own) => equalKeys(own, key)))),
  )
  if (fits) return keyless > 0
  const roles = alternatives.map((all) => all.map(({ threshold }) => threshold).join(' and '))
  throw new RegistryError('SIGNER_UNAUTHORIZED', `These signers may not sign a ${kind} entry.`, {
    expected: `${roles.join(' or ')} distinct signers of the role that may`,
    got: `${signers.length} signer${signers.length === 1 ? '' : 's'}`,
    next: 'Use the signers that the log names: `registry publisher show` lists them, `registry key list` shows the keys here.',
  })
}

type Keyed = Extract<VerifiedSigner, { readonly kind: 'key' }>

/** What keys have to make up for when this many others sign; a role that names no keyless signer gets no help from them. */
function lessened(role: Role, keyless: number): Role {
  const helping = Math.min(keyless, role.identities?.length ?? 0)
  return { keys: role.keys, threshold: role.threshold - helping }
}
