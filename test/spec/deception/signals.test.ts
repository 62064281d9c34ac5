// The words that are looked for before a pattern runs: a pattern that could match without one of them would be silent.

import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import * as alone from '../../../src/spec/deception/phrases/alone.ts'
import { findSignal, type Signal, signalsIn } from '../../../src/spec/deception/phrases/signal.ts'
import * as weak from '../../../src/spec/deception/phrases/signals.ts'
import { plainText } from '../../../src/spec/deception/plain/plain-text.ts'
import { textsOf } from '../../../src/spec/deception/texts.ts'
import { sharedPath } from '../../shared.ts'

const FIXTURES = join(import.meta.dirname, '..', '..', '..', 'fixtures', 'deception')
const SIGNALS: readonly [string, Signal][] = Object.entries({ ...alone, ...weak })

async function readTexts(path: string, most: number): Promise<readonly string[]> {
  const lines = (await readFile(path, 'utf8')).trim().split('\n').slice(0, most)
  return lines.flatMap((line) => textsOf(JSON.parse(line)).map(({ text }) => plainText(text).text))
}

test('no pattern matches where none of its words is', async () => {
  const files = [
    'positives',
    'held-out',
    'second-held-out',
    'third-held-out',
    'fourth-held-out',
    'benign',
  ].map((name) => join(FIXTURES, `${name}.jsonl`))
  const tools = sharedPath('data', 'tools.jsonl')
  const texts = [
    ...(await Promise.all(files.map((file) => readTexts(file, 100)))).flat(),
    ...(tools === undefined ? [] : await readTexts(tools, 6000)),
  ]
  const silent = new Map<string, string>()
  let matches = 0
  for (const text of texts) {
    const bits = signalsIn(text)
    for (const [name, signal] of SIGNALS) {
      const [place] = findSignal(text, signal)
      if (place === undefined) continue
      matches++
      if ((bits & signal.bit) === 0) silent.set(name, text.slice(place.start, place.end))
    }
  }
  console.log(`${matches} matches of ${SIGNALS.length} signals in ${texts.length} texts`)
  expect([...silent]).toEqual([])
})
