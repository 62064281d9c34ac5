import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { isRegistryError, type Json, type RegistryError } from '../../src/lib/index.ts'
import { checkInputSchema, parseToolName, toolBlock } from '../../src/spec/index.ts'
import { sharedPath } from '../shared.ts'
import { processorMs } from '../support/processor-time.ts'

interface Case {
  readonly schema: Json
  readonly code?: string
  readonly path?: string
}

function refusalOf(run: () => unknown): RegistryError | undefined {
  try {
    run()
    return undefined
  } catch (error) {
    if (isRegistryError(error)) return error
    throw error
  }
}

const folder = join(import.meta.dirname, '..', '..', 'fixtures', 'schemas')
const cases = readdirSync(folder).map(
  (file) =>
    [
      file.replace('.json', ''),
      JSON.parse(readFileSync(join(folder, file), 'utf8')) as Case,
    ] as const,
)

describe('checkInputSchema', () => {
  it.each(cases)('%s', (name, { schema, code, path }) => {
    const refusal = refusalOf(() => checkInputSchema(schema, ''))
    expect(refusal?.code).toBe(code)
    expect(refusal === undefined).toBe(!name.endsWith('_fail'))
    if (path !== undefined) expect(refusal?.details.path).toBe(path)
  })

  it('refuses more than 2,000 subschemas and more than 64 KiB', () => {
    const wide = (count: number) => ({
      properties: Object.fromEntries(Array.from({ length: count }, (_, i) => [`p${i}`, {}])),
    })
    expect(refusalOf(() => checkInputSchema(wide(1999), ''))).toBeUndefined()
    expect(refusalOf(() => checkInputSchema(wide(2000), '/inputSchema'))?.details).toEqual({
      expected: 'at most 2000 subschemas',
      got: '2001 subschemas',
      path: '/inputSchema/properties/p1999',
    })
    const error = refusalOf(() => checkInputSchema({ description: 'é'.repeat(33_000) }, ''))
    expect(error?.message).toBe('This JSON Schema is over the limit schemaBytes.')
  })

  it('refuses a nest of anyOf that takes a compiler a minute, at once', () => {
    let nest: Json = { type: 'string' }
    for (let i = 0; i < 14; i++) nest = { anyOf: [nest, { type: 'number', minimum: i }] }
    const check = (): unknown => checkInputSchema({ properties: { a: nest } }, '')
    expect(processorMs(() => refusalOf(check))).toBeLessThan(100)
    const error = refusalOf(check)
    expect(error?.details).toMatchObject({
      expected: 'at most 8 levels of anyOf, oneOf, allOf, not, if',
      got: '9 levels of anyOf, oneOf, allOf, not, if',
    })
  })

  it('says what a remote reference would have to be', () => {
    const schema = { properties: { a: { $ref: 'http://127.0.0.1/x' } } }
    expect(refusalOf(() => checkInputSchema(schema, '/inputSchema'))?.details).toEqual({
      expected: 'a reference inside this schema ("#…")',
      got: '"http://127.0.0.1/x"',
      path: '/inputSchema/properties/a/$ref',
    })
  })
})

describe('real tools', () => {
  const mcp = sharedPath('data', 'mcp')
  it.skipIf(mcp === undefined)('of 46 captured MCP servers all pass', () => {
    const refused: string[] = []
    let count = 0
    for (const file of readdirSync(mcp ?? '')) {
      const list = JSON.parse(readFileSync(join(mcp ?? '', file), 'utf8')) as { tools: object[] }
      for (const tool of list.tools) {
        const refusal = refusalOf(() => toolBlock({ kind: 'tool/v1', ...tool }))
        if (refusal !== undefined) refused.push(`${file}: ${refusal.message}`)
        count++
      }
    }
    expect(refused).toEqual([])
    expect(count).toBe(949)
  })

  const corpus = sharedPath('data', 'tools.jsonl')
  it.skipIf(corpus === undefined)(
    'of 25,438 all are accepted or refused for a known reason',
    () => {
      const refused: Record<string, number> = {}
      for (const line of readFileSync(corpus ?? '', 'utf8')
        .trim()
        .split('\n')) {
        const { name, description, parameters } = JSON.parse(line)
        const named = refusalOf(() => parseToolName(name)) === undefined
        const tool = {
          kind: 'tool/v1',
          name: named ? name : 'x',
          description,
          inputSchema: parameters,
        }
        const refusal = refusalOf(() => toolBlock(tool))
        if (refusal === undefined) continue
        const reason = `${refusal.code} ${refusal.details.path?.split('/').at(-1)}`
        refused[reason] = (refused[reason] ?? 0) + 1
      }
      // Draft-04 booleans are the one form these tools have that later drafts forbid.
      expect(refused).toEqual({
        'SCHEMA_INVALID exclusiveMaximum': expect.any(Number),
        'SCHEMA_INVALID exclusiveMinimum': expect.any(Number),
      })
    },
  )
})
