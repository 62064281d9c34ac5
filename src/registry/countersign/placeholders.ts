// Whoever may sign an entry, without their keys: enough of them to write down what they have to sign.

import type { Alternatives, Role } from '../../log/index.ts'
import { type AnySigner, equalKeys, keyFingerprint, type PublicKey } from '../../trust/index.ts'

/** As many as the first alternative asks for. None of them signs. */
export function placeholdersFor([roles = []]: Alternatives): readonly AnySigner[] {
  const chosen: PublicKey[] = []
  for (const key of roles.flatMap(({ keys, threshold }) => keys.slice(0, threshold))) {
    if (!chosen.some((other) => equalKeys(other, key))) chosen.push(key)
  }
  const keyless = Math.max(0, ...roles.map(({ keys, threshold }) => threshold - keys.length))
  return [
    ...chosen.map((key) => ({ key, sign: neverSigns })),
    ...Array.from({ length: keyless }, () => ({ kind: 'keyless' as const, sign: neverSigns })),
  ]
}

/** All who may, in whichever alternative: fingerprints of keys, names of identities. */
export function signersNamed(alternatives: Alternatives): readonly string[] {
  return [...new Set(alternatives.flat().flatMap(signersIn))]
}

export function signersIn({ keys, identities = [] }: Role): readonly string[] {
  return [...keys.map(keyFingerprint), ...identities.map(({ san }) => san)]
}

async function neverSigns(): Promise<never> {
  throw new Error('A placeholder was asked to sign.')
}
