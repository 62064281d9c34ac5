import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { cidOf } from '../../src/cid/index.ts'
import { isRegistryError, type RegistryError, toHex, utf8 } from '../../src/lib/index.ts'
import {
  assertLimit,
  FRAME_LIMIT,
  LIMITS,
  type LimitName,
  parseRelease,
  parseTool,
  parseToolkit,
  publisherIdOf,
  releaseBlock,
  splitToolkit,
  surfaceDigest,
  surfaceOf,
  type Tool,
  toolBlock,
} from '../../src/spec/index.ts'
import { RELEASE, TOOL, TOOLKIT } from './samples.ts'

function errorOf(run: () => unknown): RegistryError {
  try {
    run()
  } catch (error) {
    if (isRegistryError(error)) return error
    throw error
  }
  throw new Error('nothing was thrown')
}

const publisher = publisherIdOf(utf8('x'))

describe('parseToolkit', () => {
  it('says file, line and path of what is wrong', () => {
    const text = JSON.stringify({ ...TOOLKIT, version: '1.0' }, null, 2)
    const error = errorOf(() => parseToolkit(utf8(text), { file: 'weather.json' }))
    const line = text.split('\n').findIndex((row) => row.includes('"1.0"')) + 1
    expect(error.code).toBe('VERSION_INVALID')
    expect(error.message).toBe('weather.json: This is not a version.')
    expect(error.details).toMatchObject({ path: '/version', line, got: '"1.0"' })
  })

  it('says the line of a missing field, of a syntax error and of a misspelt key', () => {
    const at = (text: string) => errorOf(() => parseToolkit(utf8(text))).details
    expect(at('{\n"name":"a",\n"version":"1.0.0"\n}')).toMatchObject({ line: 1, path: '' })
    expect(at('{\n"name":"a"\n"version":"1.0.0"}').line).toBe(3)
    expect(
      at('{"name":"a","version":"1.0.0","tools":[\n{"name":"a",\n"inputschema":{}}]}'),
    ).toMatchObject({ line: 3, path: '/tools/0/inputschema' })
  })

  it('refuses two tools of one name', () => {
    const tool = { name: 'same', inputSchema: {} }
    const error = errorOf(() =>
      parseToolkit(utf8(JSON.stringify({ name: 'a', version: '1.0.0', tools: [tool, tool] }))),
    )
    expect(error.message).toBe('Two tools are named "same".')
    expect(error.details).toMatchObject({ path: '/tools/1/name', line: 1 })
  })

  it('accepts property names that programs trip over', () => {
    const properties = {
      constructor: { type: 'string' },
      toString: {},
      $a: {},
      'b[0]': {},
      '@c': {},
    }
    const tool = { name: 'constructor', inputSchema: { type: 'object', properties } }
    const kit = parseToolkit(utf8(JSON.stringify({ name: 'a', version: '1.0.0', tools: [tool] })))
    const { release, tools } = splitToolkit(kit, publisher)
    expect(Object.keys(release.release.tools)).toEqual(['constructor'])
    expect(tools[0]?.tool.inputSchema).toEqual(tool.inputSchema)
  })
})

describe('splitToolkit', () => {
  const kit = parseToolkit(utf8(JSON.stringify(TOOLKIT)))

  it('makes blocks that parse to what was written', () => {
    const { name, version, release, tools } = splitToolkit(kit, publisher)
    expect([name, version]).toEqual(['com.example/weather', '1.2.3-rc.1'])
    expect(tools.map(({ bytes }) => parseTool(bytes))).toEqual(
      kit.tools.map((tool) => ({ ...tool, kind: 'tool/v1' })),
    )
    expect(parseRelease(release.bytes)).toEqual({
      ...kit,
      kind: 'release/v1',
      tools: Object.fromEntries(tools.map(({ tool, cid }) => [tool.name, cid])),
    })
    for (const block of [release, ...tools]) expect(cidOf(block.bytes)).toBe(block.cid)
  })

  it('puts a bare name under the publisher', () => {
    const { name } = splitToolkit({ ...kit, name: 'weather' }, publisher)
    expect(name).toBe(`${publisher}/weather`)
  })

  it('does not depend on the order of keys, and keeps the CID of an unchanged tool', () => {
    const reversed = Object.fromEntries(Object.entries(TOOLKIT).reverse())
    const other = parseToolkit(utf8(JSON.stringify({ ...reversed, version: '9.0.0' }, null, 3)))
    const before = splitToolkit(kit, publisher)
    const after = splitToolkit(other, publisher)
    expect(after.tools.map(({ cid }) => cid)).toEqual(before.tools.map(({ cid }) => cid))
    expect(after.release.cid).not.toBe(before.release.cid)
  })
})

describe('blocks', () => {
  it('are read only in canonical form', () => {
    const { bytes, cid, tool } = toolBlock(TOOL)
    expect(parseTool(bytes)).toEqual(tool)
    expect(cidOf(bytes)).toBe(cid)
    expect(errorOf(() => parseTool(utf8(JSON.stringify(TOOL)))).code).toBe('NOT_CANONICAL')
    expect(errorOf(() => parseRelease(utf8(JSON.stringify(RELEASE)))).code).toBe('NOT_CANONICAL')
    expect(releaseBlock(RELEASE).release).toEqual(RELEASE)
  })

  it('are of one kind only', () => {
    expect(errorOf(() => parseTool(releaseBlock(RELEASE).bytes)).code).toBe('DOCUMENT_INVALID')
    expect(errorOf(() => parseRelease(toolBlock(TOOL).bytes)).code).toBe('DOCUMENT_INVALID')
  })

  it('are refused over their limit before they are parsed', () => {
    const error = errorOf(() => parseTool(new Uint8Array(LIMITS.toolBytes + 1)))
    expect(error.message).toBe('This tool is over the limit toolBytes.')
    expect(error.details).toMatchObject({ expected: 'at most 262144 bytes', got: '262145 bytes' })
    expect(errorOf(() => toolBlock({ ...TOOL, description: 'x'.repeat(262_144) })).code).toBe(
      'LIMIT_EXCEEDED',
    )
    expect(errorOf(() => parseRelease(new Uint8Array(LIMITS.releaseBytes + 1))).code).toBe(
      'LIMIT_EXCEEDED',
    )
  })

  it('never hold a __proto__', () => {
    const hostile = JSON.parse('{"__proto__":{"polluted":1}}')
    expect(errorOf(() => toolBlock({ ...TOOL, _meta: hostile })).code).toBe('JSON_FORBIDDEN_KEY')
    expect(Reflect.get({}, 'polluted')).toBeUndefined()
  })

  it('change their CID with any change of a byte', () => {
    const { bytes, cid } = toolBlock(TOOL)
    fc.assert(
      fc.property(fc.nat(bytes.length - 1), fc.integer({ min: 1, max: 255 }), (at, mask) => {
        const changed = Uint8Array.from(bytes)
        changed[at] = (changed[at] ?? 0) ^ mask
        try {
          expect(toolBlock(parseTool(changed)).cid).not.toBe(cid)
        } catch (error) {
          expect(isRegistryError(error)).toBe(true)
        }
      }),
    )
  })
})

describe('surface', () => {
  const tool = toolBlock(TOOL).tool

  it('is what a model sees', () => {
    expect(Object.keys(surfaceOf(tool)).sort()).toEqual(
      ['annotations', 'description', 'inputSchema', 'name', 'outputSchema', 'title'].sort(),
    )
    expect(surfaceDigest(tool)).toMatch(/^sha256-[0-9a-f]{64}$/)
  })

  it('changes with one character of a description and not with a hint', () => {
    const digest = surfaceDigest(tool)
    const { hints: _, ...bare } = tool
    expect(surfaceDigest({ ...bare, effects: { network: false } } as Tool)).toBe(digest)
    expect(surfaceDigest({ ...tool, description: `${tool.description} ` })).not.toBe(digest)
    expect(surfaceDigest({ ...tool, annotations: {} })).not.toBe(digest)
  })
})

describe('limits', () => {
  it.each(Object.entries(LIMITS))('%s is %d, and the error names it', (name, limit) => {
    assertLimit(name as LimitName, limit)
    const error = errorOf(() => assertLimit(name as LimitName, limit + 1, '/x'))
    expect(error.code).toBe('LIMIT_EXCEEDED')
    expect(error.message).toContain(name)
    expect(error.details.expected).toContain(`${limit}`)
    expect(error.details.got).toContain(`${limit + 1}`)
    expect(error.details.path).toBe('/x')
  })

  it('let the largest block travel in a frame', () => {
    expect(FRAME_LIMIT).toBe(1024 * 1024 + 64 * 1024)
    expect(toHex(new Uint8Array(2))).toBe('0000')
  })
})
