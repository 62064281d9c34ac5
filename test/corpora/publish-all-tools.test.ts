// Every tool of the corpus goes through publish into one node on disk. Nothing may crash it; what is refused is refused with a
// code, and the counts are printed and add up.

import { createReadStream } from 'node:fs'
import { createInterface } from 'node:readline'
import { expect, test } from 'vitest'
import { canonicalBytes, isRegistryError, type JsonObject } from '../../src/lib/index.ts'
import { checkLog, init, listReleases, publish, verifyName } from '../../src/registry/index.ts'
import { parseToolkit, type Toolkit } from '../../src/spec/index.ts'
import { sharedPath } from '../shared.ts'
import { openTestWorkspace } from '../support/workspace.ts'

const TOOLS = 25_438
/** Toolkits in memory at a time. */
const CHUNK = 1_024

const path = sharedPath('data', 'tools.jsonl')

interface CorpusTool {
  readonly source: string
  readonly id: string
  readonly name: string
  readonly description?: string
  readonly parameters: JsonObject
}

test.skipIf(path === undefined)(
  'every real tool is published into one node or refused with a code',
  async () => {
    await using workspace = await openTestWorkspace('level')
    const { publisher } = await init(workspace)
    const refused = new Map<string, number>()
    const sources = new Map<string, { published: number; refused: number }>()
    const seen = { lines: 0, published: 0 }
    let waiting: Toolkit[] = []
    const flush = async (): Promise<void> => {
      const results = await publish(workspace, waiting)
      expect(results.every(({ kind }) => kind === 'published')).toBe(true)
      seen.published += results.length
      waiting = []
    }
    for await (const line of createInterface({ input: createReadStream(path ?? '') })) {
      const tool = JSON.parse(line) as CorpusTool
      seen.lines++
      const source = sources.get(tool.source) ?? { published: 0, refused: 0 }
      sources.set(tool.source, source)
      try {
        waiting.push(parseToolkit(canonicalBytes(toolkitOf(tool, seen.lines))))
        source.published++
      } catch (error) {
        const code = isRegistryError(error) ? error.code : 'UNCODED'
        refused.set(code, (refused.get(code) ?? 0) + 1)
        source.refused++
      }
      if (waiting.length === CHUNK) await flush()
    }
    await flush()
    report(seen, refused, sources)

    expect(seen.lines).toBe(TOOLS)
    const refusals = [...refused.values()].reduce((sum, count) => sum + count, 0)
    expect(seen.published + refusals).toBe(TOOLS)
    expect([...refused.keys()]).not.toContain('UNCODED')
    expect([...refused.keys()]).not.toContain('UNEXPECTED')
    expect(seen.published).toBeGreaterThan(0)

    const { size } = await checkLog(workspace.store, publisher)
    expect(size).toBe(1 + seen.published)
    let listed = 0
    for await (const { name } of listReleases(workspace.store)) {
      if (listed++ % 2_500 === 0) await verifyName(workspace.store, name)
    }
    expect(listed).toBe(seen.published)
  },
  300_000,
)

/** The name of the release is ours; the tool is the corpus’s, as it is. */
function toolkitOf({ name, description, parameters }: CorpusTool, line: number): JsonObject {
  const tool = { name, ...(description && { description }), inputSchema: parameters }
  return { name: `t-${line}`, version: '1.0.0', tools: [tool] }
}

function report(
  seen: { readonly lines: number; readonly published: number },
  refused: ReadonlyMap<string, number>,
  sources: ReadonlyMap<string, { readonly published: number; readonly refused: number }>,
): void {
  const codes = [...refused].sort().map(([code, count]) => `  ${code}: ${count}`)
  const rows = [...sources]
    .sort()
    .map(
      ([name, { published, refused }]) => `  ${name}: ${published} published, ${refused} refused`,
    )
  console.info(
    [
      `${seen.lines} tools: ${seen.published} published; refused:`,
      ...codes,
      'by source:',
      ...rows,
    ].join('\n'),
  )
}
