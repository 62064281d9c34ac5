// registry trust explain REF: the decision of the policy about a release that is held here, as a tree of claims, each with what it rests
// on. Offline. The exit status is that of the first claim that does not hold.

import { parseCid } from '../../cid/index.ts'
import { openPolicy } from '../../node/policy-file.ts'
import { releaseEvidence, type Verified, verifyCid, verifyName } from '../../registry/index.ts'
import { parseReference, splitName } from '../../spec/index.ts'
import type { Store } from '../../store/index.ts'
import {
  type Claim,
  type Decision,
  decide,
  type Policy,
  verificationSummary,
} from '../../trust/index.ts'
import { type Invocation, textOption } from '../command.ts'
import { EXIT } from '../exit.ts'
import { expandTarget, meansCid } from '../target.ts'
import { safe } from '../terminal.ts'

export async function explain(invocation: Invocation): Promise<number> {
  const { terminal, environment, folder, home, options } = invocation
  const target = invocation.args[0] ?? ''
  const file = textOption(invocation, 'policy')
  const { policy, path, quorum } = await openPolicy({ file, environment, folder, home })
  const { store, now: clock } = await invocation.workspace()
  const now = clock()
  const { release, tool } = await find(store, policy, target)
  const tools = tool === undefined ? release.tools.map(({ name }) => name) : [tool]
  const evidence = await releaseEvidence(store, { policy, quorum }, { release, tools, now })
  const decision = decide(policy, evidence, { now, allowStale: options.allowStale === true })
  if (options.vsa === true) {
    const words = { now, version: invocation.version(), policy: policy.digest }
    terminal.json(verificationSummary(decision, evidence, words))
  } else if (terminal.isJson) {
    const { name, version, release: cid, publisher } = evidence
    const about = { name, version, release: cid, publisher, tools }
    terminal.json({
      ...about,
      policy: { path: path ?? null, digest: policy.digest },
      ...toJson(decision),
    })
  } else print(invocation, decision, path)
  return decision.error === undefined ? 0 : EXIT[decision.error.verdict]
}

/** By the policy’s own word whose log it is, else by the pin. */
async function find(store: Store, { publishers }: Policy, target: string): Promise<Verified> {
  if (meansCid(target)) return await verifyCid(store, parseCid(target))
  const reference = await expandTarget(store, target)
  const { namespace } = splitName(parseReference(reference).name)
  const row = publishers.find((one) => one.namespace === namespace && one.id !== undefined)
  return await verifyName(store, reference, { publisher: row?.id })
}

function toJson({ kind, claim, warnings, error }: Decision) {
  const failure = error && { code: error.code, verdict: error.verdict, message: error.message }
  return {
    decision: kind,
    claims: claim.claims.map(claimJson),
    warnings,
    ...(failure && { failure }),
  }
}

function claimJson({ claim, says, holds, by, claims }: Claim): unknown {
  return { claim, says, holds, by, ...(claims.length > 0 && { claims: claims.map(claimJson) }) }
}

const WORDS = {
  allowed: 'allowed',
  ask: 'not allowed yet: a person has to say yes',
  refused: 'refused',
}

function print({ terminal }: Invocation, decision: Decision, path: string | undefined): void {
  const { kind, claim, warnings, error } = decision
  terminal.line(`${safe(claim.says.replace(/ is allowed$/, ''))}: ${WORDS[kind]}`)
  terminal.line(`  policy     ${path === undefined ? 'none, so nothing is allowed' : safe(path)}`)
  for (const one of claim.claims) printClaim(terminal, one, '  ')
  for (const warning of warnings) terminal.remark(`warning: ${warning}`)
  if (error !== undefined) terminal.fail(error)
}

function printClaim(terminal: Invocation['terminal'], claim: Claim, indent: string): void {
  terminal.line(`${indent}${claim.holds ? 'yes' : 'NO '}  ${safe(claim.says)}`)
  for (const evidence of claim.by) terminal.line(`${indent}       ${safe(evidence)}`)
  for (const one of claim.claims) printClaim(terminal, one, `${indent}     `)
}
