// registry attestations

import type { Cid } from '../../cid/index.ts'
import { createPeerBook } from '../../node/index.ts'
import {
  attestationSubject,
  fetchAttestations,
  type ListedAttestation,
  listAttestations,
  type Workspace,
  writeAttestations,
} from '../../registry/index.ts'
import { parsePublisherId } from '../../spec/index.ts'
import { type Invocation, listOption, textOption } from '../command.ts'
import { dialerOf } from '../dialer.ts'
import { expandTarget, meansCid } from '../target.ts'
import { safe } from '../terminal.ts'
import { errorJson, listedJson, ownerText, signerText } from './attestation-text.ts'

export async function run(invocation: Invocation): Promise<undefined> {
  const { terminal } = invocation
  const [target = ''] = invocation.args
  const workspace = await invocation.workspace()
  const id = textOption(invocation, 'publisher')
  const publisher = id === undefined ? undefined : parsePublisherId(id)
  const reference = meansCid(target) ? target : await expandTarget(workspace.store, target)
  const subject = await attestationSubject(workspace.store, reference, { publisher })
  const peers = await askPeers(invocation, workspace, subject.cid)
  const predicateType = textOption(invocation, 'type')
  const list = await listAttestations(workspace, { subject: subject.cid, predicateType })
  const out = textOption(invocation, 'out')
  const files = out === undefined ? [] : await writeAttestations(list.attestations, out)
  if (terminal.isJson) {
    terminal.json({
      subject: subject.cid,
      name: subject.name,
      attestations: list.attestations.map(listedJson),
      refused: list.refused.map(({ error }) => errorJson(error)),
      peers: peers.map(({ from, added, refused }) => ({
        from,
        added,
        refused: refused.map(errorJson),
      })),
      files,
    })
    return undefined
  }
  for (const one of list.attestations) print(invocation, one)
  for (const { error } of list.refused) terminal.remark(`Not read: ${safe(error.message)}`)
  for (const file of files) terminal.line(`  wrote      ${safe(file)}`)
  if (list.attestations.length === 0) {
    terminal.remark('No attestations here. Ask a node: `registry attestations REF --from ADDRESS`.')
  }
  return undefined
}

async function askPeers(
  invocation: Invocation,
  workspace: Workspace,
  subject: Cid,
): Promise<Awaited<ReturnType<typeof fetchAttestations>>> {
  const { signal, terminal } = invocation
  await using book = createPeerBook(dialerOf(invocation))
  const peers = book.peersAt(listOption(invocation, 'from'))
  const asked = await fetchAttestations(workspace, { subject, peers }, { signal })
  for (const { from, refused } of asked) {
    for (const { message, code } of refused) {
      terminal.remark(`From ${safe(from)}, refused: ${safe(message)} (${code})`)
    }
  }
  return asked
}

function print({ terminal }: Invocation, listed: ListedAttestation): void {
  const { attestation, owners, unknown, from } = listed
  terminal.line(`${unknown?.verdict ?? 'VERIFIED'} ${safe(attestation.predicateType)}`)
  terminal.line(`  signer     ${signerText(attestation.signer)}`)
  for (const owner of owners) terminal.line(`             ${safe(ownerText(owner))}`)
  if (unknown !== undefined) terminal.line(`             ${safe(unknown.message)}`)
  terminal.line(`  statement  ${attestation.statement}`)
  if (from !== undefined) terminal.line(`  from       ${safe(from)}`)
}
