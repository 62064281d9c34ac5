// registry verify TARGET…: every target is reported; the exit status is the first failure’s.

import { existsSync } from 'node:fs'
import { parseCid } from '../../cid/index.ts'
import { isRegistryError, RegistryError, readBounded } from '../../lib/index.ts'
import {
  type FreshnessAsked,
  freshnessWarnings,
  type Listed,
  listReleases,
  type StatusWarning,
  type Verified,
  verifyBytes,
  verifyCid,
  verifyName,
  warningsOf,
} from '../../registry/index.ts'
import { LIMITS, type PublisherId, parsePublisherId } from '../../spec/index.ts'
import type { Store } from '../../store/index.ts'
import { type Invocation, textOption } from '../command.ts'
import { EXIT } from '../exit.ts'
import { witnessPolicy } from '../freshness.ts'
import { expandTarget, meansCid } from '../target.ts'
import { safe } from '../terminal.ts'
import { remarkOn } from '../warnings.ts'
import { expectedBeside } from './verify-file.ts'

interface Target {
  readonly label: string
  verify(store: Store): Promise<Verified>
}

export async function verifyTargets(invocation: Invocation): Promise<number> {
  const { terminal } = invocation
  const { store, now } = await invocation.workspace()
  const fresh = freshnessAsked(invocation, now())
  const targets = await targetsOf(invocation, store)
  const results: unknown[] = []
  let status = 0
  for (const target of targets) {
    const outcome = await attempt(target, store, fresh)
    if (outcome.kind === 'refused') status ||= EXIT[outcome.error.verdict]
    if (terminal.isJson) results.push({ target: target.label, ...toJson(outcome) })
    else if (outcome.kind === 'refused') terminal.fail(outcome.error)
    else print(invocation, target, outcome)
  }
  if (terminal.isJson) terminal.json({ results })
  return status
}

type Outcome =
  | (Verified & { readonly kind: 'verified'; readonly warnings: readonly StatusWarning[] })
  | { readonly kind: 'refused'; readonly error: RegistryError }

function freshnessAsked(invocation: Invocation, now: Date): FreshnessAsked | undefined {
  const policy = witnessPolicy(invocation)
  const allowStale = invocation.options.requireFresh !== true
  return policy === undefined ? undefined : { policy, allowStale, now }
}

async function attempt(
  target: Target,
  store: Store,
  fresh: FreshnessAsked | undefined,
): Promise<Outcome> {
  try {
    const verified = await target.verify(store)
    const { entry } = verified.release
    const stale = await freshnessWarnings(store, entry, fresh)
    return { kind: 'verified', ...verified, warnings: [...warningsOf(entry), ...stale] }
  } catch (error) {
    if (isRegistryError(error)) return { kind: 'refused', error }
    throw error
  }
}

async function targetsOf(invocation: Invocation, store: Store): Promise<readonly Target[]> {
  const id = textOption(invocation, 'publisher')
  const publisher = id === undefined ? undefined : parsePublisherId(id)
  const targets = invocation.args.map((label): Target => {
    if (meansCid(label)) return { label, verify: (s) => verifyCid(s, parseCid(label)) }
    if (existsSync(label)) return { label, verify: (s) => verifyFile(s, label) }
    return { label, verify: (s) => verifyNamed(s, label, publisher) }
  })
  if (targets.length > 0) return targets
  const all: Target[] = []
  let withdrawn = 0
  for await (const held of listReleases(store)) {
    if (isWithdrawn(held)) {
      withdrawn++
      continue
    }
    const label = `${held.name}@${held.version}`
    all.push({ label, verify: (s) => verifyName(s, label, { publisher: held.publisher }) })
  }
  if (withdrawn > 0) {
    const what = withdrawn === 1 ? '1 release' : `${withdrawn} releases`
    invocation.terminal.remark(`${what} of logs here, withdrawn by the publisher, left out.`)
  }
  if (all.length > 0) return all
  throw new RegistryError('NOTHING_TO_VERIFY', 'There is nothing here to verify.', {
    expected: 'at least one release in the store',
    got: 'none',
    next: 'Pull or publish one first, or name a file or CID.',
  })
}

/** In a log that is kept whole it has its place for ever, and nobody is given it; one that was pulled was pulled for use. */
function isWithdrawn({ from, said }: Listed): boolean {
  return from !== 'pulled' && (said === 'revoked' || said === 'tombstoned')
}

/** A word that is neither a name nor an alias was perhaps meant as a path. */
async function verifyNamed(
  store: Store,
  label: string,
  publisher: PublisherId | undefined,
): Promise<Verified> {
  const reference = await orNoFile(expandTarget(store, label), 'NOT_FOUND')
  return await orNoFile(verifyName(store, reference, { publisher }), 'NAME_INVALID')
}

async function orNoFile<T>(reading: Promise<T>, code: 'NOT_FOUND' | 'NAME_INVALID'): Promise<T> {
  try {
    return await reading
  } catch (error) {
    if (!isRegistryError(error, code)) throw error
    const next = 'Check the path, or write the name as its publisher does.'
    throw new RegistryError(code, `There is no such file here. ${error.message}`, {
      ...error.details,
      expected: 'a file, a CID, namespace/name, or one of your own aliases',
      next: code === 'NAME_INVALID' ? next : (error.details.next ?? next),
    })
  }
}

async function verifyFile(store: Store, path: string): Promise<Verified> {
  const bytes = await readBounded(path, LIMITS.releaseBytes)
  const expected = await expectedBeside(path)
  try {
    return await verifyBytes(store, bytes)
  } catch (error) {
    throw expected === undefined ? error : expected.explain(bytes, error)
  }
}

function toJson(outcome: Outcome): object {
  if (outcome.kind === 'refused') {
    const { code, verdict, message, details } = outcome.error
    const { cause: _cause, ...rest } = details
    return { verdict, error: { code, message, ...rest } }
  }
  const { release, cid, tool, warnings } = outcome
  const { entry } = release
  return {
    verdict: 'VERIFIED',
    cid,
    ...(tool === undefined ? {} : { tool }),
    name: entry.name,
    version: entry.version,
    publisher: entry.publisher,
    release: release.cid,
    statement: entry.statement,
    log: { index: entry.position, size: entry.checkpoint.size },
    warnings,
  }
}

function print(
  { terminal }: Invocation,
  target: Target,
  { release, tool, warnings }: Extract<Outcome, { readonly kind: 'verified' }>,
): void {
  const { entry } = release
  const what = tool === undefined ? '' : `#${tool}`
  terminal.line(`VERIFIED ${safe(target.label)}`)
  terminal.line(`  is         ${safe(`${entry.name}@${entry.version}${what}`)}`)
  terminal.line(`  publisher  ${entry.publisher}`)
  terminal.line(`  log        entry ${entry.position} of ${entry.checkpoint.size}`)
  remarkOn(terminal, warnings)
}
