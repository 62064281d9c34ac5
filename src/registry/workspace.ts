// What every use case works in: one store, one folder of keys, a clock. Opened by `node/`, handed in everywhere.

import { RegistryError, utf8 } from '../lib/index.ts'
import type { Witness } from '../log/index.ts'
import type { PublisherId } from '../spec/index.ts'
import type { RecordKey, Store } from '../store/index.ts'
import type { AttestationPolicy, KeylessSigner, ReadySignatures } from '../trust/index.ts'
import type { SignRequest } from './countersign/request.ts'

export interface Workspace {
  readonly store: Store
  /** Folder of key files. */
  readonly keys: string
  /** Asked for a key file’s passphrase, once per command; undefined when there is nobody to ask. */
  readonly passphrase: (keyName: string) => Promise<string | undefined>
  readonly now: () => Date
  /** Namespaces that no peer hears of, each with all below it; asked for when there is something to hide. */
  readonly privateNamespaces?: () => Promise<readonly string[]>
  /** What the trust policy asks others to have said about a release of this name; a pull fetches it along. */
  readonly attestationsAsked?: (name: string) => Promise<readonly AttestationPolicy[]>
  /** Whose word about the age of a log the trust policy asks for. */
  readonly quorumWitnesses?: () => Promise<readonly Witness[]>
  /** Signs releases beside or instead of key files, where the log names it. */
  readonly keyless?: KeylessSigner
  /** What others have signed already; counts with what is signed here. */
  readonly signatures?: ReadySignatures
  /** Takes what would have been appended, to have it signed elsewhere; then nothing is. */
  readonly request?: (request: SignRequest) => Promise<void>
}

export interface Running {
  readonly signal?: AbortSignal
  /** Called as work proceeds, at most a few times a second. */
  readonly onProgress?: (progress: Progress) => void
}

export interface Progress {
  readonly what: string
  readonly done: number
  readonly total: number
}

export const SIGNING_KEY = 'signing'
export const LOG_KEY = 'log'

const OWN: RecordKey = { table: 'self', key: 'publisher' }

/** The publisher whose log this store writes, if `init` has run. */
export async function findOwnPublisher(store: Store): Promise<PublisherId | undefined> {
  const [value] = await store.findRecords([OWN])
  return value === undefined ? undefined : (Buffer.from(value).toString('utf8') as PublisherId)
}

export async function getOwnPublisher(store: Store): Promise<PublisherId> {
  const publisher = await findOwnPublisher(store)
  if (publisher !== undefined) return publisher
  throw new RegistryError('KEY_MISSING', 'There is no publisher in this folder yet.', {
    expected: 'a publisher made by `registry init`',
    got: 'none',
    next: 'Run `registry init`.',
  })
}

export function ownRecord(publisher: PublisherId): RecordKey & { readonly value: Uint8Array } {
  return { ...OWN, value: utf8(publisher) }
}
