// Evidence as a verification would hand it over, all of it good; a test changes what it is about.

import { generateKeyPairSync } from 'node:crypto'
import { cidOf } from '../../../src/cid/index.ts'
import type { Tool } from '../../../src/spec/index.ts'
import {
  decide,
  type Policy,
  parsePublicKey,
  type ReleaseEvidence,
  type VerifiedSigner,
} from '../../../src/trust/index.ts'
import { parsePolicy } from '../../../src/trust/policy/index.ts'
import { ID, ISSUER } from '../policy/samples.ts'

export const NOW = new Date('2026-11-21T12:00:00.000Z')
export const hoursAgo = (hours: number): Date => new Date(Number(NOW) - hours * 3_600_000)

export function keySigner(): Extract<VerifiedSigner, { kind: 'key' }> {
  const { publicKey } = generateKeyPairSync('ec', { namedCurve: 'P-256' })
  const spki = publicKey.export({ format: 'der', type: 'spki' }).toString('base64')
  return { kind: 'key', key: parsePublicKey({ type: 'ecdsa-p256', spki }) }
}

export function identitySigner(
  san: string,
  claims: Readonly<Record<string, string>> = {},
  issuer: string = ISSUER,
): VerifiedSigner {
  return { kind: 'keyless', identity: { issuer, san, claims } }
}

export function tool(name: string, description = 'Says hello.') {
  const block: Tool = { kind: 'tool/v1', name, description, inputSchema: { type: 'object' } }
  return { name, cid: cidOf(Buffer.from(`${name}${description}`)), tool: block }
}

export function evidence(changes: Partial<ReleaseEvidence> = {}): ReleaseEvidence {
  return {
    publisher: ID,
    name: 'com.acme/weather',
    version: '1.4.2',
    release: cidOf(Buffer.from('release')),
    tools: [tool('get_forecast')],
    pinned: undefined,
    signers: [],
    proven: ['release-signature', 'log-inclusion', 'witness-quorum'],
    witnessed: { kind: 'witnesses', first: hoursAgo(100), newest: hoursAgo(1) },
    attestations: [],
    advisories: [],
    lint: () => [],
    ...changes,
  }
}

/** A row of com.acme with this in it, and what stands before it at the top. */
export function policyOf(row: string, top = 'quorum = "none"'): Policy {
  return parsePolicy(
    `version = 1\n${top}\n[[publisher]]\nnamespace = "com.acme"\nid = "${ID}"\n${row}\n`,
  )
}

export function judged(policy: Policy, changes: Partial<ReleaseEvidence> = {}, allowStale = false) {
  return decide(policy, evidence(changes), { now: NOW, allowStale })
}
