// What an attestation is to be about: a release or tool by name, proven on the way, or any block by its CID.

import { type Cid, parseCid } from '../../cid/index.ts'
import type { PublisherId } from '../../spec/index.ts'
import type { Store } from '../../store/index.ts'
import { verifyName } from '../verify.ts'

export interface Subject {
  readonly cid: Cid
  /** For people: `NAME@VERSION[#TOOL]`, or the CID. */
  readonly name: string
}

/** `reference` is `NAME[@RANGE][#TOOL]` or a CID. Throws what `verifyName` throws, CID_INVALID. */
export async function attestationSubject(
  store: Store,
  reference: string,
  options: { readonly publisher?: PublisherId | undefined } = {},
): Promise<Subject> {
  if (!reference.includes('/')) {
    const cid = parseCid(reference)
    return { cid, name: cid }
  }
  const { cid, tool, release } = await verifyName(store, reference, options)
  const { name, version } = release.entry
  return { cid, name: `${name}@${version}${tool === undefined ? '' : `#${tool}`}` }
}
