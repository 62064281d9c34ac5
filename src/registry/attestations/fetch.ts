// Asking nodes what they hold about one block. All are asked: what one withholds, another may have.

import type { Cid } from '../../cid/index.ts'
import { isRegistryError, type RegistryError } from '../../lib/index.ts'
import { parseReference } from '../../spec/index.ts'
import type { Peer } from '../peers.ts'
import { assertAskable } from '../private-names.ts'
import type { Running, Workspace } from '../workspace.ts'
import { gatherAttestations } from './gather.ts'

export interface AskedPeer {
  readonly from: string
  /** New here. */
  readonly added: number
  /** What it sent and was refused, or why it could not be asked. */
  readonly refused: readonly RegistryError[]
}

/** Throws NAMESPACE_PRIVATE before anybody is asked; a peer that fails is told, and the others go on. */
export async function fetchAttestations(
  workspace: Workspace,
  { subject, peers }: { readonly subject: Cid; readonly peers: readonly Peer[] },
  running: Running = {},
): Promise<readonly AskedPeer[]> {
  if (peers.length > 0) await assertSubjectAskable(workspace, subject)
  const wanted = { all: true, requirements: [] }
  const asked: AskedPeer[] = []
  for (const peer of peers) {
    const from = peer.label
    try {
      await using source = await peer.open(running)
      const request = { subjects: [subject], wanted, now: workspace.now() }
      const labelled = { ...source, label: from }
      asked.push({
        from,
        ...(await gatherAttestations(workspace.store, labelled, request, running)),
      })
    } catch (error) {
      running.signal?.throwIfAborted()
      if (!isRegistryError(error) || error.code.startsWith('STORE_')) throw error
      asked.push({ from, added: 0, refused: [error] })
    }
  }
  return asked
}

/** A hash tells nobody a name, but who is asked learns that somebody looks for it. */
async function assertSubjectAskable(workspace: Workspace, subject: Cid): Promise<void> {
  for await (const { value } of workspace.store.listRecords('use', { prefix: `${subject}/` })) {
    await assertAskable(workspace, parseReference(Buffer.from(value).toString('utf8')).name)
  }
}
