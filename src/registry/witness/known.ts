// Witnesses that this node knows: those it was told of, and those of the trust policy’s quorum. Only their words are kept; lines of
// strangers cost room and say nothing to anybody here.

import { canonicalBytes, isJsonObject, parseCanonical, RegistryError } from '../../lib/index.ts'
import { formatWitness, keyHash, parseWitness, type Witness } from '../../log/index.ts'
import type { RecordKey, Store } from '../../store/index.ts'
import type { Workspace } from '../workspace.ts'

export interface KnownWitness {
  readonly witness: Witness
  readonly vkey: string
  /** Submission prefix of C2SP tlog-witness: asked to cosign what is published here. */
  readonly url: string | undefined
}

const MOST = 64
const LOOPBACK: readonly string[] = ['localhost', '127.0.0.1', '[::1]']

/** By name. */
export async function listWitnesses(store: Store): Promise<readonly KnownWitness[]> {
  const found: KnownWitness[] = []
  for await (const { key, value } of store.listRecords('witness', { limit: MOST })) {
    found.push(parseRecord(key, value))
  }
  return found.toSorted((a, b) => (a.witness.name < b.witness.name ? -1 : 1))
}

/** Answers whether something changed: the same key again only changes the URL. Throws KEY_INVALID, USAGE, LIMIT_EXCEEDED. */
export async function addWitness(
  store: Store,
  vkey: string,
  url: string | undefined,
): Promise<KnownWitness & { readonly isNew: boolean }> {
  const witness = parseWitness(vkey)
  const address = url === undefined ? undefined : parseWitnessUrl(url)
  const key = recordKey(witness)
  const [held] = await store.findRecords([key])
  const known = await listWitnesses(store)
  if (held === undefined && known.length >= MOST) throw tooMany()
  const value = canonicalBytes({ vkey, ...(address === undefined ? {} : { url: address }) })
  await store.commit({ put: [{ ...key, value }], expect: [{ ...key, value: held }] })
  const isNew = held === undefined || !Buffer.from(held).equals(value)
  return { witness, vkey, url: address, isNew }
}

/** By name or vkey. Throws NOT_FOUND; USAGE where two have the name. */
export async function removeWitness(store: Store, nameOrKey: string): Promise<KnownWitness> {
  const known = await listWitnesses(store)
  const meant = known.filter(
    ({ vkey, witness }) => vkey === nameOrKey || witness.name === nameOrKey,
  )
  const [one, ...more] = meant
  if (one === undefined) throw unknown(nameOrKey, known)
  if (more.length > 0) throw ambiguous(nameOrKey, meant.length)
  await store.commit({ remove: [recordKey(one.witness)] })
  return one
}

/** Whose words are kept and asked for: of both lists, each key once. */
export async function witnessesKnown({
  store,
  quorumWitnesses,
}: Pick<Workspace, 'store' | 'quorumWitnesses'>): Promise<readonly Witness[]> {
  const told = (await listWitnesses(store)).map(({ witness }) => witness)
  const all = [...told, ...((await quorumWitnesses?.()) ?? [])]
  return [...new Map(all.map((witness) => [formatWitness(witness), witness])).values()]
}

/** Throws USAGE. */
function parseWitnessUrl(text: string): string {
  const url = URL.parse(text)
  const isHttps = url?.protocol === 'https:'
  const isHere = url?.protocol === 'http:' && LOOPBACK.includes(url.hostname)
  const isPlain =
    url?.username === '' && url.password === '' && url.search === '' && url.hash === ''
  if (url !== null && (isHttps || isHere) && isPlain) return url.href.replace(/\/$/, '')
  throw new RegistryError('USAGE', 'This is not the URL of a witness.', {
    expected: 'https://HOST/PATH, or http:// on this machine (localhost, 127.0.0.1, [::1])',
    got: JSON.stringify(text.slice(0, 200)),
    next: 'Give the submission prefix that the witness publishes, without add-checkpoint.',
  })
}

function recordKey({ key }: Witness): RecordKey {
  return { table: 'witness', key: keyHash(key) }
}

function parseRecord(key: string, value: Uint8Array): KnownWitness {
  try {
    const fields = parseCanonical(value)
    if (!isJsonObject(fields) || typeof fields.vkey !== 'string') throw new TypeError('no vkey')
    const { vkey, url } = fields
    return { witness: parseWitness(vkey), vkey, url: typeof url === 'string' ? url : undefined }
  } catch (cause) {
    throw new RegistryError('STORE_CORRUPT', 'The record of a witness cannot be read.', {
      expected: 'a record this node wrote',
      got: 'other bytes',
      next: 'Run `registry doctor`; restore the store from a backup if it says so.',
      evidence: { kind: 'record', table: 'witness', key },
      cause,
    })
  }
}

function unknown(text: string, known: readonly KnownWitness[]): RegistryError {
  const names = known.map(({ witness }) => witness.name).slice(0, 5)
  return new RegistryError('NOT_FOUND', 'There is no such witness here.', {
    expected: names.length === 0 ? 'a witness that was added' : names.join(', '),
    got: JSON.stringify(text.slice(0, 120)),
    next: '`registry witness list` shows them.',
  })
}

function ambiguous(name: string, count: number): RegistryError {
  return new RegistryError('USAGE', 'Several witnesses have this name.', {
    expected: 'one of them',
    got: `${name.slice(0, 120)}, ${count} times`,
    next: 'Give the whole vkey instead: `registry witness list` shows it.',
  })
}

function tooMany(): RegistryError {
  return new RegistryError('LIMIT_EXCEEDED', 'There are too many witnesses.', {
    expected: `at most ${MOST}`,
    got: `${MOST + 1}`,
    next: 'Remove one first: `registry witness remove NAME`.',
  })
}
