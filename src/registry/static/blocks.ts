// The blocks that entries of a log speak of, as files: a release after its tools, so a release that is there is whole,
// but for what the log itself has withdrawn.

import type { Cid } from '../../cid/index.ts'
import { isRegistryError } from '../../lib/index.ts'
import type { Statement } from '../../log/index.ts'
import { blockFile } from '../../resolve/static/index.ts'
import { parseRelease } from '../../spec/index.ts'
import type { Store } from '../../store/index.ts'
import type { StaticFolder } from './folder.ts'

/** Files that are made durable side by side. */
const AT_ONCE = 16

/** Answers the blocks of releases that the store does not hold, or not in a form that anybody would accept. */
export async function addBlocks(
  store: Store,
  folder: StaticFolder,
  {
    statements,
    tombstoned,
  }: { readonly statements: readonly Statement[]; readonly tombstoned: ReadonlySet<Cid> },
): Promise<readonly Cid[]> {
  const missing: Cid[] = []
  const subjects = new Map(statements.map(({ subject, kind }) => [subject, kind]))
  const queue = [...subjects].filter(([cid]) => !tombstoned.has(cid))
  const worker = async (): Promise<void> => {
    for (let next = queue.shift(); next !== undefined; next = queue.shift()) {
      const [subject, kind] = next
      const lacking = await addSubject(store, folder, { subject, tombstoned })
      // Other entries are whole in themselves.
      if (kind === 'release') missing.push(...lacking)
    }
  }
  await Promise.all(Array.from({ length: AT_ONCE }, worker))
  return missing
}

async function addSubject(
  store: Store,
  folder: StaticFolder,
  { subject, tombstoned }: { readonly subject: Cid; readonly tombstoned: ReadonlySet<Cid> },
): Promise<readonly Cid[]> {
  if (await folder.has(blockFile(subject))) return []
  const [bytes] = await store.findBlocks([subject])
  const tools = bytes === undefined ? undefined : toolsOf(bytes)
  if (bytes === undefined || tools === undefined) return [subject]
  const there = await Promise.all(tools.map((cid) => folder.has(blockFile(cid))))
  const wanted = tools.filter((cid, i) => there[i] !== true && !tombstoned.has(cid))
  const found = await store.findBlocks(wanted)
  for (const [i, cid] of wanted.entries()) {
    const tool = found[i]
    if (tool !== undefined) await folder.add(blockFile(cid), tool)
  }
  const missing = wanted.filter((_, i) => found[i] === undefined)
  if (missing.length === 0) await folder.add(blockFile(subject), bytes)
  return missing
}

/** Undefined for what is not a release. */
function toolsOf(bytes: Uint8Array): readonly Cid[] | undefined {
  try {
    return Object.values(parseRelease(bytes).tools) as readonly Cid[]
  } catch (error) {
    if (isRegistryError(error)) return undefined
    throw error
  }
}
