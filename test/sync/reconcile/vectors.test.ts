// Conversations with the reference implementation, kept (test/sync/programs/reconcile-vectors.ts): this side says again what it said
// then, byte for byte, and the reference’s own words where both do the same.

import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, test } from 'vitest'
import { fromHex, toHex } from '../../../src/lib/index.ts'
import {
  answerReconcile,
  continueReconcile,
  startReconcile,
} from '../../../src/sync/reconcile/reconcile.ts'
import { type Numbers, numberedItems, numberedSet } from './numbered-items.ts'

interface Vector {
  readonly name: string
  readonly limit: number
  readonly client: Numbers
  readonly server: Numbers
  readonly talks: readonly {
    readonly asking: 'reference' | 'toolmark'
    readonly answering: 'reference' | 'toolmark'
    readonly messages: readonly string[]
  }[]
}

const FOLDER = join(import.meta.dirname, '../../../fixtures/reconcile')
const vectors = readdirSync(FOLDER).map(
  (file) => JSON.parse(readFileSync(join(FOLDER, file), 'utf8')) as Vector,
)

describe.each(vectors)('$name', ({ limit, client, server, talks }) => {
  const options = limit === 0 ? {} : { limit }

  test.each(talks)('asks as $asking asked $answering, and finds all', ({ messages }) => {
    const said: string[] = []
    const [need, have] = [new Set<string>(), new Set<string>()]
    let { state, message } = startReconcile(numberedSet(client), options)
    for (const [i, answer] of messages.entries()) {
      if (i % 2 === 0) continue
      said.push(toHex(message))
      const next = continueReconcile(state, fromHex(answer))
      for (const item of next.need) need.add(toHex(item))
      for (const item of next.have) have.add(toHex(item))
      state = next.state
      if (next.message === undefined) break
      message = next.message
    }
    expect(said).toEqual(messages.filter((_, i) => i % 2 === 0))
    expect([...need].sort()).toEqual(difference(server, client))
    expect([...have].sort()).toEqual(difference(client, server))
  })

  // Where the reference lists a whole range, this side lists what differs: the last conversation is its own.
  test('answers again what it answered', () => {
    const messages = talks.at(-1)?.messages ?? []
    expect(messages.length).toBeGreaterThan(0)
    const items = numberedSet(server)
    for (const [i, message] of messages.entries()) {
      if (i % 2 === 1) continue
      expect(toHex(answerReconcile(items, fromHex(message), options))).toBe(messages[i + 1])
    }
  })
})

test('there are vectors', () => {
  expect(vectors.length).toBeGreaterThanOrEqual(9)
})

function difference(a: Numbers, b: Numbers): readonly string[] {
  const others = new Set(numberedItems(b).map(toHex))
  return numberedItems(a)
    .map(toHex)
    .filter((item) => !others.has(item))
    .sort()
}
