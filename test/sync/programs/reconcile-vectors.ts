// Makes fixtures/reconcile: conversations of the reference implementation with itself and with this one. `node
// test/sync/programs/reconcile-vectors.ts NEGENTROPY`, where NEGENTROPY is js/Negentropy.js of https://github.com/hoytech/negentropy,
// copied to a file that ends in .cjs. Fails where the two implementations do not find the same.

import { writeFileSync } from 'node:fs'
import { createRequire } from 'node:module'
import { join, resolve } from 'node:path'
import { fromHex, toHex } from '../../../src/lib/index.ts'
import {
  answerReconcile,
  continueReconcile,
  startReconcile,
} from '../../../src/sync/reconcile/reconcile.ts'
import { type Numbers, numberedItems, numberedSet } from '../reconcile/numbered-items.ts'

interface Reference {
  NegentropyStorageVector: new () => { insert(time: number, id: Uint8Array): void; seal(): void }
  Negentropy: new (storage: unknown, limit: number) => ReferenceSide
}

interface ReferenceSide {
  initiate(): Promise<string>
  reconcile(message: string): Promise<[string | null, string[], string[]]>
}

interface Asking {
  start(): Promise<string>
  next(
    answer: string,
  ): Promise<{ message: string | undefined; need: readonly string[]; have: readonly string[] }>
}
type Answering = (message: string) => Promise<string>

const CASES: readonly { name: string; limit: number; client: Numbers; server: Numbers }[] = [
  { name: 'empty-both', limit: 0, client: [], server: [] },
  { name: 'empty-client', limit: 0, client: [], server: [[0, 40, 1]] },
  { name: 'empty-server', limit: 0, client: [[0, 40, 1]], server: [] },
  { name: 'equal', limit: 0, client: [[0, 900, 1]], server: [[0, 900, 1]] },
  { name: 'lists', limit: 0, client: [[0, 31, 1]], server: [[5, 45, 1]] },
  { name: 'one-missing', limit: 0, client: [[0, 2_999, 1]], server: [[0, 3_000, 1]] },
  { name: 'ten-each', limit: 0, client: [[10, 10_010, 1]], server: [[0, 10_000, 1]] },
  { name: 'nothing-shared-cut', limit: 4_096, client: [[0, 130, 1]], server: [[130, 300, 1]] },
  { name: 'every-third-cut', limit: 4_096, client: [[0, 330, 3]], server: [[0, 330, 1]] },
]

const [path = ''] = process.argv.slice(2)
const { Negentropy, NegentropyStorageVector } = createRequire(import.meta.url)(
  resolve(path),
) as Reference
const folder = join(import.meta.dirname, '../../../fixtures/reconcile')

for (const { name, limit, client, server } of CASES) {
  const expected = difference(server, client)
  const sides = [
    ['reference', 'reference', referenceClient(client, limit), referenceServer(server, limit)],
    ['toolmark', 'reference', ownClient(client, limit), referenceServer(server, limit)],
    ['reference', 'toolmark', referenceClient(client, limit), ownServer(server, limit)],
  ] as const
  const talks: { asking: string; answering: string; messages: readonly string[] }[] = []
  for (const [asking, answering, ask, answer] of sides) {
    const { messages, need, have } = await talk(ask, answer)
    const found = JSON.stringify([need, have])
    if (found !== JSON.stringify([expected, difference(client, server)])) {
      throw new Error(`${name}: ${asking} and ${answering} find something else`)
    }
    console.log(name, asking, answering, messages.length / 2, messages.join('').length / 2)
    const isNew = !talks.some((one) => one.messages.join() === messages.join())
    if (isNew) talks.push({ asking, answering, messages })
  }
  const vector = { name, limit, client, server, talks }
  writeFileSync(join(folder, `${name}.json`), `${JSON.stringify(vector)}\n`)
}

async function talk(
  ask: Asking,
  answer: Answering,
): Promise<{ messages: string[]; need: string[]; have: string[] }> {
  const messages: string[] = []
  const [need, have] = [new Set<string>(), new Set<string>()]
  for (let message: string | undefined = await ask.start(); message !== undefined; ) {
    const answered = await answer(message)
    messages.push(message, answered)
    const found = await ask.next(answered)
    for (const item of found.need) need.add(item)
    for (const item of found.have) have.add(item)
    message = found.message
  }
  return { messages, need: [...need].sort(), have: [...have].sort() }
}

function reference(numbers: Numbers, limit: number): ReferenceSide {
  const storage = new NegentropyStorageVector()
  for (const item of numberedItems(numbers)) storage.insert(0, item)
  storage.seal()
  return new Negentropy(storage, limit)
}

function referenceClient(numbers: Numbers, limit: number): Asking {
  const side = reference(numbers, limit)
  return {
    start: () => side.initiate(),
    next: async (answer) => {
      const [message, have, need] = await side.reconcile(answer)
      return { message: message ?? undefined, have, need }
    },
  }
}

function referenceServer(numbers: Numbers, limit: number): Answering {
  return async (message) => (await reference(numbers, limit).reconcile(message))[0] ?? ''
}

function ownClient(numbers: Numbers, limit: number): Asking {
  let { state, message } = startReconcile(numberedSet(numbers), limitOf(limit))
  return {
    start: async () => toHex(message),
    next: async (answer) => {
      const next = continueReconcile(state, fromHex(answer))
      state = next.state
      if (next.message !== undefined) message = next.message
      return {
        message: next.message && toHex(next.message),
        need: next.need.map(toHex),
        have: next.have.map(toHex),
      }
    },
  }
}

function ownServer(numbers: Numbers, limit: number): Answering {
  const items = numberedSet(numbers)
  return async (message) => toHex(answerReconcile(items, fromHex(message), limitOf(limit)))
}

function limitOf(limit: number): { readonly limit?: number } {
  return limit === 0 ? {} : { limit }
}

function difference(a: Numbers, b: Numbers): readonly string[] {
  const others = new Set(numberedItems(b).map(toHex))
  return numberedItems(a)
    .map(toHex)
    .filter((item) => !others.has(item))
    .sort()
}
