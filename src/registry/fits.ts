// Whether a block is what the log that names it says it is: a statement for one name over the release of another would be refused by every
// reader, for good.

import { RegistryError } from '../lib/index.ts'
import { parseRelease, parseTool, type Release } from '../spec/index.ts'

/** What a log or a release says of a block: a release has a version, a tool has none. */
export interface Listed {
  readonly name: string
  readonly version?: string | undefined
}

/** Throws SUBJECT_MISMATCH, and what `parseRelease` throws. */
export function parseListedRelease(bytes: Uint8Array, { name, version }: Listed): Release {
  const release = parseRelease(bytes)
  if (release.name === name && release.version === version) return release
  throw new RegistryError(
    'SUBJECT_MISMATCH',
    'The release names itself differently from the statement that signs it.',
    { expected: `${name}@${version}`, got: `${release.name}@${release.version}` },
  )
}

/** Throws SUBJECT_MISMATCH, and what `parseTool` throws. */
export function assertListedTool(bytes: Uint8Array, { name }: Listed): void {
  const tool = parseTool(bytes)
  if (tool.name === name) return
  throw new RegistryError('SUBJECT_MISMATCH', 'The release lists this tool under another name.', {
    expected: name,
    got: tool.name,
  })
}
