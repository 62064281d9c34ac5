// One log on its way: entries are followed in memory over what is stored of them, their signatures are checked on other threads
// meanwhile, and a commit makes durable what has verified.

import type { Cid } from '../../cid/index.ts'
import { isRegistryError } from '../../lib/index.ts'
import {
  type Hash,
  type Overlay,
  openOverlay,
  type Statement,
  type StatementOf,
} from '../../log/index.ts'
import type { SignedStatement } from '../../resolve/index.ts'
import type { Store } from '../../store/index.ts'
import type { Verifier } from '../../trust/index.ts'
import { keepWords } from '../witness/words.ts'
import { commitDone, commitStep, expectHeld } from './commit.ts'
import { createGathering } from './gather.ts'
import { lackMissing } from './lack.ts'
import type { Held } from './partial.ts'
import type { Replication, Shown } from './port.ts'
import { ofEntry, over, tooMany } from './refusals.ts'
import { createSignatures } from './signatures.ts'

export interface Start {
  readonly held: Held
  /** On the log as it is held. */
  readonly overlay: Overlay
  readonly shown: Shown
  /** Entries that the note speaks of. */
  readonly to: number
  readonly vouched: boolean
  readonly verifier: Verifier
}

export function createReplication(store: Store, start: Start): Replication {
  const { shown, to, verifier } = start
  const { publisher, label } = shown
  const gathering = createGathering(store)
  const signatures = createSignatures()
  let { held, overlay, vouched } = start
  let entries = 0
  let bytes = 0
  let isOver = false

  const isGone = (cid: Cid): boolean => overlay.state?.notices.tombstones.has(cid) ?? false

  /** One at a time, and none after one has failed: half of what was taken is nothing to go on from. */
  async function use<T>(action: () => Promise<T>): Promise<T> {
    if (isOver) throw over(label)
    isOver = true
    const answer = await action().catch(async (error: unknown) => {
      // What is missing is no damage where the log has gone meanwhile: then this throws CONFLICT.
      if (isRegistryError(error, 'STORE_CORRUPT')) {
        await store.commit({ expect: expectHeld(held, shown) })
      }
      throw error
    })
    isOver = answer === 'done'
    return answer
  }

  async function follow(signed: readonly SignedStatement[]): Promise<readonly Statement[]> {
    const statements: Statement[] = []
    for (const entry of signed) {
      if (overlay.size === to) throw tooMany(label, to)
      const { statement, verify } = await overlay.add(entry).catch((error) => {
        throw ofEntry(overlay.size, error)
      })
      signatures.add(statement.seq, verify)
      statements.push(statement)
      bytes += sizeOf(entry)
    }
    entries += signed.length
    return statements
  }

  async function commit(proof: readonly Hash[] | undefined): Promise<'step' | 'done'> {
    signatures.start()
    const { counted, ...gathered } = await gathering.drain(isGone)
    await signatures.settle()
    const taken = { store, held, overlay, shown, to, vouched, gathered }
    if (overlay.size === to) {
      await commitDone(taken)
      await lackMissing(store, counted)
      // What witnesses say came with the note, and counts for the very head that is now held.
      await keepWords(store, publisher, shown.note)
      return 'done'
    }
    held = await commitStep(taken, proof)
    await lackMissing(store, counted)
    vouched = held.partial?.vouched ?? vouched
    overlay = await openOverlay(store, publisher, { base: held.partial ?? held.head, verifier })
    ;[entries, bytes] = [0, 0]
    return 'step'
  }

  return {
    publisher,
    to,
    get from() {
      return overlay.size
    },
    get stagedBytes() {
      return bytes + gathering.bytes
    },
    get stagedEntries() {
      return entries
    },
    take: (signed) =>
      use(async () => {
        const statements = await follow(signed)
        return await gathering.want(statements.filter(isRelease), isGone)
      }),
    give: (blocks) => use(() => gathering.give(blocks, isGone)),
    lack: (cids) => gathering.lack(cids),
    commit: (proof) => use(() => commit(proof)),
  }
}

function isRelease(statement: Statement): statement is StatementOf<'release'> {
  return statement.kind === 'release'
}

function sizeOf({ statement, bundles }: SignedStatement): number {
  return bundles.reduce((sum, { length }) => sum + length, statement.length)
}
