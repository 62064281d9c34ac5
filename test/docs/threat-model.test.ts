// docs/threat-model.md points at tests: each is there, by its name, in its file.

import { existsSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { expect, test } from 'vitest'

const ROOT = join(import.meta.dirname, '..', '..')
/** Answers that are not built; whoever builds one takes it from here. */
const OPEN: readonly string[] = []

const rows = readFileSync(join(ROOT, 'docs', 'threat-model.md'), 'utf8')
  .split('\n')
  .flatMap((line) => {
    const [, id, , answer = '', tests = ''] = line.split('|').map((cell) => cell.trim())
    return id !== undefined && /^T\d\d$/.test(id) ? [{ id, answer, tests }] : []
  })

test('every threat has a row', () => {
  const first = Array.from({ length: 28 }, (_, i) => `T${String(i + 1).padStart(2, '0')}`)
  expect(rows.map(({ id }) => id)).toEqual([...first, 'T36', 'T37', 'T38'])
  expect(rows.filter(({ tests }) => tests === '—').map(({ id }) => id)).toEqual(OPEN)
  for (const { id, answer } of rows) {
    expect(answer.startsWith('Not built'), id).toBe(OPEN.includes(id))
  }
})

const named = rows
  .filter(({ tests }) => tests !== '—')
  .flatMap(({ id, tests }) => tests.split('; `').map((text) => [id, text.replace(/^`?/, '`')]))

test.each(named)('%s: %s', (id, text) => {
  const [, name = '', file = ''] = /^`(.+)` in `(test\/[^`]+\.test\.ts)`$/.exec(text ?? '') ?? []
  expect(name, `"NAME" in "FILE", for ${id}`).not.toBe('')
  expect(existsSync(join(ROOT, file)), file).toBe(true)
  const source = readFileSync(join(ROOT, file), 'utf8').replaceAll(/\(\s+/g, '(')
  const titles = ["'", '"', '`'].map((quote) => `(${quote}${name}${quote}`)
  expect(
    titles.some((title) => source.includes(title)),
    `${name} in ${file}`,
  ).toBe(true)
})
