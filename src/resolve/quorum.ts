// Whose word about the age of a log counts: a C2SP tlog-policy file (https://c2sp.org/tlog-policy), witnesses and groups of them. Logs are
// not taken from it: which log is meant is said by the publisher id.

import { isRegistryError, RegistryError } from '../lib/index.ts'
import { findCosignatures, parseWitness, type Witness } from '../log/index.ts'
import { CLOCK_TOLERANCE_MS } from './freshness.ts'

export type Quorum =
  | { readonly kind: 'witness'; readonly witness: Witness }
  | { readonly kind: 'group'; readonly threshold: number; readonly members: readonly Quorum[] }

/** Room for a few hundred witnesses. */
export const QUORUM_BYTES: number = 64 * 1024
const MAX_LINES = 1_000

interface Names {
  readonly known: Map<string, Quorum>
  readonly used: Set<string>
  readonly keys: Set<string>
}

/** `source` is how errors name the file. Throws POLICY_INVALID with the line. */
export function parseQuorum(bytes: Uint8Array, source: string): Quorum {
  // Octets with the high bit are opaque: two spellings that look alike are two names.
  const lines = Buffer.from(bytes).toString('latin1').split('\n')
  const names: Names = { known: new Map(), used: new Set(), keys: new Set() }
  let quorum: Quorum | undefined
  for (const [i, text] of lines.entries()) {
    const at = { source, line: i + 1 }
    if (/[^\t\x20-\x7e\x80-\xff]/.test(text) || i >= MAX_LINES) {
      throw refusal(at, 'text without control characters', 'something else')
    }
    const [word, ...rest] = text.split(/[ \t]+/).filter((part) => part !== '')
    if (word === undefined || word.startsWith('#')) continue
    if (word === 'witness') readWitness(names, rest, at)
    else if (word === 'group') readGroup(names, rest, at)
    else if (word !== 'quorum') throw refusal(at, 'witness, group or quorum', word)
    else if (quorum !== undefined) throw refusal(at, 'one quorum line', 'a second one')
    else quorum = readQuorum(names, rest, at)
  }
  if (quorum !== undefined) return quorum
  throw refusal({ source, line: lines.length }, 'a line "quorum NAME"', 'none')
}

/**
 * When, as enough witnesses say, the state in this note was the newest: of each witness the newest word, of a group the time of its
 * `threshold`-th newest member. Words from the future do not count. Undefined where they are too few.
 */
export function quorumTime(quorum: Quorum, note: Uint8Array, now: Date): Date | undefined {
  if (quorum.kind === 'witness') {
    const times = findCosignatures(note, [quorum.witness])
      .map(({ time }) => time)
      .filter((time) => Number(time) - Number(now) <= CLOCK_TOLERANCE_MS)
    return newestFirst(times)[0]
  }
  const times = quorum.members.flatMap((member) => quorumTime(member, note, now) ?? [])
  return newestFirst(times)[quorum.threshold - 1]
}

/** Everybody in it. */
export function witnessesIn(quorum: Quorum): readonly Witness[] {
  return quorum.kind === 'witness' ? [quorum.witness] : quorum.members.flatMap(witnessesIn)
}

function newestFirst(times: readonly Date[]): readonly Date[] {
  return times.toSorted((a, b) => Number(b) - Number(a))
}

interface At {
  readonly source: string
  readonly line: number
}

function readWitness({ known, keys }: Names, rest: readonly string[], at: At): void {
  const [name = '', vkey = '', , ...more] = rest
  assertNew(known, name, at)
  if (more.length > 0) throw refusal(at, 'witness NAME VKEY [URL]', `${rest.length} words`)
  const witness = readKey(vkey, at)
  // A cosignature does not say its maker’s name: one key under two names would count twice (T15).
  if (keys.has(witness.key.spki)) throw refusal(at, 'a key of its own', 'the key of another')
  keys.add(witness.key.spki)
  known.set(name, { kind: 'witness', witness })
}

function readKey(vkey: string, at: At): Witness {
  try {
    return parseWitness(vkey)
  } catch (error) {
    if (!isRegistryError(error)) throw error
    const { expected = 'a vkey', got = vkey } = error.details
    throw refusal(at, String(expected), String(got))
  }
}

function readGroup(names: Names, rest: readonly string[], at: At): void {
  const [name = '', count = '', ...list] = rest
  assertNew(names.known, name, at)
  const members = list.map((member) => {
    const known = names.known.get(member)
    if (known === undefined) throw refusal(at, 'names of lines above', member)
    // One witness in two groups would count twice.
    if (names.used.has(member)) throw refusal(at, 'each name in one group', member)
    names.used.add(member)
    return known
  })
  const words: Readonly<Record<string, number>> = { any: 1, all: members.length }
  const threshold = words[count] ?? (/^[1-9][0-9]{0,3}$/.test(count) ? Number(count) : 0)
  if (threshold < 1 || threshold > members.length) {
    throw refusal(at, `any, all, or a number from 1 to ${members.length}`, count)
  }
  names.known.set(name, { kind: 'group', threshold, members })
}

function readQuorum({ known }: Names, rest: readonly string[], at: At): Quorum {
  const [name = '', ...more] = rest
  const quorum = known.get(name)
  if (quorum !== undefined && more.length === 0) return quorum
  if (name === 'none') throw refusal(at, '`quorum = "none"` in the trust policy itself', name)
  throw refusal(at, 'a name of a line above', rest.join(' '))
}

function assertNew(known: ReadonlyMap<string, Quorum>, name: string, at: At): void {
  const isNew = name !== '' && name !== 'none' && !known.has(name)
  if (!isNew) throw refusal(at, 'a new name, and not "none"', name || 'nothing')
}

function refusal({ source, line }: At, expected: string, got: string): RegistryError {
  const message = `${source}, line ${line}: This is not a C2SP tlog-policy that can be used here.`
  const next = 'Correct it; until then no witness is believed.'
  return new RegistryError('POLICY_INVALID', message, {
    expected,
    got: got.slice(0, 80) || 'nothing',
    line,
    next,
  })
}
