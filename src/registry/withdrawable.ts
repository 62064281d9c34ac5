// What of a release can be taken back, or warned of, by its hash.

import { type Cid, cidFromDigest } from '../cid/index.ts'
import { fromHex } from '../lib/index.ts'
import type { VerifiedTool } from '../resolve/index.ts'
import type { Release } from '../spec/index.ts'

/** The release, the tools that are used (all of them unless said), and its artifacts. */
export function withdrawableOf(
  {
    cid,
    release,
    tools,
  }: {
    readonly cid: Cid
    readonly release: Pick<Release, 'artifacts'>
    readonly tools: readonly Pick<VerifiedTool, 'name' | 'cid'>[]
  },
  used?: readonly string[],
): readonly Cid[] {
  const artifacts = (release.artifacts ?? []).map(({ sha256 }) => cidFromDigest(fromHex(sha256)))
  const meant = used === undefined ? tools : tools.filter(({ name }) => used.includes(name))
  return [cid, ...meant.map((tool) => tool.cid), ...artifacts]
}
