import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { isRegistryError, type RegistryError, utf8 } from '../../src/lib/index.ts'
import {
  isBareName,
  isPublisherId,
  parseName,
  parsePublisherId,
  parseReference,
  parseToolName,
  publisherIdOf,
  splitName,
} from '../../src/spec/index.ts'
import { processorMs } from '../support/processor-time.ts'

function readLines(file: string): string[] {
  const path = join(import.meta.dirname, '..', '..', 'fixtures', 'names', file)
  const lines = readFileSync(path, 'utf8').trim().split('\n')
  return lines.map((line) => JSON.parse(line) as string)
}

function messageOf(run: () => unknown, code: 'NAME_INVALID' | 'VERSION_INVALID' = 'NAME_INVALID') {
  try {
    run()
  } catch (error) {
    if (isRegistryError(error, code)) return (error as RegistryError).message
    throw error
  }
  throw new Error('nothing was thrown')
}

const valid = readLines('valid.txt')
const invalid = readLines('invalid.txt')

describe('parseName', () => {
  it.each(valid)('accepts %j', (name) => {
    expect(parseName(name)).toBe(name)
    const { namespace, base } = splitName(name)
    expect(`${namespace}/${base}`).toBe(name)
    expect(parseReference(`${name}@^1.2#get-it`)).toEqual({ name, range: '^1.2', tool: 'get-it' })
  })

  it.each(invalid)('refuses %j', (name) => {
    expect(messageOf(() => parseName(name))).toMatch(/^This is not a name: .+\.$/)
  })

  it('has a hundred invalid names or more', () => {
    expect(new Set(invalid).size).toBeGreaterThanOrEqual(100)
  })

  it.each([
    ['com.example/weather\n', 'character 20 is U+000A, a control character'],
    ['com.ex\u0430mple/weather', 'character 7 is U+0430'],
    ['com.example/we\u200bather', 'character 15 is U+200B, a zero-width character'],
    ['com.example/Weather', 'character 13 is "W", an upper-case letter'],
    ['com.example/wea ther', 'character 16 is a space'],
    ['com%2eexample/x', 'character 4 is "%"'],
    ['weather', 'it has no namespace'],
    ['com..example/x', 'its namespace has an empty label'],
    ['com/weather', 'its namespace is neither a publisher id nor a domain of two or more labels'],
    [`a.${'b'.repeat(65)}/c`, 'a label of its namespace has 65 characters and may have 63'],
    ['a.b/c/d', 'it has more than one "/"'],
    ['a.b/', 'nothing follows the "/"'],
  ])('says of %j: %s', (name, problem) => {
    expect(messageOf(() => parseName(name))).toBe(`This is not a name: ${problem}.`)
  })

  it('refuses what is not a string', () => {
    for (const value of [undefined, null, 1, ['com.example/x'], { toString: () => 'a.b/c' }]) {
      expect(messageOf(() => parseName(value))).toContain('not a string')
    }
  })

  it('answers in time that does not grow with what is hostile about a name', () => {
    for (const text of ['a-'.repeat(50_000), 'a.'.repeat(50_000), `a.b/${'-'.repeat(100_000)}`]) {
      expect(processorMs(() => expect(() => parseName(text)).toThrow())).toBeLessThan(100)
    }
  })
})

describe('publisher ids', () => {
  const id = publisherIdOf(utf8('{"genesis":true}'))

  it('are 53 characters that name exactly one digest', () => {
    expect(id).toHaveLength(53)
    expect(parsePublisherId(id)).toBe(id)
    expect(parseName(`${id}/weather`)).toBe(`${id}/weather`)
    const odd = [id.toUpperCase(), `${id}a`, id.slice(0, -1), `${id.slice(0, -1)}b`, `${id}\n`, 7]
    for (const text of odd) {
      expect(isPublisherId(text)).toBe(false)
      expect(messageOf(() => parsePublisherId(text))).toBe('This is not a publisher id.')
    }
  })

  it('are always what parsePublisherId accepts', () => {
    fc.assert(fc.property(fc.uint8Array(), (bytes) => isPublisherId(publisherIdOf(bytes))))
  })
})

describe('parseReference', () => {
  it('leaves out what is not there', () => {
    expect(parseReference('a.b/c')).toEqual({ name: 'a.b/c', range: undefined, tool: undefined })
    expect(parseReference('a.b/c#t')).toEqual({ name: 'a.b/c', range: undefined, tool: 't' })
    expect(parseReference('a.b/c@latest').range).toBe('latest')
    expect(parseReference('a.b/c@>=1 <2').range).toBe('>=1 <2')
  })

  it('refuses half a reference', () => {
    expect(messageOf(() => parseReference('a.b/c@'), 'VERSION_INVALID')).toContain('range')
    expect(messageOf(() => parseReference('a.b/c@1@2'), 'VERSION_INVALID')).toContain('range')
    expect(messageOf(() => parseReference('a.b/c#'))).toContain('it is empty')
    expect(messageOf(() => parseReference('a.b/c#a#b'))).toContain('"#"')
    expect(messageOf(() => parseReference('weather@1'))).toContain('no namespace')
  })
})

describe('parseToolName', () => {
  it.each(['a', 'get_forecast', 'Get-It.v2', '_', '-', '...', 'a'.repeat(128), 'constructor'])(
    'accepts %s',
    (name) => expect(parseToolName(name)).toBe(name),
  )

  it.each([
    '',
    '.',
    '..',
    'a b',
    'a/b',
    '../a',
    'a\n',
    'é',
    'a\u200b',
    'a'.repeat(129),
    'C:\\x',
    null,
  ])('refuses %j', (name) =>
    expect(messageOf(() => parseToolName(name))).toContain('This is not a tool name'),
  )
})

describe('isBareName', () => {
  it('is the part after the slash', () => {
    expect(['weather', 'a', 'a.b'].every(isBareName)).toBe(true)
    expect(['', 'a/b', 'A', '-a', 'a-', 'a'.repeat(101), 1].some(isBareName)).toBe(false)
  })
})
