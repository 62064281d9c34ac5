// The bytes themselves: strict, canonical, and in every respect what the lock says and what somebody has approved. Signatures come later.

import type { Cid } from '../../cid/index.ts'
import { RegistryError } from '../../lib/index.ts'
import type { LockedTool, VerifiedTool } from '../../resolve/index.ts'
import { parseRelease, readTool } from '../../spec/index.ts'
import type { Held } from './read-held.ts'
import type { Contents, Named } from './types.ts'

/** Throws NOT_FOUND, MALFORMED codes, LOCK_MISMATCH, UNAPPROVED. Tools of the release that nobody has locked are left alone. */
export function checkContents(held: Held, named: Named): Contents {
  const { name, locked } = named
  const release = parseRelease(present(held, locked.release, `The release ${name}`, name))
  const what = `${release.name}@${release.version}`
  if (what !== `${name}@${locked.version}`) {
    throw differs('The release names itself differently from the lockfile.', {
      expected: `${name}@${locked.version}`,
      got: what,
    })
  }
  const tools = [...locked.tools].map(([tool, lock]) => {
    const bytes = present(held, lock.cid, `The tool ${tool} of ${name}`, name)
    const listed = Object.hasOwn(release.tools, tool) ? release.tools[tool] : undefined
    if (listed !== lock.cid) {
      throw differs(`The release ${what} does not list ${tool} as the lockfile does.`, {
        expected: lock.cid,
        got: listed ?? 'no such tool',
      })
    }
    return checkTool({ ...lock, tool, what, name }, bytes)
  })
  return { release: deepFreeze(release), tools }
}

function checkTool(
  {
    tool: name,
    what,
    surface,
    cid,
    approved,
    name: release,
  }: LockedTool & {
    readonly tool: string
    readonly what: string
    readonly name: string
  },
  bytes: Uint8Array,
): VerifiedTool {
  const read = readTool(bytes)
  if (read.tool.name !== name) {
    throw differs(`A tool of ${what} names itself differently from the lockfile.`, {
      expected: name,
      got: read.tool.name,
    })
  }
  if (read.surface !== surface) {
    throw differs(`What a model would see of ${name} in ${what} is not what the lockfile says.`, {
      expected: surface,
      got: read.surface,
    })
  }
  if (approved?.cid !== cid)
    throw unapproved({ tool: name, what, cid, release, approved: approved?.cid })
  return Object.freeze({ name, cid, surface, tool: deepFreeze(read.tool) })
}

function present(held: Held, cid: Cid, what: string, name: string): Uint8Array {
  const bytes = held.block(cid)
  if (bytes !== undefined) return bytes
  throw new RegistryError('NOT_FOUND', `${what} is locked, and its bytes are not here.`, {
    expected: cid,
    got: 'nothing',
    next: `Fetch what is locked: \`registry install\`; or take it out: \`registry remove ${name}\`.`,
  })
}

/** A lock that says yes to other bytes says nothing about these (T40). */
function unapproved({
  tool,
  what,
  cid,
  release,
  approved,
}: {
  readonly tool: string
  readonly what: string
  readonly cid: Cid
  readonly release: string
  readonly approved: Cid | undefined
}): RegistryError {
  return new RegistryError('UNAPPROVED', `Nobody has approved the tool ${tool} of ${what}.`, {
    expected: `an approval of ${cid}`,
    got: approved === undefined ? 'none' : `an approval of ${approved}`,
    next: `Look at what a model would see, and decide: \`registry update ${release} --approve\`.`,
  })
}

function differs(
  message: string,
  both: { readonly expected: string; readonly got: string },
): RegistryError {
  return new RegistryError('LOCK_MISMATCH', message, {
    ...both,
    next: 'Do not use it. Take the last good lockfile out of version control; if it was never right, `registry update`.',
  })
}

function deepFreeze<T>(value: T): T {
  if (typeof value !== 'object' || value === null) return value
  Object.freeze(value)
  const members = value as Readonly<Record<string, unknown>>
  for (const key of Object.keys(members)) deepFreeze(members[key])
  return value
}
