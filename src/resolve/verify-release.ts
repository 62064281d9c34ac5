// The trust decision about bytes: a proven entry and the bytes it names in, a frozen verified release or a coded error out. Pure.

import { type Cid, cidFromDigest } from '../cid/index.ts'
import { fromHex, RegistryError } from '../lib/index.ts'
import { parseRelease, parseTool, type Release, surfaceDigest } from '../spec/index.ts'
import { assertCid, mismatch } from './mismatch.ts'
import { assertUsable } from './pick.ts'
import type { VerifiedEntry, VerifiedRelease, VerifiedTool, verified } from './verified.ts'

/**
 * Throws HASH_MISMATCH, MISMATCH or MALFORMED codes, NOT_FOUND for a tool whose bytes are missing; REVOKED or TOMBSTONED when the release, a tool or
 * an artifact of it is. Deeply frozen.
 */
export function verifyRelease(
  entry: VerifiedEntry,
  bytes: { readonly release: Uint8Array; readonly tools: ReadonlyMap<Cid, Uint8Array> },
): VerifiedRelease {
  assertCid(entry.release, bytes.release, 'release')
  const release = parseRelease(bytes.release)
  if (release.name !== entry.name || release.version !== entry.version) {
    throw mismatch(
      'SUBJECT_MISMATCH',
      'The release names itself differently from the log entry that signs it.',
      {
        expected: `${entry.name}@${entry.version}`,
        got: `${release.name}@${release.version}`,
      },
    )
  }
  assertUsable(`${entry.name}@${entry.version}`, blocksOf(entry.release, release), entry.notices)
  const tools = Object.entries(release.tools).map(([name, cid]) =>
    verifyTool(name, cid as Cid, bytes.tools.get(cid as Cid)),
  )
  const whole: Omit<VerifiedRelease, typeof verified> = {
    entry,
    cid: entry.release,
    release,
    tools,
  }
  return deepFreeze(whole) as VerifiedRelease
}

/** Everything of a release that a publisher can take back by its hash. */
function blocksOf(cid: Cid, { tools, artifacts = [] }: Release): readonly Cid[] {
  const digests = artifacts.map(({ sha256 }) => cidFromDigest(fromHex(sha256)))
  return [cid, ...(Object.values(tools) as Cid[]), ...digests]
}

function verifyTool(name: string, cid: Cid, bytes: Uint8Array | undefined): VerifiedTool {
  if (bytes === undefined) {
    throw new RegistryError('NOT_FOUND', `The bytes of the tool ${name} are not here.`, {
      expected: cid,
      got: 'nothing',
      next: 'Pull the release again.',
    })
  }
  assertCid(cid, bytes, `tool ${name}`)
  const tool = parseTool(bytes)
  if (tool.name !== name) {
    throw mismatch('SUBJECT_MISMATCH', 'The release lists this tool under another name.', {
      expected: name,
      got: tool.name,
    })
  }
  return { name, cid, surface: surfaceDigest(tool), tool }
}

function deepFreeze<T>(value: T): T {
  if (typeof value === 'object' && value !== null && !Object.isFrozen(value)) {
    Object.freeze(value)
    for (const inner of Object.values(value)) deepFreeze(inner)
  }
  return value
}
