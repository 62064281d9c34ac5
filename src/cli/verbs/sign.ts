// registry sign

import { writeWhole } from '../../lib/index.ts'
import {
  countersign,
  formatRequest,
  type RequestedEntry,
  readRequest,
} from '../../registry/index.ts'
import { type Invocation, textOption } from '../command.ts'
import { describeEntry } from '../entry-text.ts'
import { withKeyless } from '../keyless.ts'
import { readRequestFile } from '../signatures.ts'
import { safe } from '../terminal.ts'
import { assertMeant, keyFiles } from './withdraw.ts'

export async function run(invocation: Invocation): Promise<undefined> {
  const { terminal } = invocation
  const [file = ''] = invocation.args
  const request = await readRequestFile(file)
  const entries = readRequest(request)
  const lines = [`For the log of ${request.publisher}:`, ...entries.flatMap(describeEntry)]
  if (invocation.options.yes === true) for (const line of lines) terminal.remark(line)
  await assertMeant(invocation, lines, 'Sign all of this?')
  const workspace = await withKeyless(invocation, await invocation.workspace())
  const {
    kind,
    request: signed,
    signers,
    isChecked,
  } = await countersign(workspace, request, keyFiles(invocation))
  const out = textOption(invocation, 'out') ?? file
  if (kind === 'signed') await writeWhole(out, formatRequest(signed))
  if (terminal.isJson) {
    const { publisher, bundles } = signed
    terminal.json({
      kind,
      file: out,
      publisher,
      entries: entries.map(toJson),
      signers,
      signatures: bundles.length,
      checked: isChecked,
    })
    return undefined
  }
  if (kind === 'unchanged') terminal.line('Nothing to do: these keys have signed it.')
  for (const signer of signers) {
    terminal.line(
      `Signed ${entries.length} ${entries.length === 1 ? 'entry' : 'entries'} as ${safe(signer)}`,
    )
  }
  terminal.line(`  in         ${safe(out)}`)
  if (!isChecked) {
    terminal.remark(
      `warning: this log is not held here up to that entry, so its index was not made again; registry follow ${signed.publisher} keeps it here.`,
    )
  }
  terminal.remark('Nothing is published by this. Send the file back to whoever made it.')
  return undefined
}

function toJson({ statement: { kind, seq, cid, ...said } }: RequestedEntry): object {
  return {
    seq,
    kind,
    statement: cid,
    ...('name' in said ? { name: said.name, version: said.version } : {}),
  }
}
