// The log’s word for each locked release, proven again from what is here: from the log itself where this store holds it, else from the
// proof that it was pulled on. Signatures are checked on other threads, and the head of a log once for all of its releases.

import { RegistryError, toHex } from '../../lib/index.ts'
import { parseCheckpointUnverified } from '../../log/index.ts'
import {
  createEvidenceReader,
  type HeadEvidence,
  parseHeadEvidence,
  type VerifiedEntry,
  verifyEntryOnThread,
  verifyHead,
  verifyOffer,
  withNews,
} from '../../resolve/index.ts'
import type { PublisherId } from '../../spec/index.ts'
import type { Verifier } from '../../trust/index.ts'
import { parseSeen } from '../forks.ts'
import { newsKey } from '../lifecycle/news.ts'
import { onceEach } from './lazily.ts'
import { evidenceRecordKey, type Held, seenKey } from './read-held.ts'
import type { Named, Proven } from './types.ts'

/** Where the word for a release comes from. */
export interface Witnesses {
  prove(named: Named): Promise<Proven>
}

/**
 * Begins at once. Throws UNSIGNED where nothing here vouches for the release, LOCK_MISMATCH where the log says something else than the lock,
 * and what `verifyEvidence` throws.
 */
export async function prove(witnesses: Witnesses, named: Named): Promise<Proven> {
  const proven = await witnesses.prove(named)
  assertLocked(named, proven.entry)
  return proven
}

/** Releases by the proofs that they were pulled on. */
export function openPulled(verifier: Verifier, held: Held): Witnesses {
  const read = createEvidenceReader()
  const headOf = onceEach(async (of: HeadEvidence) => {
    await verifier.recall([of.head])
    return verifyHead(verifier, of)
  })
  const newsOf = onceEach((publisher: PublisherId) => {
    const news = held.record(newsKey(publisher))
    return news && verifyHead(verifier, { ...parseHeadEvidence(news), publisher })
  })
  const seenOf = onceEach((publisher: PublisherId) => seenNote(held, publisher))
  return {
    prove: async (named) => {
      const { name, locked } = named
      const { publisher, version } = locked
      const record = held.record(evidenceRecordKey(named))
      if (record === undefined) throw unsigned(named)
      const { of, indexPath, entry: signed, entryProof: proof } = read(record)
      if (of.publisher !== publisher) throw differs(named, publisher, of.publisher)
      await verifier.recall([signed])
      const offer = verifyOffer(await headOf(of), name, indexPath)
      if (offer === undefined) throw differs(named, `${name}@${version}`, 'that it is not offered')
      const entry = await verifyEntryOnThread(verifier, offer, { version, entry: signed, proof })
      const head = newsOf(publisher)
      return {
        entry: head === undefined ? entry : withNews(entry, { head }),
        isOwn: false,
        isWritten: false,
        notes: [of.checkpoint, ...seenOf(publisher)],
      }
    },
  }
}

/** The note behind the floor: the newest state that was accepted, with what witnesses said of it. */
function seenNote(held: Held, publisher: PublisherId): readonly Uint8Array[] {
  const record = held.record(seenKey(publisher))
  const floor = held.floor(publisher)
  if (record === undefined || floor === undefined) return []
  const { note } = parseSeen(record)
  const { size, root } = parseCheckpointUnverified(note, publisher)
  return size === floor.size && toHex(root) === floor.root ? [note] : []
}

/** The entry that the lock means, and no other one, however well signed. */
function assertLocked(named: Named, entry: VerifiedEntry): void {
  const { locked } = named
  const pairs = [
    [locked.statement, entry.statement],
    [locked.release, entry.release],
    [`entry ${locked.log.index}`, `entry ${entry.position}`],
  ]
  const other = pairs.find(([expected, got]) => expected !== got)
  if (other !== undefined) throw differs(named, String(other[0]), String(other[1]))
}

function differs({ name, locked }: Named, expected: string, got: string): RegistryError {
  const message = `The log says something else of ${name}@${locked.version} than the lockfile.`
  return new RegistryError('LOCK_MISMATCH', message, {
    expected,
    got,
    next: 'Do not use it. Take the last good lockfile out of version control; if it was never right, `registry update`.',
  })
}

function unsigned({ name, locked }: Named): RegistryError {
  return new RegistryError(
    'UNSIGNED',
    `The bytes of ${name}@${locked.version} are here, but nothing that proves who signed them.`,
    {
      expected: `the proof of log entry ${locked.log.index} of ${locked.publisher}`,
      got: 'nothing',
      next: 'Do not use it. Fetch it with its proof: `registry install`.',
    },
  )
}
