// What the linter finds and what it leaves alone, counted: published attacks, attacks written for this project, honest texts that
// look like them, and all the tools that were collected.

import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { lintTool, type Tool } from '../../../src/spec/index.ts'
import { sharedPath } from '../../shared.ts'
import { processorMs } from '../../support/processor-time.ts'

interface Row {
  readonly id?: string
  readonly attack?: string
  readonly source?: string
  readonly name?: string
  readonly description?: string
  readonly inputSchema?: Tool['inputSchema']
  readonly parameters?: Tool['inputSchema']
  readonly tool?: Omit<Tool, 'kind'>
}

const FIXTURES = join(import.meta.dirname, '..', '..', '..', 'fixtures', 'deception')

async function readRows(path: string): Promise<readonly Row[]> {
  const lines = (await readFile(path, 'utf8')).trim().split('\n')
  return lines.map((line) => JSON.parse(line))
}

function toTool({ tool, name = 'tool', description, inputSchema, parameters }: Row) {
  return (
    tool ?? { name, description: description ?? '', inputSchema: inputSchema ?? parameters ?? {} }
  )
}

function isFlagged(row: Row): boolean {
  return lintTool(toTool(row)).some(({ severity }) => severity === 'deceptive')
}

/** Prints the count, and answers the share of rows flagged as deceptive. */
function count(what: string, rows: readonly Row[], wanted: boolean): number {
  const flagged = rows.filter(isFlagged)
  const wrong = rows.filter((row) => isFlagged(row) !== wanted)
  const names = wrong.slice(0, 20).map((row) => row.attack ?? row.id ?? toTool(row).name)
  console.log(`${what}: ${flagged.length} of ${rows.length} flagged; wrong: ${names.join(', ')}`)
  return flagged.length / rows.length
}

test('t39-selection-manipulation: the published attacks are flagged, all of them', async () => {
  const path = sharedPath('data', 'poisoning', 'positives.jsonl')
  if (path !== undefined) expect(count('published', await readRows(path), true)).toBe(1)
})

test('attacks after other publications are flagged, at least nine of ten', async () => {
  const rows = await readRows(join(FIXTURES, 'positives.jsonl'))
  expect(rows.length).toBeGreaterThanOrEqual(30)
  for (const { source } of rows) expect(source).toMatch(/https:\/\//)
  expect(count('positives', rows, true)).toBeGreaterThanOrEqual(0.9)
})

// Each list was written before the rules that were to find it, and found 16 of 20, 19 of 40, 9 of 30 and 20 of 40 at first.
test.each([
  ['held-out.jsonl', 20, 0.95],
  ['second-held-out.jsonl', 40, 0.9],
  ['third-held-out.jsonl', 30, 0.75],
  ['fourth-held-out.jsonl', 40, 0.85],
])('texts of %s stay flagged', async (file, size, share) => {
  const rows = await readRows(join(FIXTURES, file))
  expect(rows).toHaveLength(size)
  expect(count(file, rows, true)).toBeGreaterThanOrEqual(share)
})

test('honest texts about secrets, orders and prompts are not flagged', async () => {
  const rows = await readRows(join(FIXTURES, 'benign.jsonl'))
  expect(rows.length).toBeGreaterThanOrEqual(50)
  expect(count('benign', rows, false)).toBe(0)
})

test('at most 5 % of the honest look-alikes and 2 % of collected tools are flagged', async () => {
  const [tools, alike] = [
    sharedPath('data', 'tools.jsonl'),
    sharedPath('data', 'poisoning', 'benign-lookalikes.jsonl'),
  ]
  if (tools === undefined || alike === undefined) return
  const all = await readRows(tools)
  const byId = new Map(all.map((row) => [row.id, row]))
  const lookalikes = (await readRows(alike)).flatMap(({ id }) => byId.get(id) ?? [])
  expect(lookalikes).toHaveLength(441)
  expect(count('look-alikes', lookalikes, false)).toBeLessThanOrEqual(0.05)
  const drawn = draw(all, 1000)
  const took = processorMs(() => {
    for (const row of drawn) lintTool(toTool(row))
  })
  console.log(`1,000 tools in ${took.toFixed(0)} ms`)
  expect(took).toBeLessThan(2000)
  expect(count('1,000 drawn', drawn, false)).toBeLessThanOrEqual(0.02)
  expect(count('all', all, false)).toBeLessThanOrEqual(0.005)
})

function draw<T>(rows: readonly T[], size: number): readonly T[] {
  let state = 20_260_101
  return Array.from({ length: size }, () => {
    state = (Math.imul(state, 1_664_525) + 1_013_904_223) >>> 0
    return rows[state % rows.length] as T
  })
}
