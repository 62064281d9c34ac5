// A signer without a key of its own: an identity token is changed for a certificate that is good for minutes, a statement is signed with a
// key that is then forgotten, logs and timestamp authorities say when. It does not verify what comes out; its callers do.

import type { Signer, Witness } from '@sigstore/sign'
import { RegistryError, utf8 } from '../../lib/index.ts'
import { assertLimit } from '../../spec/index.ts'
import { PAYLOAD_TYPE } from '../bundle.ts'
import type { KeylessSigner } from '../signer.ts'
import { chooseServices } from './config/choose.ts'
import { PUBLIC_GOOD } from './config/public-good.ts'
import type { SigningConfig } from './config/signing-config.ts'
import { PATIENCE, type Patience } from './http.ts'
import { fulcioSigner, witnessesFor } from './services.ts'
import type { IdentitySource } from './token/source.ts'
import { checkToken } from './token/token.ts'

export interface KeylessOptions {
  readonly identity: IdentitySource
  /** The public-good instance unless said. */
  readonly config?: SigningConfig
  /** Ends what is under way, and everything after. */
  readonly signal?: AbortSignal | undefined
  readonly now?: () => Date
  readonly patience?: Patience
}

/** A token is used again while it is good for this long: somebody who logged in once signs many statements. */
const REUSE_MS = 30_000

/**
 * Asks nobody before the first signature. `sign` rejects with IDENTITY_MISSING, IDENTITY_REFUSED, SIGNING_UNAVAILABLE, LIMIT_EXCEEDED, or
 * with what the signal was aborted with.
 */
export function openKeylessSigner(options: KeylessOptions): KeylessSigner {
  const { config = PUBLIC_GOOD, signal, now = () => new Date(), patience = PATIENCE } = options
  const getToken = tokenKeeper(options.identity, now, signal)
  return {
    kind: 'keyless',
    sign: async (statement) => {
      signal?.throwIfAborted()
      assertLimit('attestationBytes', statement.length)
      const services = chooseServices(config, now())
      const token = await getToken()
      const library = await loadLibrary()
      const asking = { patience, signal }
      const signer = fulcioSigner(library, services.authority, token, asking)
      const work = buildBundle(statement, signer, witnessesFor(library, services, asking))
      return withinTime(work, patience, signal)
    },
  }
}

async function buildBundle(
  statement: Uint8Array,
  signer: Signer,
  witnesses: Witness[],
): Promise<Uint8Array> {
  const [{ DSSEBundleBuilder }, { bundleToJSON }] = await Promise.all([
    loadLibrary(),
    import('@sigstore/bundle'),
  ])
  const builder = new DSSEBundleBuilder({ signer, witnesses })
  const bundle = await builder.create({ data: Buffer.from(statement), type: PAYLOAD_TYPE })
  const bytes = utf8(JSON.stringify(bundleToJSON(bundle)))
  assertLimit('attestationBundleBytes', bytes.length)
  return bytes
}

type Library = typeof import('@sigstore/sign')

let loaded: Promise<Library> | undefined

/** Takes a third of a second: only where something is signed, and once. */
function loadLibrary(): Promise<Library> {
  loaded ??= import('@sigstore/sign')
  return loaded
}

interface Kept {
  /** Milliseconds of Unix time: of a token that is still being fetched, never; of one that was not got, long ago. */
  expires: number
  readonly token: Promise<string>
}

/** Calls that overlap share one login; one that failed is forgotten. */
function tokenKeeper(
  identity: IdentitySource,
  now: () => Date,
  signal: AbortSignal | undefined,
): () => Promise<string> {
  let kept: Kept | undefined
  const fetchToken = async (own: { expires: number }): Promise<string> => {
    try {
      const token = await identity.getToken({ signal })
      own.expires = checkToken(token, identity.from, now()).expires
      return token
    } catch (error) {
      own.expires = 0
      throw error
    }
  }
  return () => {
    if (kept === undefined || kept.expires - now().getTime() <= REUSE_MS) {
      const own = { expires: Number.POSITIVE_INFINITY }
      kept = Object.assign(own, { token: fetchToken(own) })
    }
    return kept.token
  }
}

/** The library knows no signal, and no end to an answer that trickles. */
async function withinTime<T>(
  work: Promise<T>,
  patience: Patience,
  signal: AbortSignal | undefined,
): Promise<T> {
  const { attemptMs, retries, pauseMs } = patience
  const limitMs = 2 * (attemptMs * (retries + 1) + pauseMs * 2 ** retries)
  const { promise: stopped, reject } = Promise.withResolvers<never>()
  const timer = setTimeout(() => reject(tooSlow(limitMs)), limitMs)
  const stop = (): void => reject(signal?.reason)
  signal?.addEventListener('abort', stop, { once: true })
  try {
    return await Promise.race([work, stopped])
  } finally {
    clearTimeout(timer)
    signal?.removeEventListener('abort', stop)
    // Nobody is left to hear of it.
    work.catch(() => {})
  }
}

function tooSlow(limitMs: number): RegistryError {
  return new RegistryError('SIGNING_UNAVAILABLE', 'Signing took too long.', {
    expected: `all services to answer within ${Math.round(limitMs / 1000)} s`,
    got: 'no end',
    next: 'Nothing has been published. Try again later.',
  })
}
