// What witnesses say, gathered: kept beside a head that is held here, and put together where one peer’s note has lines that another’s lacks.
// Every line is verified before it is kept or passed on: anybody can write one.

import { RegistryError } from '../../lib/index.ts'
import {
  addLines,
  findCosignatureLines,
  findForgedWitness,
  findHead,
  parseNote,
  type Witness,
} from '../../log/index.ts'
import {
  cosignatureKey,
  cosignatureRecord,
  parseCosignature,
  type Source,
} from '../../resolve/index.ts'
import type { PublisherId } from '../../spec/index.ts'
import type { Store } from '../../store/index.ts'
import { listWitnesses } from './known.ts'

/**
 * Keeps the newest line of each of these witnesses, if the note is of the very head that is held here. Answers how many are news, also
 * where nothing is held. The log’s own signature is not looked at: a cosignature is over the text.
 */
export async function keepCosignatures(
  store: Store,
  publisher: PublisherId,
  note: Uint8Array,
  witnesses: readonly Witness[],
): Promise<number> {
  const head = await findHead(store, publisher)
  if (head === undefined || parseNote(head.checkpoint).text !== parseNote(note).text) return 0
  const { size, root } = head
  let kept = 0
  for (const { witness, time, line } of findCosignatureLines(note, witnesses)) {
    const key = cosignatureKey(publisher, witness.key)
    await using _lock = await store.lock(`cosignature/${key.key}`)
    const [value] = await store.findRecords([key])
    const held = parseCosignature(value)
    const isNews =
      held === undefined || held.size < size || (held.size === size && held.time < time)
    if (!isNews) continue
    await store.commit({
      put: [cosignatureRecord(publisher, witness.key, { size, root, time, line })],
      expect: [{ ...key, value }],
    })
    kept += 1
  }
  return kept
}

/** As `keepCosignatures`, of the witnesses that this node was told of. */
export async function keepWords(
  store: Store,
  publisher: PublisherId,
  note: Uint8Array,
): Promise<number> {
  if (isBare(note)) return 0
  const known = await listWitnesses(store)
  if (known.length === 0) return 0
  const witnesses = known.map(({ witness }) => witness)
  return await keepCosignatures(store, publisher, note, witnesses)
}

/**
 * Throws SIGNATURE_INVALID for a line in the name of a witness known here that the witness has not signed. Peers verify every line before they
 * pass it on, and with the same key: whoever shows such a one has made it up.
 */
export async function assertWords(store: Store, note: Uint8Array, label: string): Promise<void> {
  if (isBare(note)) return
  const known = (await listWitnesses(store)).map(({ witness }) => witness)
  const forged = findForgedWitness(note, known)
  if (forged === undefined) return
  throw new RegistryError('SIGNATURE_INVALID', `${label} makes up words of a witness.`, {
    expected: `only what ${forged.name} has signed of this checkpoint`,
    got: 'a line with its name and key id that it has not signed',
    next: 'Nothing was taken from there. Another peer may hold the log.',
  })
}

/** Signed once, in the name of its own log: nobody else says anything in it. Most notes are, and then nobody has to be looked up. */
function isBare(note: Uint8Array): boolean {
  const { text, signatures } = parseNote(note)
  return signatures.length === 1 && text.startsWith(`${signatures[0]?.name}\n`)
}

/** The source with, in its checkpoints, what these witnesses say of the very same state in notes that others showed. */
export function withWords(
  source: Source,
  notes: readonly Uint8Array[],
  witnesses: readonly Witness[],
): Source {
  if (witnesses.length === 0 || notes.length === 0) return source
  return {
    ...source,
    checkpoint: async (publisher, options) => {
      const note = await source.checkpoint(publisher, options)
      const { text } = parseNote(note)
      const same = notes.filter((other) => parseNote(other).text === text)
      const lines = same.flatMap((other) => findCosignatureLines(other, witnesses))
      const newest = lines.toSorted((a, b) => Number(b.time) - Number(a.time))
      const first = newest.filter(
        ({ witness }, i) => newest.findIndex((line) => line.witness === witness) === i,
      )
      return addLines(
        note,
        first.map(({ line }) => line),
      )
    },
  }
}
