// Reading `tools.lock.json` (docs/lockfile.md, schema/lock.schema.json). Strict: what is not understood is refused with its line, for a
// field that is skipped could be the one that said no.

import { type Cid, parseCid } from '../../cid/index.ts'
import {
  decodeJsonText,
  findForbidden,
  isRegistryError,
  type Json,
  locateLine,
  parseJson,
  RegistryError,
} from '../../lib/index.ts'
import {
  type PublisherId,
  parseName,
  parsePublisherId,
  parseRange,
  parseToolName,
  parseVersion,
} from '../../spec/index.ts'
import { closedObject, countAt, describe, LockFault, mapAt, matching, parsed } from './fields.ts'
import {
  type Approval,
  LOCK_VERSION,
  type Lock,
  type LockedPosition,
  type LockedRelease,
  type LockedTool,
} from './lock.ts'
import { readPlainLock } from './plain-lock.ts'

/** 20,000 tools; a file of 1,000 has about 500 KiB. */
export const LOCK_LIMIT: number = 16 * 1024 * 1024
const KEYS_LIMIT = 200_000
const BY_LENGTH = 100

const DIGEST = {
  pattern: /^sha256-[0-9a-f]{64}$/,
  expected: '"sha256-" and 64 lower-case hex digits',
}
const ROOT = { pattern: /^[0-9a-f]{64}$/, expected: '64 lower-case hex digits' }
const CONFLICT = /^(?:<{7}|\|{7}|={7}|>{7})(?: .*)?$/m
const NEXT = 'Correct that line by hand, or take the last good file out of version control.'

/** Throws LOCK_INVALID with the line. `source` is how the file is called in the message. */
export function parseLock(bytes: Uint8Array, source = 'tools.lock.json'): Lock {
  try {
    const plain = readPlainLock(decodeJsonText(bytes, LOCK_LIMIT))
    return plain ?? readLock(parseJson(bytes, { maxBytes: LOCK_LIMIT, maxKeys: KEYS_LIMIT }))
  } catch (error) {
    const text = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.length).toString('utf8')
    if (error instanceof LockFault) throw faulty(source, text, error)
    if (!isRegistryError(error)) throw error
    throw unreadable(source, text, error)
  }
}

function readLock(value: Json): Lock {
  const fields = closedObject(value, '', ['lockVersion', 'releases', 'revocations'], ['policy'])
  if (fields.lockVersion !== LOCK_VERSION) {
    const next = 'A newer version of this program has written it: update this one.'
    throw new LockFault('/lockVersion', String(LOCK_VERSION), describe(fields.lockVersion), next)
  }
  const releases = mapAt(fields.releases, '/releases', { key: parseName, value: readRelease })
  const revocations = mapAt(fields.revocations, '/revocations', {
    key: parsePublisherId,
    value: (count, path) => countAt(count, path),
  })
  assertCounted(releases, revocations)
  if (fields.policy === undefined) return { releases, revocations }
  return { releases, revocations, policy: matching(fields.policy, '/policy', DIGEST) }
}

function readRelease(value: Json, path: string): LockedRelease {
  const keys = ['version', 'release', 'publisher', 'statement', 'log', 'tools']
  const fields = closedObject(value, path, keys, ['range'])
  const tools = mapAt(fields.tools, `${path}/tools`, { key: parseToolName, value: readTool })
  if (tools.size === 0) throw new LockFault(`${path}/tools`, 'one tool or more', 'none')
  return {
    ...(fields.range === undefined
      ? {}
      : { range: parsed(fields.range, `${path}/range`, parseRange) }),
    version: parsed(fields.version, `${path}/version`, parseVersion),
    release: parsed(fields.release, `${path}/release`, parseCid),
    publisher: parsed(fields.publisher, `${path}/publisher`, parsePublisherId),
    statement: parsed(fields.statement, `${path}/statement`, parseCid),
    log: readPosition(fields.log, `${path}/log`),
    tools,
  }
}

function readPosition(value: Json | undefined, path: string): LockedPosition {
  const fields = closedObject(value, path, ['index', 'size', 'root'])
  const index = countAt(fields.index, `${path}/index`)
  const size = countAt(fields.size, `${path}/size`, 1)
  if (index >= size) throw new LockFault(`${path}/index`, `less than the size ${size}`, `${index}`)
  return { index, size, root: matching(fields.root, `${path}/root`, ROOT) }
}

function readTool(value: Json, path: string): LockedTool {
  const fields = closedObject(value, path, ['cid', 'surface'], ['approved'])
  const cid = parsed(fields.cid, `${path}/cid`, parseCid)
  const surface = matching(fields.surface, `${path}/surface`, DIGEST)
  if (fields.approved === undefined) return { cid, surface }
  return { cid, surface, approved: readApproval(fields.approved, `${path}/approved`, cid) }
}

function readApproval(value: Json, path: string, own: Cid): Approval {
  const fields = closedObject(value, path, ['by', 'cid'])
  const { by } = fields
  // A name that is printed where people decide: one visible line (T41).
  const isName = typeof by === 'string' && by !== '' && by.length <= BY_LENGTH
  if (!isName || findForbidden(by) !== undefined) {
    throw new LockFault(`${path}/by`, `1 to ${BY_LENGTH} visible characters`, describe(by))
  }
  // Nearly always the tool’s own, which has been read.
  return { by, cid: fields.cid === own ? own : parsed(fields.cid, `${path}/cid`, parseCid) }
}

/** A count that is missing would be no floor at all. */
function assertCounted(
  releases: ReadonlyMap<string, LockedRelease>,
  revocations: ReadonlyMap<PublisherId, number>,
): void {
  for (const { publisher } of releases.values()) {
    if (revocations.has(publisher)) continue
    const next = `Add "${publisher}": 0 to it, then run \`registry update\`.`
    throw new LockFault('/revocations', `a count for ${publisher}`, 'none', next)
  }
}

function faulty(
  source: string,
  text: string,
  { path, expected, got, next = NEXT }: LockFault,
): RegistryError {
  const line = locateLine(text, path)
  return invalid(source, {
    expected,
    got,
    path,
    next,
    ...(line === undefined ? {} : { line }),
  })
}

/** Version control writes its marks where both sides changed a line; nobody should have to guess what a parser makes of those. */
function unreadable(source: string, text: string, cause: RegistryError): RegistryError {
  const mark = CONFLICT.exec(text)
  if (mark === null) return invalid(source, { next: NEXT, ...cause.details, cause }, cause.message)
  return invalid(source, {
    expected: 'one version of each line',
    got: 'the marks of a merge conflict',
    line: text.slice(0, mark.index).split('\n').length,
    next: 'Keep what both sides added, take the marks out, then run `registry verify --locked`.',
    cause,
  })
}

function invalid(
  source: string,
  details: RegistryError['details'],
  because?: string,
): RegistryError {
  const why = because === undefined ? '.' : `: ${because}`
  return new RegistryError(
    'LOCK_INVALID',
    `${source} is not a lockfile as it must be${why}`,
    details,
  )
}
