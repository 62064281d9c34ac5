// What peers showed of one log, compared: all must be states of one history. Two that are not, both signed, are a fork of the
// publisher's own making, whichever peer brought which (T5); a shorter one is withheld news, and is told (T7).

import { isRegistryError, RegistryError, toHex } from '../lib/index.ts'
import { type Checkpoint, makeForkProof, parseStatement, verifyCheckpoint } from '../log/index.ts'
import {
  findFork,
  forked,
  type HeadEvidence,
  type Resolved,
  readHead,
  type ShownHead,
  type Source,
} from '../resolve/index.ts'
import type { PublisherId } from '../spec/index.ts'
import type { Store } from '../store/index.ts'
import { loadVerifier } from '../trust/index.ts'
import { findSettled, keepFork } from './forks.ts'
import type { Refused } from './peers.ts'
import type { ShownNote } from './survey.ts'
import type { Running } from './workspace.ts'

export interface Behind {
  readonly from: string
  /** Entries of the log that the peer shows. */
  readonly size: number
}

export interface Compared {
  /** Peers whose note does not verify. */
  readonly refused: readonly Refused[]
  readonly behind: readonly Behind[]
}

interface Own {
  readonly source: Source
  readonly resolved: Resolved
}

/** `own.source` holds the log that was resolved. Throws FORKED, and PROOF_INVALID when it does not prove its own history. */
export async function assertOneHistory(
  store: Store,
  own: Own,
  shown: readonly ShownNote[],
  running: Running,
): Promise<Compared> {
  const { checkpoint } = own.resolved.entry
  const refused: Refused[] = []
  const behind: Behind[] = []
  const agreed = new Set([keyOf(checkpoint)])
  for (const other of shown) {
    const { from } = other
    const read = await readShown(store, other, own.resolved, running)
    const isNew = !isRegistryError(read) && !agreed.has(keyOf(read.head))
    const fault = isNew ? await compare(store, own, read, running) : read
    if (isRegistryError(fault)) refused.push({ from, error: fault })
    if (isRegistryError(read) || isRegistryError(fault)) continue
    const { head } = read
    agreed.add(keyOf(head))
    // The log may have grown since its own holder was first asked.
    if (head.size < checkpoint.size && from !== own.source.label) {
      behind.push({ from, size: head.size })
    }
  }
  return { refused, behind }
}

type VerifiedNote = ShownNote & { readonly head: Checkpoint; readonly keys: HeadEvidence['keys'] }

/** A note by a key that this history does not know may be of one that was rotated elsewhere: then whoever showed it has to prove its keys. */
async function readShown(
  store: Store,
  shown: ShownNote,
  { entry, evidence }: Resolved,
  running: Running,
): Promise<VerifiedNote | RegistryError> {
  const { publisher } = entry
  const { genesis, keys } = evidence
  const head = verify(shown.note, publisher, [genesis, ...keys])
  if (!isRegistryError(head)) return { ...shown, head, keys }
  if (head.code !== 'SIGNATURE_INVALID') return head
  const asked = { publisher, floor: undefined }
  const read = await readHead(shown.source, await loadVerifier(store), asked, running).catch(
    onlyRefusal,
  )
  if (read === undefined || isRegistryError(read)) return head
  const { checkpoint: note } = read.evidence
  return { ...shown, note, head: read.head.checkpoint, keys: read.evidence.keys }
}

function verify(
  note: Uint8Array,
  publisher: PublisherId,
  entries: HeadEvidence['keys'],
): Checkpoint | RegistryError {
  // Peers may show a state from before or after the log changed its key.
  const statements = entries.map((entry) => parseStatement(entry.statement))
  const logKeys = statements.flatMap((entry) => ('roles' in entry ? entry.roles.log.keys : []))
  const verdicts = logKeys.map((logKey) => {
    try {
      return verifyCheckpoint(note, { publisher, logKey })
    } catch (error) {
      return onlyRefusal(error)
    }
  })
  return verdicts.find((verdict) => !isRegistryError(verdict)) ?? (verdicts[0] as RegistryError)
}

/** What is wrong with one peer is no reason to refuse another one. */
function onlyRefusal(error: unknown): RegistryError {
  if (isRegistryError(error)) return error
  throw error
}

/** Whoever shows the larger log has to prove what it grew from; the other peer’s failure to do so is answered. */
async function compare(
  store: Store,
  { source, resolved }: Own,
  other: VerifiedNote,
  running: Running,
): Promise<RegistryError | undefined> {
  const { publisher, checkpoint } = resolved.entry
  const { head } = other
  const fork =
    head.size > checkpoint.size
      ? await findFork(
          other.source,
          publisher,
          { smaller: checkpoint, larger: head },
          running,
        ).catch(onlyRefusal)
      : await findFork(source, publisher, { smaller: head, larger: checkpoint }, running)
  if (fork === undefined || isRegistryError(fork)) return fork
  const settled = await findSettled(store, publisher)
  if (settled !== undefined && head.size <= settled.seq) return abandoned(other.from, head)
  const { genesis, checkpoint: note, keys } = resolved.evidence
  const seen = {
    publisher,
    genesis: genesis.statement,
    notes: [note, other.note],
    chains: [keys, other.keys],
    proof: fork.proof,
  } as const
  const { bytes } = makeForkProof(seen, await loadVerifier(store))
  const isOther = ({ size, root }: ShownHead) => size === head.size && root === toHex(head.root)
  throw forked(await keepFork(store, bytes, (head) => (isOther(head) ? other.from : source.label)))
}

/** Of the history that the publisher has given up, and a person here as well: no news. */
export function abandoned(
  from: string,
  { size, root }: Pick<Checkpoint, 'size' | 'root'>,
): RegistryError {
  return new RegistryError('FORKED', `${from} shows a history that its publisher has given up.`, {
    expected: 'the history that goes on',
    got: `${size} entries with root ${toHex(root)}`,
    next: 'Ask another peer.',
  })
}

function keyOf({ size, root }: Checkpoint): string {
  return `${size} ${toHex(root)}`
}
