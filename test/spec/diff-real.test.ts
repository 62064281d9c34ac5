// Neighbouring real tools compared with each other: the comparison ends, quickly, with a class for each change.

import { createReadStream } from 'node:fs'
import { createInterface } from 'node:readline'
import { expect, test } from 'vitest'
import type { JsonObject } from '../../src/lib/index.ts'
import { diffTools, type Tool, toolBlock } from '../../src/spec/index.ts'
import { sharedPath } from '../shared.ts'

const MOST = 4000
const path = sharedPath('data', 'tools.jsonl')

test.skipIf(path === undefined)('real tools, each with the next', async () => {
  const met = new Map<string, number>()
  let before: Tool | undefined
  let pairs = 0
  let slowest = 0
  for await (const line of createInterface({ input: createReadStream(path ?? '') })) {
    const tool = toolOf(JSON.parse(line))
    if (tool === undefined) continue
    expect(diffTools(tool, structuredClone(tool))).toBeUndefined()
    if (before !== undefined) {
      const started = process.cpuUsage()
      const diff = diffTools({ ...before, name: 'same' }, { ...tool, name: 'same' })
      slowest = Math.max(slowest, process.cpuUsage(started).user / 1_000)
      for (const risk of diff?.risks ?? []) met.set(risk, (met.get(risk) ?? 0) + 1)
      pairs++
    }
    before = tool
    if (pairs === MOST) break
  }
  expect(pairs).toBe(MOST)
  expect([...met.keys()].sort()).toEqual(['schema-breaking', 'schema-compatible', 'text'])
  expect(slowest).toBeLessThan(1000)
})

function toolOf(row: Record<string, unknown>): Tool | undefined {
  try {
    const inputSchema = (row.parameters ?? { type: 'object' }) as JsonObject
    const { name, description } = row
    return toolBlock({ kind: 'tool/v1', name, description, inputSchema }).tool
  } catch {
    return undefined
  }
}
