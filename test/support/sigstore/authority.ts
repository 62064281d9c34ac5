// A certificate authority as Fulcio is one: a root, an intermediate, and leaves for ten minutes with one subject alternative name, the claims
// of a token and a signed certificate timestamp. The authority of @sigstore/mock knows no e-mail addresses and one serial number.

import { createHash, generateKeyPairSync, type KeyObject, randomBytes, sign } from 'node:crypto'
import { bits, der, integer, octets, oid, sequence, set, text, time, truth } from './der.ts'

const MINUTE = 60_000
const DAY = 24 * 60 * MINUTE
const ECDSA_SHA256 = sequence(oid('1.2.840.10045.4.3.2'))
const CODE_SIGNING = '1.3.6.1.5.5.7.3.3'
const SCT_LIST = '1.3.6.1.4.1.11129.2.4.2'

/** As @sigstore/mock asks. */
interface CertificateRequest {
  readonly publicKey: ArrayBufferView<ArrayBuffer>
  readonly subjectAltName: string
  readonly extensions?: readonly {
    readonly oid: string
    readonly value: string
    readonly legacy?: boolean
  }[]
}

interface Holder {
  readonly name: Buffer
  readonly spki: Buffer
  readonly secret: KeyObject
}

export interface Authority {
  readonly rootCertificate: Buffer<ArrayBuffer>
  readonly intermediateCertificate: Buffer
  issueCertificate(request: CertificateRequest): Promise<Buffer<ArrayBuffer>>
}

/** What a log of certificates answers for one that is not yet complete: a timestamp, with its length in front. */
export type LogCertificate = (precertificate: Buffer, issuerId: Buffer) => Promise<Uint8Array>

export function makeAuthority(log: LogCertificate, notBefore: () => Date): Authority {
  const root = makeHolder('loopback root')
  const intermediate = makeHolder('loopback intermediate')
  const since = new Date(Date.now() - DAY)
  const span = { from: since, to: new Date(since.getTime() + 365 * DAY) }
  const issuerId = createHash('sha256').update(intermediate.spki).digest()
  return {
    rootCertificate: certify(root, { ...root, ...span, extensions: caExtensions(root, root, 1) }),
    intermediateCertificate: certify(root, {
      ...intermediate,
      ...span,
      extensions: caExtensions(intermediate, root, 0),
    }),
    issueCertificate: async ({ publicKey, subjectAltName, extensions = [] }) => {
      const from = new Date(Math.floor(notBefore().getTime() / 1000) * 1000)
      const leaf = {
        name: sequence(),
        spki: Buffer.from(publicKey.buffer, publicKey.byteOffset, publicKey.byteLength),
        from,
        to: new Date(from.getTime() + 10 * MINUTE),
        serial: randomBytes(16),
        extensions: [
          extension('2.5.29.15', bits(Buffer.from([0x80]), 7), true),
          extension('2.5.29.37', sequence(oid(CODE_SIGNING))),
          extension('2.5.29.17', sequence(alternativeName(subjectAltName)), true),
          extension('2.5.29.35', sequence(der(0x80, keyId(intermediate.spki)))),
          ...extensions.map(({ oid: id, value, legacy }) =>
            extension(id, legacy === true ? Buffer.from(value) : text(value)),
          ),
        ],
      }
      const sct = await log(certify(intermediate, leaf), issuerId)
      const list = extension(SCT_LIST, octets(withLength(sct)))
      return certify(intermediate, { ...leaf, extensions: [...leaf.extensions, list] })
    },
  }
}

interface Subject {
  readonly name: Buffer
  readonly spki: Buffer
  readonly from: Date
  readonly to: Date
  readonly serial?: Buffer
  readonly extensions: readonly Buffer[]
}

function certify(issuer: Holder, subject: Subject): Buffer<ArrayBuffer> {
  const tbs = sequence(
    der(0xa0, integer(Buffer.from([2]))),
    integer(subject.serial ?? randomBytes(16)),
    ECDSA_SHA256,
    issuer.name,
    sequence(time(subject.from), time(subject.to)),
    subject.name,
    subject.spki,
    der(0xa3, sequence(...subject.extensions)),
  )
  const whole = sequence(tbs, ECDSA_SHA256, bits(sign('sha256', tbs, issuer.secret)))
  // Of a memory of its own: @sigstore/mock answers the whole of it, whatever the view on it.
  return Buffer.from(new Uint8Array(whole).buffer)
}

function makeHolder(common: string): Holder {
  const { publicKey, privateKey } = generateKeyPairSync('ec', { namedCurve: 'P-256' })
  const name = sequence(set(sequence(oid('2.5.4.3'), text(common))))
  return { name, spki: publicKey.export({ type: 'spki', format: 'der' }), secret: privateKey }
}

function caExtensions(own: Holder, issuer: Holder, pathLength: number): Buffer[] {
  return [
    extension('2.5.29.19', sequence(truth(), integer(Buffer.from([pathLength]))), true),
    extension('2.5.29.15', bits(Buffer.from([0x06]), 1), true),
    extension('2.5.29.14', octets(keyId(own.spki))),
    extension('2.5.29.35', sequence(der(0x80, keyId(issuer.spki)))),
  ]
}

function extension(id: string, value: Uint8Array, isCritical = false): Buffer {
  return sequence(oid(id), ...(isCritical ? [truth()] : []), octets(value))
}

function alternativeName(value: string): Buffer {
  const isMail = value.includes('@') && !value.includes('://')
  return der(isMail ? 0x81 : 0x86, Buffer.from(value, 'utf8'))
}

const keyId = (spki: Buffer): Buffer => createHash('sha1').update(spki).digest()

function withLength(bytes: Uint8Array): Buffer {
  return Buffer.concat([Buffer.from([bytes.length >> 8, bytes.length & 0xff]), bytes])
}
