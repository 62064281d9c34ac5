// Every answer of a pull, every field of it, and sampled bytes: changed, the pull is refused with a coded error and nothing of it is
// kept. Generated from a recorded honest pull; the few changes that mean nothing are listed exactly.

import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { isRegistryError, type Verdict } from '../../src/lib/index.ts'
import { pull } from '../../src/registry/index.ts'
import type { Source } from '../../src/resolve/index.ts'
import { type Floor, openMemoryStore, type Store } from '../../src/store/index.ts'
import {
  type ChangedAnswer,
  changedBundles,
  changedItems,
  changedStatements,
  entryOf,
  itemsOf,
  list,
} from '../support/changed-answers.ts'
import { findLeftovers } from '../support/invariants.ts'
import { MEANINGLESS, saysTheSame } from '../support/malleable.ts'
import { byteMutants, mutantsOf } from '../support/mutate.ts'
import { openPublisher, peerOf, type TestPublisher, toolkit } from '../support/publisher.ts'
import { type Recorded, record, replay } from '../support/recorded-source.ts'

const NAME = 'com.example/weather'

let publisher: TestPublisher
let floor: Floor
let recorded: readonly Recorded[]
let listed: ReadonlySet<string>

beforeAll(async () => {
  publisher = await openPublisher()
  const others = Array.from({ length: 20 }, (_, i) => toolkit(`com.example/other-${i}`, '1.0.0', 1))
  await publisher.publish(...others, toolkit(NAME, '1.0.0'))
  ;[floor] = (await publisher.workspace.store.listFloors()) as [Floor]
  await publisher.publish(
    toolkit(NAME, '1.1.0', 2, 'Says more.'),
    toolkit(NAME, '2.0.0', 3, 'Newer.'),
  )
  await publisher.publish(toolkit('com.example/last', '1.0.0', 1))
  recorded = await record(publisher.source, (source) => pullFrom(source))
  const { release } = await pullFrom(publisher.source)
  listed = new Set([release.cid, ...release.tools.map(({ cid }) => cid)])
})

afterAll(() => publisher[Symbol.asyncDispose]())

async function consumer(): Promise<Store> {
  const store = openMemoryStore()
  await store.commit({ floors: [floor] })
  return store
}

async function pullFrom(source: Source, store?: Store) {
  const workspace = { ...publisher.workspace, store: store ?? (await consumer()) }
  return pull(workspace, { reference: NAME, peers: [peerOf(source)], publisher: publisher.id })
}

interface Outcome {
  readonly accepted: readonly string[]
  readonly faults: readonly string[]
  readonly verdicts: readonly Verdict[]
  readonly tried: number
}

/** Pulls once for each changed answer to `question`. */
async function attack(question: string, answers: Iterable<ChangedAnswer>): Promise<Outcome> {
  const accepted: string[] = []
  const faults: string[] = []
  const verdicts = new Set<Verdict>()
  let tried = 0
  for (const { label, answer } of answers) {
    tried += 1
    const store = await consumer()
    try {
      const { release } = await pullFrom(
        replay(publisher.source, recorded, { question, answer }),
        store,
      )
      accepted.push(label)
      if (release.entry.version !== '2.0.0') faults.push(`${label}: got ${release.entry.version}`)
    } catch (error) {
      if (!isRegistryError(error) || error.verdict === 'FAILED') faults.push(`${label}: ${error}`)
      else verdicts.add(error.verdict)
      const leftovers = await findLeftovers(store, { listed, floors: [floor] })
      faults.push(...leftovers.map((fault) => `${label}: ${fault}`))
    }
  }
  return { accepted, faults, verdicts: [...verdicts].sort(), tried }
}

function find(method: keyof Source, nth = 0): Recorded {
  const found = recorded.filter((one) => one.method === method)[nth]
  if (found === undefined) throw new Error(`the pull never asked ${method} ${nth}`)
  return found
}

test('the recorded pull asks every question there is', () => {
  const asked = recorded.map(({ method }) => method)
  const counts = Object.fromEntries(asked.map((m) => [m, asked.filter((x) => x === m).length]))
  expect(counts).toEqual({
    checkpoint: 1,
    entries: 3,
    consistency: 1,
    inclusion: 2,
    indexPath: 2,
    blocks: 2,
  })
})

describe('checkpoint', () => {
  test('only lines by strangers, and the same signature again, mean nothing', async () => {
    const { question, answer } = find('checkpoint')
    if (answer.kind !== 'note') throw new Error('a note expected')
    const notes = [...mutantsOf(answer.bytes, 'note')].map(({ label, bytes }) => ({
      label,
      answer: { kind: 'note', bytes } as const,
    }))
    const outcome = await attack(question, notes)
    expect(outcome.faults).toEqual([])
    // C2SP signed-note: "verifiers MUST ignore signatures from unknown keys"; the text is untouched by both.
    expect(outcome.accepted).toEqual(['line 5: twice', 'signature by a stranger added'])
    // NOT_FOUND: of a larger size, whose entries the live source has not.
    expect(outcome.verdicts).toEqual(['MALFORMED', 'MISMATCH', 'NOT_FOUND'])
    expect(outcome.tried).toBeGreaterThan(100)
  })
})

describe.each([
  ['genesis', 0],
  ['head', 1],
  ['entry', 2],
])('%s', (_, nth) => {
  test('no change of the statement is accepted, whatever the bundle says', async () => {
    const { question, answer } = find('entries', nth)
    const outcome = await attack(question, changedStatements(entryOf(answer)))
    expect(outcome.faults).toEqual([])
    expect(outcome.accepted).toEqual([])
    expect(outcome.verdicts).toEqual(['MALFORMED', 'MISMATCH'])
    expect(outcome.tried).toBeGreaterThan(400)
  })

  test('of a bundle, only what is never trusted may change', async () => {
    const { question, answer } = find('entries', nth)
    const [bundle] = entryOf(answer).bundles as [Uint8Array]
    const outcome = await attack(question, changedBundles(entryOf(answer)))
    expect(outcome.faults).toEqual([])
    const sampled = [...byteMutants(bundle)]
      .filter(({ bytes }) => saysTheSame(bytes, bundle))
      .map(({ label }) => label)
    expect(outcome.accepted.toSorted()).toEqual([...sampled, ...MEANINGLESS].toSorted())
    // POLICY: a certificate in the place of the key names a signer whom the log does not.
    expect(outcome.verdicts).toEqual(['MALFORMED', 'MISMATCH', 'POLICY', 'UNAVAILABLE', 'UNSIGNED'])
  })
})

describe('proofs', () => {
  test.each([
    ['inclusion of the head', 'inclusion', 0, ['MISMATCH']],
    ['inclusion of the entry', 'inclusion', 1, ['MISMATCH']],
    ['consistency', 'consistency', 0, ['MISMATCH']],
  ] as const)('%s: no hash may change, move, go or come', async (_, method, nth, verdicts) => {
    const { question, answer } = find(method, nth)
    expect(itemsOf(answer).length).toBeGreaterThan(1)
    const outcome = await attack(question, changedItems(answer, 'hash'))
    expect(outcome).toMatchObject({ faults: [], accepted: [], verdicts })
    expect(outcome.tried).toBeGreaterThan(80)
  })

  test.each([
    ['the state beside the names', 0, 2],
    ['index path and history', 1, 3],
  ])('%s: every node is held to its hash', async (_, nth, length) => {
    const { question, answer } = find('indexPath', nth)
    expect(itemsOf(answer).length).toBe(length)
    const outcome = await attack(question, changedItems(answer, 'canonical'))
    expect(outcome.faults).toEqual([])
    expect(outcome.accepted).toEqual([])
    expect(outcome.verdicts).toEqual(['MISMATCH'])
    expect(outcome.tried).toBeGreaterThan(300)
  })
})

describe('blocks', () => {
  test.each([
    ['release', 0],
    ['tools', 1],
  ])('%s: only the bytes that were asked for are kept', async (_, nth) => {
    const { question, answer } = find('blocks', nth)
    const items = itemsOf(answer)
    const absent = items.map((_, i) => ({
      label: `${i} absent`,
      answer: list(items.with(i, undefined as never)),
    }))
    const outcome = await attack(question, [...changedItems(answer, 'canonical'), ...absent])
    expect(outcome.faults).toEqual([])
    // A shorter prefix is an honest answer: the rest is asked for again, here of the live source.
    expect(outcome.accepted).toEqual(nth === 0 ? [] : ['2 gone'])
    expect(outcome.verdicts).toEqual(['MISMATCH', 'NOT_FOUND', 'UNAVAILABLE'])
  })
})
