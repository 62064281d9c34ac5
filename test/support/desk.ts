// What somebody who verifies from a store gets to see, and what of it changes when the store is not what it was.

import type { Cid } from '../../src/cid/index.ts'
import { isRegistryError } from '../../src/lib/index.ts'
import { loadTools, pull, verifyCid, verifyName } from '../../src/registry/index.ts'
import { openMemoryStore, type Store } from '../../src/store/index.ts'
import { openPublisher, peerOf, type TestPublisher, toolkit } from './publisher.ts'

export const NAME = 'com.example/weather'

export interface Desk extends AsyncDisposable {
  readonly alice: TestPublisher
  /** What a consumer holds who pulled 1.0.0 and 2.0.0. */
  readonly pulled: Store
  ask(store: Store, verb: Verb): Promise<string>
  answersOf(honest: Store): Promise<ReadonlyMap<Verb, string>>
  attack(truth: ReadonlyMap<Verb, string>, stores: Iterable<Changed>): Promise<Outcome>
}

export type Verb = 'name' | 'range' | 'cid' | 'tools'

export const VERBS: readonly Verb[] = ['name', 'range', 'cid', 'tools']

export interface Changed {
  readonly label: string
  readonly store: Store
  /** Who asks; all of them unless said. */
  readonly verbs?: readonly Verb[]
}

export interface Outcome {
  /** Verbs that refused at least once. */
  readonly refused: ReadonlySet<Verb>
  readonly codes: ReadonlySet<string>
  readonly faults: readonly string[]
  readonly tried: number
}

export async function openDesk(): Promise<Desk> {
  const alice = await openPublisher()
  await alice.publish(toolkit('com.example/maps', '1.0.0'), toolkit(NAME, '1.0.0'))
  await alice.publish(toolkit(NAME, '2.0.0', 2, 'Newer.'), toolkit('com.example/maps', '2.0.0'))
  const pulled = openMemoryStore()
  const tools: Cid[] = []
  for (const reference of [`${NAME}@1.0.0`, NAME]) {
    const workspace = { ...alice.workspace, store: pulled }
    const peers = [peerOf(alice.source)]
    const { release } = await pull(workspace, { reference, peers, publisher: alice.id })
    tools.push(...release.tools.map(({ cid }) => cid))
  }
  const tool = tools.at(-1) as Cid

  /** What somebody who verifies gets to see. */
  async function ask(store: Store, verb: Verb): Promise<string> {
    if (verb === 'tools') {
      const tools = await loadTools(store, { tools: [NAME], publishers: [alice.id] })
      return JSON.stringify(tools)
    }
    const verified =
      verb === 'cid'
        ? await verifyCid(store, tool)
        : await verifyName(store, verb === 'name' ? NAME : `${NAME}@1.0.0`, { publisher: alice.id })
    const { release, cid } = verified
    const { publisher, name, version } = release.entry
    return JSON.stringify([
      publisher,
      name,
      version,
      cid,
      release.cid,
      release.release,
      release.tools,
    ])
  }

  async function answersOf(honest: Store): Promise<ReadonlyMap<Verb, string>> {
    const truth = new Map<Verb, string>()
    for (const verb of VERBS) truth.set(verb, await ask(honest, verb))
    return truth
  }

  async function attack(
    truth: ReadonlyMap<Verb, string>,
    stores: Iterable<Changed>,
  ): Promise<Outcome> {
    const outcome = {
      refused: new Set<Verb>(),
      codes: new Set<string>(),
      faults: [] as string[],
      tried: 0,
    }
    for (const { label, store, verbs = VERBS } of stores) {
      outcome.tried += 1
      for (const verb of verbs) {
        try {
          const got = await ask(store, verb)
          if (got !== truth.get(verb))
            outcome.faults.push(`${verb} after ${label}: ${got.slice(0, 200)}`)
        } catch (error) {
          outcome.refused.add(verb)
          if (!isRegistryError(error) || error.verdict === 'FAILED') {
            outcome.faults.push(`${verb} after ${label}: ${error}`)
          } else outcome.codes.add(error.code)
        }
      }
    }
    return outcome
  }

  return {
    alice,
    pulled,
    ask,
    answersOf,
    attack,
    [Symbol.asyncDispose]: () => alice[Symbol.asyncDispose](),
  }
}
