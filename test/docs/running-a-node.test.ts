// docs/running-a-node.md states every key of the configuration with its default, and the metrics and events there are; the files for systemd and
// containers say what they should, as far as what is installed here can tell.

import { spawnSync } from 'node:child_process'
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { utf8 } from '../../src/lib/index.ts'
import { CONFIG } from '../../src/node/config/config.ts'
import { parseConfig } from '../../src/node/config/parse-config.ts'

const root = join(import.meta.dirname, '..', '..')
const read = (...path: readonly string[]): string => readFileSync(join(root, ...path), 'utf8')
const text = read('docs', 'running-a-node.md')

test('the configuration that is shown is the whole one, by its defaults', () => {
  const [, shown = ''] = /```toml\n([\s\S]*?)```/.exec(text) ?? []
  expect(parseConfig(utf8(shown))).toEqual(CONFIG.fallback)
  const { properties } = JSON.parse(read('schema', 'node.schema.json'))
  for (const [key, { properties: inner = {} }] of Object.entries<{ properties?: object }>(
    properties,
  )) {
    for (const name of [key, ...Object.keys(inner)]) expect(shown).toContain(name)
  }
})

test('events and metrics are those of the code', () => {
  const files = ['federation', 'meeting', 'beat'].map((name) => `federation/${name}.ts`)
  const code = [...files, 'serve.ts'].map((file) => read('src', 'node', file)).join('')
  const events = [...code.matchAll(/log\.(?:debug|info|warn|error)\('([a-z-]+)'/g)].map(
    ([, it]) => it,
  )
  expect(events.length).toBeGreaterThan(10)
  for (const event of events) expect(text).toContain(`\`${event}\``)
  const figures = [
    ...read('src', 'node', 'federation', 'figures.ts').matchAll(
      /(?:gauge|counter)\(\s*'([a-z_]+)'/g,
    ),
  ]
  expect(figures.length).toBeGreaterThan(20)
  for (const [, name] of figures) expect(text).toContain(`_${name}`)
})

test('the configuration that is shipped is good', () => {
  const shipped = read('packaging', 'node.toml')
  expect(() => parseConfig(utf8(shipped))).not.toThrow()
})

test('what a burst has taken goes back to the system, however a node is installed', () => {
  const unit = read('packaging', 'toolmark.service').split('\n')
  for (const how of ['MALLOC_MMAP_THRESHOLD_=16384', 'MALLOC_ARENA_MAX=2']) {
    expect(unit).toContain(`Environment=${how}`)
    expect(read('packaging', 'Containerfile')).toMatch(new RegExp(`^ENV .*\\b${how}( |$)`, 'm'))
    expect(text).toContain(`\`${how}\``)
  }
})

test('systemd takes the unit', () => {
  const unit = join(root, 'packaging', 'toolmark.service')
  const { status, stderr, error } = spawnSync('systemd-analyze', ['verify', unit], {
    encoding: 'utf8',
  })
  if (error !== undefined) {
    console.warn('skipped: systemd-analyze is absent')
    return
  }
  expect(stderr).toBe('')
  expect(status).toBe(0)
})
