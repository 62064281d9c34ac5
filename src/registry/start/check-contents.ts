// The bytes themselves: strict, canonical, and in every respect what the lock says and what somebody has approved. Signatures come later.

import type { Cid } from '../../cid/index.ts'
import { RegistryError } from '../../lib/index.ts'
import type { LockedTool } from '../../resolve/index.ts'
import { parseRelease, type Release, readTool, type Tool } from '../../spec/index.ts'
import { once } from './lazily.ts'
import type { Blocks } from './read-held.ts'
import type { Contents, Named } from './types.ts'

/**
 * Throws NOT_FOUND, MALFORMED codes, LOCK_MISMATCH, UNAPPROVED. Tools of the release that nobody has locked are left alone. Contents that are
 * known to be sound are read when somebody looks at them.
 */
export function checkContents({ named, ...blocks }: Blocks, isSound: boolean): Contents {
  const { name, locked } = named
  const bytes = blocks.release ?? missing(locked.release, `The release ${name}`, name)
  const release = once(() => readRelease(named, bytes))
  if (!isSound) release()
  const tools = [...locked.tools].map(([tool, lock], i) => {
    const block = blocks.tools[i] ?? missing(lock.cid, `The tool ${tool} of ${name}`, name)
    const asked = { tool, lock, named }
    const read = once(() => readLocked(asked, block))
    if (!isSound) {
      assertListed(asked, release())
      read()
    }
    assertApproved(asked)
    return { name: tool, cid: lock.cid, surface: lock.surface, read }
  })
  return { release, tools, mayHaveArtifacts: () => isNamed(bytes, 'artifacts') }
}

interface Asked {
  readonly tool: string
  readonly lock: LockedTool
  readonly named: Named
}

/** What canonical text has under a key has that key in it. */
function isNamed(bytes: Uint8Array, key: string): boolean {
  return Buffer.from(bytes.buffer, bytes.byteOffset, bytes.length).includes(`"${key}":`)
}

function readRelease(named: Named, bytes: Uint8Array): Release {
  const release = parseRelease(bytes)
  const got = `${release.name}@${release.version}`
  if (got !== whatOf(named)) {
    throw differs('The release names itself differently from the lockfile.', {
      expected: whatOf(named),
      got,
    })
  }
  return deepFreeze(release)
}

function assertListed({ tool, lock: { cid }, named }: Asked, { tools }: Release): void {
  const listed = Object.hasOwn(tools, tool) ? tools[tool] : undefined
  if (listed === cid) return
  throw differs(`The release ${whatOf(named)} does not list ${tool} as the lockfile does.`, {
    expected: cid,
    got: listed ?? 'no such tool',
  })
}

function readLocked({ tool: name, named, lock: { surface } }: Asked, bytes: Uint8Array): Tool {
  const found = readTool(bytes)
  const what = whatOf(named)
  if (found.tool.name !== name) {
    throw differs(`A tool of ${what} names itself differently from the lockfile.`, {
      expected: name,
      got: found.tool.name,
    })
  }
  if (found.surface !== surface) {
    throw differs(`What a model would see of ${name} in ${what} is not what the lockfile says.`, {
      expected: surface,
      got: found.surface,
    })
  }
  return deepFreeze(found.tool)
}

function whatOf({ name, locked }: Named): string {
  return `${name}@${locked.version}`
}

function missing(cid: Cid, what: string, name: string): never {
  throw new RegistryError('NOT_FOUND', `${what} is locked, and its bytes are not here.`, {
    expected: cid,
    got: 'nothing',
    next: `Fetch what is locked: \`registry install\`; or take it out: \`registry remove ${name}\`.`,
  })
}

/** A lock that says yes to other bytes says nothing about these (T40). */
function assertApproved({ tool, named, lock: { cid, approved } }: Asked): void {
  if (approved?.cid === cid) return
  throw new RegistryError(
    'UNAPPROVED',
    `Nobody has approved the tool ${tool} of ${whatOf(named)}.`,
    {
      expected: `an approval of ${cid}`,
      got: approved === undefined ? 'none' : `an approval of ${approved.cid}`,
      next: `Look at what a model would see, and decide: \`registry update ${named.name} --approve\`.`,
    },
  )
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
