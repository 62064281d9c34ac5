// Claims about what is in a release: what others have said against it, and what its text does to those who read it.

import { findForbiddenClass } from './characters.ts'
import { type Claim, fails, holds } from './claim.ts'
import type { Judged } from './decide.ts'

export function judgeAdvisories({ policy, evidence, warn }: Judged): Claim {
  const says = 'no adviser of the policy has warned of it'
  const { name, version, advisories } = evidence
  const effectOf = new Map(policy.advisories.map(({ id, effect }) => [id, effect]))
  // One that the policy does not name has no say here, whatever it signs.
  const heard = advisories.filter(({ adviser }) => effectOf.has(adviser))
  const blocking = heard.find(({ adviser }) => effectOf.get(adviser) === 'block')
  for (const { adviser, cid, reason } of heard) {
    if (effectOf.get(adviser) === 'warn') {
      warn(`${adviser} warns of ${cid} in ${name}@${version}: ${reason}`)
    }
  }
  if (blocking === undefined) {
    const count = policy.advisories.length
    return holds('advisories', says, [count === 0 ? 'the policy names none' : `${count} asked`])
  }
  const { adviser, cid, reason } = blocking
  return fails('advisories', says, {
    code: 'REVOKED',
    message: `An adviser of your policy warns of ${name}@${version}.`,
    expected: 'no advisory against it',
    got: `${adviser} against ${cid}: ${reason}`,
    next: 'Do not use it. Update to a release without it, or ask the adviser.',
    evidence: blocking,
  })
}

export function judgeText({ policy, evidence, warn }: Judged): Claim {
  const says = 'its text does not deceive'
  const { name, version, tools } = evidence
  const { forbid } = policy.surface
  for (const { name: tool, tool: block } of forbid.length === 0 ? [] : tools) {
    const found = findForbiddenClass(block, forbid)
    if (found === undefined) continue
    return fails('text', says, {
      code: 'TEXT_DECEPTIVE',
      message: `The tool ${tool} of ${name}@${version} holds a character that the policy forbids.`,
      expected: `no character of the classes ${forbid.join(', ')}`,
      got: found,
      next: 'Do not use it: a model would read what you cannot see. Tell its publisher.',
    })
  }
  const findings = evidence.lint()
  const refused = findings.find(({ severity }) => policy.text[severity] === 'refuse')
  for (const { severity, tool = name, why, excerpt } of findings) {
    if (policy.text[severity] === 'warn') warn(`${tool} in ${name}@${version}: ${why} ${excerpt}`)
  }
  if (refused === undefined) {
    const by = findings.length === 0 ? 'nothing found' : `${findings.length} warnings`
    return holds('text', says, [by])
  }
  const { tool = name, severity, rule, path, excerpt, why } = refused
  return fails('text', says, {
    code: 'TEXT_DECEPTIVE',
    message: `The text of ${tool} in ${name}@${version} could deceive a model or its user. ${why}`,
    expected: `no ${severity} text, by the policy`,
    got: `${rule} at ${path}: ${excerpt}`,
    next: 'Read the text. If it is honest, the policy can warn instead of refusing: [text].',
    evidence: refused,
  })
}
