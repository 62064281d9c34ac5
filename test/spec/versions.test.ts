import { describe, expect, it } from 'vitest'
import { isRegistryError } from '../../src/lib/index.ts'
import { isVersion, parseRange, parseVersion, pickVersion } from '../../src/spec/index.ts'

function isRefused(run: () => unknown): boolean {
  try {
    run()
    return false
  } catch (error) {
    if (isRegistryError(error, 'VERSION_INVALID')) return true
    throw error
  }
}

describe('parseVersion', () => {
  it.each(['0.0.0', '1.2.3', '1.0.0-rc.1', '1.0.0-0a', '1.0.0--', '20261121.1.0', '1.0.0-alpha-b'])(
    'accepts %s',
    (version) => expect(parseVersion(version)).toBe(version),
  )

  it.each([
    '',
    '1',
    '1.2',
    'v1.2.3',
    '=1.2.3',
    ' 1.2.3',
    '1.2.3\n',
    '01.2.3',
    '1.2.3-01',
    '1.2.3-',
    '1.2.3-a..b',
    '1.2.3+build',
    '1.2.3-rc+build',
    '1.2.3.4',
    '1.2.x',
    '٣.0.0',
    '9007199254740992.0.0',
    `1.0.0-${'a'.repeat(100)}`,
    'latest',
    1,
    null,
  ])('refuses %j', (version) => {
    expect(isVersion(version)).toBe(false)
    expect(isRefused(() => parseVersion(version))).toBe(true)
  })
})

describe('parseRange', () => {
  it.each(['latest', '1.2.3', '^1', '~1.2', '>=1.0.0 <2', '1.x || 3', '*'])(
    'accepts %s',
    (range) => {
      expect(parseRange(range)).toBe(range)
    },
  )

  it.each(['', 'newest', '^', '1.2.3@', '>=1\n<2', 'x'.repeat(300), undefined])(
    'refuses %j',
    (range) => {
      expect(isRefused(() => parseRange(range))).toBe(true)
    },
  )
})

describe('pickVersion', () => {
  const versions = ['1.9.0', '1.10.0', '2.0.0-rc.1', '0.1.0']
  it.each([
    [undefined, '1.10.0'],
    ['latest', '1.10.0'],
    ['^1', '1.10.0'],
    ['~1.9.0', '1.9.0'],
    ['2.0.0-rc.1', '2.0.0-rc.1'],
    ['^2', undefined],
    ['>=2.0.0-rc.0', '2.0.0-rc.1'],
  ])('picks for %s: %s', (range, version) => {
    expect(pickVersion(versions, range)).toBe(version)
    expect(pickVersion([...versions].reverse(), range)).toBe(version)
  })

  it('falls back to prereleases, and to nothing', () => {
    expect(pickVersion(['1.0.0-b', '1.0.0-a'], undefined)).toBe('1.0.0-b')
    expect(pickVersion([], undefined)).toBeUndefined()
  })
})
