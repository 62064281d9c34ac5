// registry trust check [FILE]: whether a policy can be read, and what it says in a few lines.

import { resolve } from 'node:path'
import { RegistryError } from '../../lib/index.ts'
import { openPolicy } from '../../node/policy-file.ts'
import type { PublisherPolicy } from '../../trust/policy/index.ts'
import { type Invocation, textOption } from '../command.ts'
import { safe } from '../terminal.ts'

export async function check(invocation: Invocation): Promise<undefined> {
  const { terminal, environment, folder, home } = invocation
  const file = invocation.args[0] ?? textOption(invocation, 'policy')
  const { policy, path } = await openPolicy({ file, environment, folder, home })
  if (path === undefined) {
    throw new RegistryError('NOT_FOUND', 'There is no trust policy, so nothing is allowed.', {
      expected: `trust.toml in ${resolve(folder)} or ${home.folder}`,
      got: 'none',
      next: 'Write one: `registry trust init`.',
    })
  }
  const { publishers, advisories, privateNamespaces, quorum } = policy
  if (terminal.isJson) {
    terminal.json({
      path,
      digest: policy.digest,
      default: policy.default,
      quorum: quorum.kind,
      publishers: publishers.map(toJson),
      advisories,
      privateNamespaces,
    })
    return undefined
  }
  terminal.line(`${safe(path)} is a good policy`)
  terminal.line(`  digest     ${policy.digest}`)
  terminal.line(`  default    ${policy.default}`)
  terminal.line(`  quorum     ${quorum.kind === 'none' ? 'none' : safe(quorum.file)}`)
  for (const row of publishers) terminal.line(`  publisher  ${safe(describe(row))}`)
  for (const { id, effect } of advisories) terminal.line(`  advisory   ${id}, ${effect}`)
  for (const namespace of privateNamespaces) terminal.line(`  private    ${safe(namespace)}`)
  if (publishers.length === 0) {
    terminal.remark('It has no publisher, so nothing is allowed: `registry trust add NAMESPACE`.')
  }
  return undefined
}

function describe({ namespace, id, tools, signers, threshold }: PublisherPolicy): string {
  const who = id ?? 'whoever is pinned'
  const by = signers.length === 0 ? '' : `, signed by ${threshold} of ${signers.length}`
  return `${namespace}: ${who}, for ${tools.join(', ')}${by}`
}

function toJson({
  namespace,
  id,
  tools,
  require,
  signers,
  threshold,
  attestations,
}: PublisherPolicy) {
  return {
    namespace,
    id: id ?? null,
    tools,
    require,
    signers: signers.length,
    threshold,
    attestations: attestations.map(({ predicate }) => predicate),
  }
}
