// The question of trust that this product is about: a person sees what a model would see of a tool, whole, and says yes or no to those
// bytes. Without a terminal nobody is asked; then a flag has said yes to all of it, or nothing is approved.

import { RegistryError } from '../lib/index.ts'
import type { Proposal, ToolAsked } from '../registry/index.ts'
import { surfaceOf } from '../spec/index.ts'
import type { Invocation } from './command.ts'
import { describeChanges, describeSurface } from './surface-text.ts'
import { safe } from './terminal.ts'

/**
 * The tools that were approved now. Throws UNAPPROVED where nobody can be asked, where a changed tool is refused, or where nothing would
 * be left of a release; PUBLISHER_UNTRUSTED where the policy wants a person’s yes to the release and has none.
 */
export async function approveTools(
  invocation: Invocation,
  proposal: Proposal,
): Promise<ReadonlySet<string>> {
  const { terminal, options } = invocation
  const { asked } = proposal
  await assertPrompted(invocation, proposal)
  const approved = new Set<string>()
  const isSaid = options.approve === true || options.yes === true
  for (const one of asked) {
    const lines = describeAsked(proposal, one)
    const { name } = one.tool
    if (isSaid) {
      for (const line of lines) terminal.remark(line)
      approved.add(name)
      continue
    }
    const answer = await invocation.confirm(lines, `Approve ${safe(name)} as it stands here?`)
    if (answer === undefined) throw nobodyToAsk(invocation, proposal)
    if (answer) approved.add(name)
    else if (one.kind !== 'new') throw refused(proposal, name)
  }
  if (approved.size + proposal.kept.length > 0) return approved
  throw refused(proposal, asked[0]?.tool.name ?? 'every tool')
}

/** A policy that says `prompt` leaves a publisher that it does not know to a person; a script may only pass on that person’s yes. */
async function assertPrompted(invocation: Invocation, proposal: Proposal): Promise<void> {
  const { release, name, isPrompt, error } = proposal
  if (!isPrompt || invocation.options.yes === true) return
  const { publisher, version } = release.entry
  const lines = [
    `The trust policy does not speak of ${safe(name)}.`,
    `  publisher  ${publisher}`,
    `  version    ${version}`,
  ]
  const answer = await invocation.confirm(lines, 'Use it all the same?')
  if (answer === true) return
  if (error !== undefined) throw error
  throw refused(proposal, name)
}

function nobodyToAsk({ terminal }: Invocation, proposal: Proposal): RegistryError {
  const { name, release, asked } = proposal
  for (const line of asked.flatMap((one) => describeAsked(proposal, one))) terminal.remark(line)
  const tools = asked.map(({ tool }) => tool.name).join(', ')
  return new RegistryError('UNAPPROVED', `Nobody has approved ${tools} of ${name}.`, {
    expected: '--approve, or an answer on a terminal',
    got: 'neither',
    next: 'Nothing was written. Look at what a model would see, then run the command again with `--approve`.',
    evidence: { name, version: release.entry.version, tools: asked.map(toJson) },
  })
}

/** With --json, for whatever else shows it to a person. */
function toJson({ kind, tool, before, diff, findings }: ToolAsked): object {
  return {
    kind,
    name: tool.name,
    cid: tool.cid,
    ...(before === undefined ? {} : { before }),
    surface: surfaceOf(tool.tool),
    ...(diff === undefined ? {} : { changes: diff.changes }),
    findings,
  }
}

function refused({ name }: Proposal, tool: string): RegistryError {
  return new RegistryError('UNAPPROVED', `${tool} of ${name} was not approved.`, {
    expected: 'yes',
    got: 'no',
    next: 'Nothing was written; what was locked before stays in use.',
  })
}

const HEADS = {
  new: 'is new',
  changed: 'is not what was approved',
  unapproved: 'was never approved',
} as const

function describeAsked({ name, release }: Proposal, asked: ToolAsked): readonly string[] {
  const { kind, tool, diff, findings } = asked
  const head = `${safe(tool.name)} of ${safe(name)}@${release.entry.version} ${HEADS[kind]}  ${tool.cid}`
  const found = findings.map(
    ({ severity, why, path, excerpt }) =>
      `  ! ${severity}: ${safe(why)} (${safe(path)}: ${safe(excerpt)})`,
  )
  if (diff !== undefined) {
    const seen = diff.visible ? 'a difference' : 'no difference'
    return [head, ...describeChanges(diff), `  A model would see ${seen}.`, ...found]
  }
  const lost =
    kind === 'changed' ? ['  The tool that was approved is not here to compare it with.'] : []
  return [head, ...lost, ...describeSurface(tool.tool), ...found]
}
