// A trusted root: the logs and authorities of one Sigstore instance, when each was valid, which issuers it speaks for and how much
// evidence it asks for (sigstore_trustroot.proto). Known by the SHA-256 of its bytes: the same bytes and options give the same verdicts for good.

import { createPublicKey } from 'node:crypto'
import { sha256Hex } from '../../../lib/index.ts'
import type { CertAuthority, Sigstore, TrustMaterial } from '../library.ts'
import { loadSigstore } from '../library.ts'
import { rootRefusal } from '../refusal.ts'
import { readRoot } from './root-form.ts'

/** How many of each a keyless signature must come with. */
export interface RootOptions {
  /** Entries, each in another log. */
  readonly logs: number
  /** Certificate transparency logs that have seen the certificate. */
  readonly scts: number
  /** Times, each by another log or authority. */
  readonly timestamps: number
}

export interface SigstoreRoot {
  /** SHA-256 of its bytes, in hex. */
  readonly digest: string
  /** The only issuers it speaks for; undefined for a root that may speak for any. */
  readonly issuers: readonly string[] | undefined
  /** What whoever trusts it asks for beyond the least. */
  readonly asked: Partial<RootOptions>
  /** Throws ROOT_INVALID, or LIMIT_EXCEEDED, for a root that was opened and cannot be read. */
  readonly options: RootOptions
}

export interface RootSettings {
  readonly issuers?: readonly string[]
  readonly options?: Partial<RootOptions>
}

type LogKey = ReturnType<Sigstore['specs']['TrustedRoot']['fromJSON']>['tlogs'][number]['publicKey']

interface Parsed {
  readonly material: TrustMaterial
  readonly options: RootOptions
}

/** What is in a root never changes, so it is parsed once, when it is first needed. */
const contents = new WeakMap<SigstoreRoot, () => Parsed>()

/** Throws ROOT_INVALID, or LIMIT_EXCEEDED. */
export function parseSigstoreRoot(bytes: Uint8Array, settings: RootSettings = {}): SigstoreRoot {
  const root = openSigstoreRoot(bytes, settings)
  parsed(root)
  return root
}

/** One that was parsed before it was kept: a verdict that is known needs no more of it than its name. Throws ROOT_INVALID for its settings. */
export function openSigstoreRoot(bytes: Uint8Array, settings: RootSettings = {}): SigstoreRoot {
  const { options: asked = {} } = settings
  const root: SigstoreRoot = Object.freeze({
    digest: sha256Hex(bytes),
    issuers: readIssuers(settings.issuers),
    asked: Object.freeze({ ...asked }),
    get options() {
      return parsed(root).options
    },
  })
  let known: Parsed | undefined
  contents.set(root, () => {
    known ??= parse(bytes, asked)
    return known
  })
  return root
}

export function materialOf(root: SigstoreRoot): TrustMaterial {
  return parsed(root).material
}

function parsed(root: SigstoreRoot): Parsed {
  const read = contents.get(root)
  // Something that looks like a root and was not opened as one is trusted in nothing.
  if (read === undefined) throw rootRefusal('a root made by parseSigstoreRoot', 'another object')
  return read()
}

function parse(bytes: Uint8Array, asked: Partial<RootOptions>): Parsed {
  const material = toMaterial(bytes)
  return { material, options: readOptions(asked, material) }
}

function toMaterial(bytes: Uint8Array): TrustMaterial {
  const root = readRoot(bytes)
  const { verify, specs } = loadSigstore()
  try {
    const trusted = specs.TrustedRoot.fromJSON(root)
    for (const { publicKey } of [...trusted.tlogs, ...trusted.ctlogs]) toLibraryForm(publicKey)
    const material = verify.toTrustMaterial(trusted)
    for (const authority of [
      ...material.certificateAuthorities,
      ...material.timestampAuthorities,
    ]) {
      rememberChain(authority)
    }
    return material
  } catch (cause) {
    throw rootRefusal('keys and certificates that can be read', String(cause), cause)
  }
}

/** PKIX means SubjectPublicKeyInfo (sigstore_common.proto); for RSA keys of a named size the library expects PKCS #1 all the same. */
function toLibraryForm(key: LogKey): void {
  if (key?.rawBytes === undefined) return
  const details = loadSigstore().specs.PublicKeyDetails[key.keyDetails]
  if (!/^PKIX_RSA_PKCS1V15_\d+_/.test(details)) return
  const spki = createPublicKey({ key: key.rawBytes, format: 'der', type: 'spki' })
  key.rawBytes = spki.export({ format: 'der', type: 'pkcs1' })
}

/**
 * Verifying a certificate means building its chain, and most of that is authorities checking one another: always the same
 * answer. Their certificates are made above and given to nobody, so each pair is checked once.
 */
function rememberChain({ certChain }: CertAuthority): void {
  for (const certificate of certChain) {
    const known = new Map<unknown, boolean>()
    const der = certificate.root.toDER()
    const check = certificate.verify.bind(certificate)
    certificate.verify = (issuer) => {
      const before = known.get(issuer)
      if (before !== undefined) return before
      const answer = check(issuer)
      // Issuers that are not authorities of this root (a bundle’s own certificate) are not kept.
      if (issuer === undefined || certChain.includes(issuer)) known.set(issuer, answer)
      return answer
    }
    certificate.root.toDER = () => der
  }
}

function readIssuers(issuers: readonly string[] | undefined): readonly string[] | undefined {
  if (issuers === undefined) return undefined
  if (issuers.length === 0 || issuers.includes('')) {
    throw rootRefusal('at least one issuer, none of them empty', JSON.stringify(issuers))
  }
  return Object.freeze([...issuers])
}

/** Never less than one of whatever the root has, and never no time: without one, a certificate’s ten minutes mean nothing. */
function readOptions(
  wanted: Partial<RootOptions> = {},
  { tlogs, ctlogs }: TrustMaterial,
): RootOptions {
  const least = { logs: Math.min(tlogs.length, 1), scts: Math.min(ctlogs.length, 1), timestamps: 1 }
  const options = { ...least, ...wanted }
  for (const name of ['logs', 'scts', 'timestamps'] as const) {
    if (!Number.isSafeInteger(options[name]) || options[name] < least[name] || options[name] > 8) {
      throw rootRefusal(`${name} from ${least[name]} to 8`, String(options[name]))
    }
  }
  return Object.freeze({ logs: options.logs, scts: options.scts, timestamps: options.timestamps })
}
