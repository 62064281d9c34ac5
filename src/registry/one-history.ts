// What peers showed of one log, compared: all must be states of one history. Two that are not, both signed, are a fork of the
// publisher's own making, whichever peer brought which (T5); a shorter one is withheld news, and is told (T7).

import { isRegistryError, type RegistryError, toHex } from '../lib/index.ts'
import { type Checkpoint, makeForkProof, parseStatement, verifyCheckpoint } from '../log/index.ts'
import { findFork, forked, type Resolved, type ShownHead, type Source } from '../resolve/index.ts'
import type { Store } from '../store/index.ts'
import { keepFork } from './forks.ts'
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
    const head = verify(other, own.resolved)
    const isNew = !isRegistryError(head) && !agreed.has(keyOf(head))
    const fault = isNew ? await compare(store, own, { ...other, head }, running) : head
    if (isRegistryError(fault)) refused.push({ from, error: fault })
    if (isRegistryError(head) || isRegistryError(fault)) continue
    agreed.add(keyOf(head))
    // The log may have grown since its own holder was first asked.
    if (head.size < checkpoint.size && from !== own.source.label) {
      behind.push({ from, size: head.size })
    }
  }
  return { refused, behind }
}

function verify({ note }: ShownNote, { entry, evidence }: Resolved): Checkpoint | RegistryError {
  const { publisher } = entry
  // Peers may show a state from before or after the log changed its key.
  const statements = [evidence.genesis, ...evidence.keys].map((entry) =>
    parseStatement(entry.statement),
  )
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
  other: ShownNote & { readonly head: Checkpoint },
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
  const { bytes } = makeForkProof({
    publisher,
    genesis: resolved.evidence.genesis.statement,
    notes: [resolved.evidence.checkpoint, other.note],
    proof: fork.proof,
  })
  const isOther = ({ size, root }: ShownHead) => size === head.size && root === toHex(head.root)
  throw forked(await keepFork(store, bytes, (head) => (isOther(head) ? other.from : source.label)))
}

function keyOf({ size, root }: Checkpoint): string {
  return `${size} ${toHex(root)}`
}
