// Start-up is mostly imports: what every command loads must not grow unseen (`npm run bench cli` has the time).

import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { expect, test } from 'vitest'

const BIN = join(import.meta.dirname, '..', '..', 'dist', 'bin')

test('what every command loads is words, arguments and the store', async () => {
  const core = await readFile(join(BIN, 'core.js'), 'utf8')
  expect(core.length).toBeLessThan(130_000)
  const parts = [...core.matchAll(/^\/\/#region src\/(\w+)\/(\S+)\.ts$/gm)]
  expect(parts.length).toBeGreaterThan(20)
  const modules = new Set(parts.map(([, module]) => module))
  expect([...modules].sort()).toEqual(['cid', 'cli', 'lib', 'node', 'registry', 'store'])
  const useCases = parts.filter(([, module]) => module === 'registry').map(([, , file]) => file)
  expect(useCases.sort()).toEqual(['read-block', 'withdrawable', 'workspace'])
  expect(core).not.toMatch(/^import .* from "(?!node:|\.\/)/m)
})
