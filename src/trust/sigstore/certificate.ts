// What a Fulcio certificate says of who signed, read exactly: https://github.com/sigstore/fulcio/blob/main/docs/oid-info.md and RFC 5280.
// The library checks the chain; it looks neither at what the certificate is for nor at how many names are in it.

import type { X509Certificate } from '@sigstore/core'
import { equalBytes, RegistryError } from '../../lib/index.ts'
import { CLAIM_ARCS, CLAIM_NAMES, type ClaimName, type Identity } from '../identity/index.ts'
import { OBJECT_ID, readElement, readElements, SEQUENCE, UTF8_STRING } from './form/der.ts'
import type { Form } from './form/fields.ts'

const FULCIO = '1.3.6.1.4.1.57264.1'
const OLD_ISSUER = `${FULCIO}.1`
const ISSUER = `${FULCIO}.8`
const USER_NAME = Buffer.from('060a2b0601040183bf300107', 'hex')

const KEY_USAGE = '2.5.29.15'
const ALTERNATIVE_NAME = '2.5.29.17'
const BASIC_CONSTRAINTS = '2.5.29.19'
const EXTENDED_KEY_USAGE = '2.5.29.37'
/** Critical ones that are understood here; RFC 5280, 4.2: any other one makes the certificate unusable. */
const UNDERSTOOD = [KEY_USAGE, ALTERNATIVE_NAME, BASIC_CONSTRAINTS, EXTENDED_KEY_USAGE]

/** 1.3.6.1.5.5.7.3.3 */
const CODE_SIGNING = Buffer.from('2b06010505070303', 'hex')

type Extensions = ReadonlyMap<string, Uint8Array>

/** Throws CERTIFICATE_INVALID. Whether the certificate itself is to be believed is not asked here. */
export function readIdentity(certificate: X509Certificate, form: Form): Identity {
  const extensions = readExtensions(certificate)
  assertSigner(extensions)
  return {
    issuer: readIssuer(extensions, form),
    san: readName(extensions),
    claims: readClaims(extensions),
  }
}

function readExtensions(certificate: X509Certificate): Extensions {
  const extensions = new Map<string, Uint8Array>()
  for (const { subs } of certificate.extensions) {
    const [id, critical] = subs
    const value = subs.at(-1)
    if (id === undefined || value === undefined || subs.length < 2 || subs.length > 3) {
      throw refusal('extensions of an id, a mark and a value', 'another shape')
    }
    const oid = id.toOID()
    // Verifiers take the first or the last of two.
    if (extensions.has(oid)) throw refusal('each extension once', `${oid} twice`)
    if (subs.length === 3 && critical?.toBoolean() === true && !UNDERSTOOD.includes(oid)) {
      throw refusal('no critical extension that is not understood', oid)
    }
    extensions.set(oid, value.value)
  }
  return extensions
}

/** A certificate for something else, such as a web server or another authority, says nothing about who signs code. */
function assertSigner(extensions: Extensions): void {
  const usage = readElement(extensions.get(KEY_USAGE) ?? new Uint8Array(), 0x03)
  if (usage === undefined || ((usage[1] ?? 0) & 0x80) === 0) {
    throw refusal('a key for digital signatures', 'another key usage')
  }
  const purposes = readElement(extensions.get(EXTENDED_KEY_USAGE) ?? new Uint8Array(), SEQUENCE)
  const list = (purposes === undefined ? undefined : readElements(purposes)) ?? []
  if (!list.some(({ tag, value }) => tag === OBJECT_ID && equalBytes(value, CODE_SIGNING))) {
    throw refusal('a certificate for code signing', 'another purpose')
  }
  const constraints = extensions.get(BASIC_CONSTRAINTS)
  if (constraints !== undefined && readElement(constraints, SEQUENCE)?.length !== 0) {
    throw refusal('the certificate of a signer', 'one of an authority')
  }
}

/** The old extension is bare text, so it has no end of its own; the new one is DER. Where both are there, both must say the same. */
function readIssuer(extensions: Extensions, form: Form): string {
  const bytes = extensions.get(ISSUER)
  const old = extensions.get(OLD_ISSUER)
  const oldText = old === undefined ? undefined : plainText(old)
  if (old !== undefined && oldText === undefined) throw refusal('an issuer in ASCII', 'other bytes')
  if (bytes === undefined && form === 'any' && oldText !== undefined) return oldText
  const issuer = bytes === undefined ? undefined : readText(bytes)
  if (issuer === undefined) {
    throw refusal(
      `the issuer as a UTF8String (${ISSUER})`,
      bytes === undefined ? 'none' : 'other bytes',
    )
  }
  if (oldText !== undefined && oldText !== issuer) {
    throw refusal(`one issuer, ${issuer}`, `another in the old extension: ${oldText}`)
  }
  return issuer
}

/** Exactly one: of several names, a reader may check one and show another. */
function readName(extensions: Extensions): string {
  const names = readElement(extensions.get(ALTERNATIVE_NAME) ?? new Uint8Array(), SEQUENCE)
  const [name, ...others] = (names === undefined ? undefined : readElements(names)) ?? []
  if (name === undefined || others.length > 0) {
    throw refusal('exactly one subject alternative name', name === undefined ? 'none' : 'several')
  }
  // RFC 5280, 4.2.1.6: [1] an e-mail address, [6] a URI, [0] a name of a kind that its OID tells.
  const text =
    name.tag === 0x81 || name.tag === 0x86
      ? plainText(name.value)
      : name.tag === 0xa0
        ? readUserName(name.value)
        : undefined
  if (text === undefined) throw refusal('a URI, an e-mail address or a user name', 'another name')
  return text
}

function readUserName(value: Uint8Array): string | undefined {
  if (!equalBytes(value.subarray(0, USER_NAME.length), USER_NAME)) return undefined
  const tagged = readElement(value.subarray(USER_NAME.length), 0xa0)
  return tagged === undefined ? undefined : readText(tagged)
}

function readClaims(extensions: Extensions): Identity['claims'] {
  const claims: Partial<Record<ClaimName, string>> = {}
  for (const name of CLAIM_NAMES) {
    const bytes = extensions.get(`${FULCIO}.${CLAIM_ARCS[name]}`)
    if (bytes === undefined) continue
    const text = readText(bytes)
    if (text === undefined) throw refusal(`${name} as a UTF8String`, 'other bytes')
    claims[name] = text
  }
  return claims
}

const DECODER = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true })

function readText(der: Uint8Array): string | undefined {
  const bytes = readElement(der, UTF8_STRING)
  if (bytes === undefined || bytes.length === 0) return undefined
  try {
    return DECODER.decode(bytes)
  } catch {
    return undefined
  }
}

/** An IA5String, without control characters. */
function plainText(bytes: Uint8Array): string | undefined {
  const isPlain = bytes.length > 0 && bytes.every((byte) => byte >= 0x20 && byte < 0x7f)
  return isPlain ? Buffer.from(bytes).toString('latin1') : undefined
}

function refusal(expected: string, got: string): RegistryError {
  return new RegistryError(
    'CERTIFICATE_INVALID',
    'The certificate in the bundle does not say clearly who signed.',
    {
      expected,
      got,
      next: 'Do not use it. Ask whoever signed which authority gave them this certificate.',
    },
  )
}
