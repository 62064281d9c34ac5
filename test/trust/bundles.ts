// A signed statement, its bundle as loose JSON to spoil, and one way to verify.

import {
  loadVerifier,
  type PublicKey,
  type Signer,
  signStatement,
  type Verifier,
} from '../../src/trust/index.ts'
import { makeSigner } from './setup.ts'

export const STATEMENT: Uint8Array = Buffer.from(
  '{"_type":"https://in-toto.io/Statement/v1","subject":[]}',
)
export const TYPE = 'application/vnd.in-toto+json'

// biome-ignore lint/suspicious/noExplicitAny: bundles are taken apart and spoilt here.
export type Loose = any

const verifier: Verifier = await loadVerifier()
export const signer: Signer = makeSigner()
export const other: Signer = makeSigner()
export const bundle: Loose = JSON.parse(
  Buffer.from(await signStatement(STATEMENT, signer)).toString(),
)

export function verify(
  bundles: readonly (Loose | Uint8Array)[],
  keys: readonly PublicKey[] = [signer.key],
  threshold = 1,
): readonly PublicKey[] {
  const bytes = bundles.map((b) => (b instanceof Uint8Array ? b : Buffer.from(JSON.stringify(b))))
  return verifier
    .verifyStatement({ statement: STATEMENT, bundles: bytes, keys, threshold })
    .signers.map((signer) => {
      if (signer.kind !== 'key') throw new Error('It was signed without a key.')
      return signer.key
    })
}

/** A bundle that is changed by hand. */
export function spoilt(change: (bundle: Loose) => void): Loose {
  const copy = structuredClone(bundle)
  change(copy)
  return copy
}

export function pae(statement: Uint8Array, type: string = TYPE): Buffer {
  const head = `DSSEv1 ${type.length} ${type} ${statement.length} `
  return Buffer.concat([Buffer.from(head), statement])
}
