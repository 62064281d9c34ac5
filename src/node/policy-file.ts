// Where the trust policy is: the file that was named, else that of TOOLMARK_POLICY, else trust.toml in the current folder, else in the home
// folder. One is used, whole; they are never mixed, but for what is private: a name that any of them hides is hidden.

import { access } from 'node:fs/promises'
import { dirname, join, resolve } from 'node:path'
import { isRegistryError, RegistryError, readBounded } from '../lib/index.ts'
import type { Witness } from '../log/index.ts'
import type { Quorum } from '../resolve/index.ts'
import {
  type AttestationPolicy,
  coversTool,
  POLICY_BYTES,
  type Policy,
  parsePolicy,
} from '../trust/policy/index.ts'
import type { Environment, Home } from './home.ts'

export const POLICY_NAME = 'trust.toml'

export interface PolicyPlace {
  /** Named by a flag or an option. */
  readonly file?: string | undefined
  readonly environment: Environment
  /** The current folder. */
  readonly folder: string
  readonly home: Home
}

export interface FoundPolicy {
  readonly policy: Policy
  /** Undefined where there is no file: that policy denies everything. */
  readonly path: string | undefined
  /** Whose word about the age of a log counts; undefined where the policy says "none". */
  readonly quorum: Quorum | undefined
}

/** Throws POLICY_INVALID with the line, FILE_UNAVAILABLE for a file that was named and cannot be read. */
export async function openPolicy(place: PolicyPlace): Promise<FoundPolicy> {
  const path = await findPolicyFile(place)
  if (path === undefined) return { policy: parsePolicy(''), path, quorum: undefined }
  const policy = await readPolicyFile(path)
  return { policy, path, quorum: await readQuorum(policy, dirname(path)) }
}

/** One that was named is not looked for elsewhere: what a person meant is not replaced by what happens to lie about. */
export async function findPolicyFile(place: PolicyPlace): Promise<string | undefined> {
  const { file, environment, folder } = place
  if (file === '') {
    throw new RegistryError('USAGE', 'The name of the trust policy is empty.', {
      expected: 'the path of a file',
      got: 'nothing',
      next: 'Name a file, or leave `--policy` out.',
    })
  }
  const named = file ?? environment.TOOLMARK_POLICY
  if (named !== undefined && named !== '') return resolve(folder, named)
  return (await usualFiles(place))[0]
}

/** Those that are there, the one that is used first. */
async function usualFiles({ folder, home }: PolicyPlace): Promise<readonly string[]> {
  const found: string[] = []
  for (const path of [resolve(folder, POLICY_NAME), join(home.folder, POLICY_NAME)]) {
    if (await exists(path)) found.push(path)
  }
  return found
}

/** Of every policy that is in reach, so that naming another one for a while tells nobody anything (T13). */
export async function findPrivateNamespaces(place: PolicyPlace): Promise<readonly string[]> {
  const used = await findPolicyFile(place)
  const files = new Set([...(used === undefined ? [] : [used]), ...(await usualFiles(place))])
  const policies = await Promise.all([...files].map(readPolicyFile))
  return [...new Set(policies.flatMap(({ privateNamespaces }) => privateNamespaces))]
}

/** By the rows that cover the name, whatever their tools. */
export async function findAttestationsAsked(
  place: PolicyPlace,
  name: string,
): Promise<readonly AttestationPolicy[]> {
  const path = await findPolicyFile(place)
  if (path === undefined) return []
  const { publishers } = await readPolicyFile(path)
  const rows = publishers.filter(({ tools }) =>
    tools.some((pattern) => coversTool(pattern, name, undefined)),
  )
  return rows.flatMap(({ attestations }) => attestations)
}

/** Everybody whose word the policy’s quorum may count. */
export async function findQuorumWitnesses(place: PolicyPlace): Promise<readonly Witness[]> {
  const { quorum } = await openPolicy(place)
  if (quorum === undefined) return []
  const { witnessesIn } = await import('../resolve/index.ts')
  return witnessesIn(quorum)
}

/** Its path is relative to the policy’s. */
async function readQuorum({ quorum }: Policy, folder: string): Promise<Quorum | undefined> {
  if (quorum.kind === 'none') return undefined
  const { parseQuorum, QUORUM_BYTES } = await import('../resolve/index.ts')
  const path = resolve(folder, quorum.file)
  return parseQuorum(await readBounded(path, QUORUM_BYTES), path)
}

async function readPolicyFile(path: string): Promise<Policy> {
  return parsePolicy(await readPolicyBytes(path), path)
}

async function readPolicyBytes(path: string): Promise<Uint8Array> {
  try {
    return await readBounded(path, POLICY_BYTES)
  } catch (error) {
    if (!isRegistryError(error, 'FILE_UNAVAILABLE')) throw error
    throw new RegistryError('FILE_UNAVAILABLE', 'The trust policy cannot be read.', {
      expected: path,
      got: error.details.got ?? 'nothing',
      next: 'Check the path, or write one there: `registry trust init`.',
      cause: error,
    })
  }
}

async function exists(path: string): Promise<boolean> {
  try {
    await access(path)
    return true
  } catch (cause) {
    // A policy that is there and cannot be reached is no reason to do without.
    return (cause as NodeJS.ErrnoException).code !== 'ENOENT'
  }
}
