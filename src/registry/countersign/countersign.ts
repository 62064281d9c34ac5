// Signing what others have prepared: everything in the request is read as the log would read it, then the keys here sign, and nothing is published.

import { type Cid, cidOf } from '../../cid/index.ts'
import { equalBytes, RegistryError } from '../../lib/index.ts'
import {
  actionOf,
  alternativesFor,
  findHead,
  type LogDraft,
  openDraft,
  parseStatement,
  type Statement,
} from '../../log/index.ts'
import { parseTool, type Release, type Tool } from '../../spec/index.ts'
import type { Store } from '../../store/index.ts'
import {
  type AnySigner,
  keyFingerprint,
  readySignatures,
  signStatement,
} from '../../trust/index.ts'
import { assertListedTool, parseListedRelease } from '../fits.ts'
import { findSeenHead } from '../forks.ts'
import { describeKeys, openKeyring } from '../publisher/keyring.ts'
import type { Workspace } from '../workspace.ts'
import { placeholdersFor } from './placeholders.ts'
import type { SignRequest } from './request.ts'

export interface RequestedEntry {
  readonly statement: Statement
  /** For a release: what is in it, whole. */
  readonly content?: { readonly release: Release; readonly tools: readonly Tool[] }
}

export interface Countersigned {
  /** `unchanged` where these signers have signed it before. */
  readonly kind: 'signed' | 'unchanged'
  /** With the new signatures. */
  readonly request: SignRequest
  /** Fingerprints of the keys that have signed now; `keyless` for an identity. */
  readonly signers: readonly string[]
  /** Whether the log is held here, and these are its next entries to the byte: also the index that they sign for. */
  readonly isChecked: boolean
}

/**
 * What the request would put into the log. Throws STATEMENT_INVALID and the MALFORMED codes for what no log takes, SEQUENCE_INVALID for entries that
 * do not follow one another, SUBJECT_MISMATCH for a release that is not what its entry says, NOT_FOUND for one that is not in the request.
 */
export function readRequest(request: SignRequest): readonly RequestedEntry[] {
  const statements = request.statements.map(parseStatement)
  assertSequence(request, statements)
  const blocks = new Map(request.blocks.map((bytes) => [cidOf(bytes), bytes]))
  return statements.map((statement) => {
    if (statement.kind !== 'release') return { statement }
    const release = parseListedRelease(blockOf(blocks, statement.subject), statement)
    const tools = Object.entries(release.tools).map(([name, cid]) => {
      const bytes = blockOf(blocks, cid)
      assertListedTool(bytes, { name })
      return parseTool(bytes)
    })
    return { statement, content: { release, tools } }
  })
}

/** With the named key files, else those here that the request names. Throws KEY_MISSING when there are none, KEY_*, what `readRequest` throws. */
export async function countersign(
  workspace: Workspace,
  request: SignRequest,
  names?: readonly string[],
): Promise<Countersigned> {
  const entries = readRequest(request)
  const isChecked = await assertNext(workspace.store, request, entries)
  const signers = await signersHere(workspace, request, names)
  const ready = readySignatures(request.bundles)
  const fresh = signers.filter((one) => 'kind' in one || ready.signerFor(one.key) === undefined)
  if (fresh.length === 0) return { kind: 'unchanged', request, signers: [], isChecked }
  const bundles = await Promise.all(
    fresh.flatMap((one) => request.statements.map((statement) => signStatement(statement, one))),
  )
  return {
    kind: 'signed',
    request: { ...request, bundles: [...request.bundles, ...bundles] },
    signers: fresh.map((one) => ('kind' in one ? 'keyless' : keyFingerprint(one.key))),
    isChecked,
  }
}

async function signersHere(
  workspace: Workspace,
  { signers }: SignRequest,
  names?: readonly string[],
): Promise<readonly AnySigner[]> {
  const { keys, open } = await openKeyring(workspace)
  const keyless = workspace.keyless === undefined ? [] : [workspace.keyless]
  const asked = keys.filter(({ fingerprint }) => signers.includes(fingerprint))
  // Who says how to sign means that way and no other.
  const isSaid = names !== undefined || keyless.length > 0
  const chosen = names ?? (isSaid ? [] : asked.map(({ name }) => name))
  if (chosen.length + keyless.length === 0) {
    throw new RegistryError('KEY_MISSING', 'None of the keys here is asked to sign this.', {
      expected: signers.join(', '),
      got: describeKeys(keys),
      next: 'Sign where the key is, or import it: `registry key import NAME FILE`.',
    })
  }
  return [...(await Promise.all(chosen.map(open))), ...keyless]
}

function assertSequence({ publisher }: SignRequest, statements: readonly Statement[]): void {
  if (statements.length === 0) throw outOfOrder('one entry or more', 'none')
  for (const [i, { kind, publisher: own, seq, prev }] of statements.entries()) {
    if (own !== publisher) throw outOfOrder(`entries of ${publisher}`, `one of ${own}`)
    if (kind === 'genesis') throw outOfOrder('entries that follow a genesis', 'a genesis')
    const before = statements[i - 1]
    if (before === undefined) continue
    if (seq !== before.seq + 1 || prev !== before.cid) {
      throw outOfOrder(
        `entry ${before.seq + 1}, after ${before.cid}`,
        `entry ${seq}, after ${prev}`,
      )
    }
  }
}

/** As far as the log is known here: who has not seen it cannot know what comes next. Answers whether it is held. */
async function assertNext(
  store: Store,
  { publisher }: SignRequest,
  entries: readonly RequestedEntry[],
): Promise<boolean> {
  const statements = entries.map(({ statement }) => statement)
  const { seq = 0, prev = null } = statements[0] ?? {}
  const [seen, head] = [await findSeenHead(store, publisher), await findHead(store, publisher)]
  if (seen !== undefined && seen.size > seq) {
    throw outOfOrder(`entry ${seen.size} or a later one: the log has grown`, `entry ${seq}`)
  }
  if (head?.size === seq && head.statement !== prev) {
    throw outOfOrder(`an entry after ${head.statement}`, `one after ${prev}`)
  }
  if (head?.size !== seq) return false
  await assertDrafted(await openDraft(store, publisher), statements)
  return true
}

/** Made again from what they say: an entry speaks for the index of all names, which nobody can see in it. */
async function assertDrafted(draft: LogDraft, statements: readonly Statement[]): Promise<void> {
  for (const [i, statement] of statements.entries()) {
    const action = actionOf(statement)
    if (action.kind === 'genesis') continue
    const { authority, size } = draft.state
    const signers = placeholdersFor(alternativesFor(authority, action, size))
    await draft.add(action, ...signers)
    const made = draft.added[i]
    if (made === undefined || !equalBytes(made, statement.bytes)) {
      throw outOfOrder(`what the log held here leads to, ${made && cidOf(made)}`, statement.cid)
    }
  }
}

function blockOf(blocks: ReadonlyMap<Cid, Uint8Array>, cid: Cid): Uint8Array {
  const bytes = blocks.get(cid)
  if (bytes !== undefined) return bytes
  throw new RegistryError('NOT_FOUND', 'The request names a block that is not in it.', {
    expected: cid,
    got: `${blocks.size} other blocks`,
    next: NEXT,
  })
}

const NEXT = 'Sign nothing. Ask for a new request: the same command with `--request FILE`.'

function outOfOrder(expected: string, got: string): RegistryError {
  return new RegistryError(
    'SEQUENCE_INVALID',
    'These entries are not what comes next in the log.',
    {
      expected,
      got,
      next: NEXT,
    },
  )
}
