// Looking for text that could deceive: in what is held here, or in a toolkit before it is published. Offline.

import { lintRelease, lintTool, type ReleaseFinding } from '../spec/index.ts'
import type { Store } from '../store/index.ts'
import { type DiffSide, type DiffTarget, readTarget } from './diff.ts'

export interface Linted extends DiffSide {
  readonly findings: readonly ReleaseFinding[]
}

/** Throws what `verifyName` and `verifyCid` throw but UNSIGNED: bytes that nobody vouches for are looked at too. */
export async function lint(store: Store, target: DiffTarget): Promise<Linted> {
  const content = await readTarget(store, target)
  if (content.kind === 'release') return { ...content.side, findings: lintRelease(content) }
  const { name } = content.tool
  const findings = lintTool(content.tool).map((finding) => ({ tool: name, ...finding }))
  return { ...content.side, findings }
}
