// Real corpora live beside the project, in ../shared, and are not shipped with it. Tests that use them skip loudly without.

import { existsSync } from 'node:fs'
import { join } from 'node:path'

/** The path of something under ../shared, or undefined (with a warning) when this machine does not have it. */
export function sharedPath(...parts: string[]): string | undefined {
  const path = join(import.meta.dirname, '..', '..', 'shared', ...parts)
  if (existsSync(path)) return path
  console.warn(`skipped: ../shared/${parts.join('/')} is absent`)
  return undefined
}
