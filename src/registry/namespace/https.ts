// Asking a web site: GET https://DOMAIN/.well-known/toolmark.json (RFC 8615). No redirects: another site would speak for the
// domain. No private addresses, and the connection goes to the very address that was looked at (DNS rebinding, T33).

import type { IncomingMessage } from 'node:http'
import { request } from 'node:https'
import { isIP } from 'node:net'
import { RegistryError } from '../../lib/index.ts'
import { type Address, type DnsOptions, readAddresses } from './dns.ts'
import { DOCUMENT_BYTES, type Listing, listingFromDocument } from './listing.ts'
import { isPublicAddress } from './public-address.ts'

export interface HttpsOptions {
  /** Where to connect instead of the domain’s own addresses; the certificate must be the domain’s all the same. */
  readonly connect?: { readonly address: string; readonly port: number }
  /** PEM of the authorities to trust instead of the machine’s. */
  readonly ca?: string
  /** Longest silence, in milliseconds; default 10,000. */
  readonly idleMs?: number
  /** Everything together; default 30,000. */
  readonly totalMs?: number
}

export interface HttpsRequest {
  readonly https: HttpsOptions
  readonly dns: DnsOptions
}

export async function readWellKnown(
  host: string,
  { https, dns }: HttpsRequest,
  running: { readonly signal?: AbortSignal | undefined } = {},
): Promise<Listing> {
  const where = `https://${host}/.well-known/toolmark.json`
  const addresses = await addressesOf(host, { https, dns }, running)
  const totalMs = https.totalMs ?? 30_000
  const deadline = AbortSignal.timeout(totalMs)
  const stop = running.signal === undefined ? deadline : AbortSignal.any([running.signal, deadline])
  try {
    const response = await open(where, { host, https, addresses, signal: stop })
    const listing = listingFromDocument(await readBody(response, where), where)
    const { connect } = https
    return connect === undefined
      ? listing
      : { ...listing, via: `${connect.address}:${connect.port}` }
  } catch (cause) {
    running.signal?.throwIfAborted()
    throw failureOf(cause, where, deadline.aborted ? `no end after ${totalMs} ms` : undefined)
  }
}

async function addressesOf(
  host: string,
  { https, dns }: HttpsRequest,
  running: { readonly signal?: AbortSignal | undefined },
): Promise<readonly Address[]> {
  if (https.connect !== undefined) {
    const { address } = https.connect
    return [{ address, family: isIP(address) === 6 ? 6 : 4 }]
  }
  const found = await readAddresses(host, dns, running)
  const addresses = found.filter(isPublicAddress)
  if (addresses.length > 0) return addresses
  throw new RegistryError('NAMESPACE_UNPROVEN', `${host} has no public address.`, {
    expected: 'an address on the internet',
    got: found.map(({ address }) => address).join(', '),
    next: 'Prove the namespace by DNS, or say where to connect: `--connect ADDRESS:PORT`.',
  })
}

interface Opening {
  readonly host: string
  readonly https: HttpsOptions
  readonly addresses: readonly Address[]
  readonly signal: AbortSignal
}

/** The response, once it is one that can hold a document. */
async function open(where: string, opening: Opening): Promise<IncomingMessage> {
  const { host, https, addresses, signal } = opening
  const { promise, resolve, reject } = Promise.withResolvers<IncomingMessage>()
  const idleMs = https.idleMs ?? 10_000
  const sent = request({
    host,
    servername: host,
    port: https.connect?.port ?? 443,
    path: new URL(where).pathname,
    agent: false,
    timeout: idleMs,
    signal,
    // Also where NODE_TLS_REJECT_UNAUTHORIZED says otherwise.
    rejectUnauthorized: true,
    ...(https.ca === undefined ? {} : { ca: https.ca }),
    headers: { host, accept: 'application/json', 'accept-encoding': 'identity' },
    lookup: (_name, options, callback) => {
      if (options.all === true) callback(null, [...addresses])
      else callback(null, addresses[0]?.address ?? '', addresses[0]?.family)
    },
  })
  let answer: IncomingMessage | undefined
  // Once there is a response, only destroying that one says why.
  sent.on('timeout', () => (answer ?? sent).destroy(new Error(`nothing for ${idleMs} ms`)))
  sent.on('error', reject)
  sent.on('response', (response) => {
    answer = response
    resolve(response)
  })
  sent.end()
  const response = await promise
  try {
    assertDocument(response, where)
    return response
  } catch (error) {
    response.destroy()
    throw error
  }
}

function assertDocument({ statusCode = 0, headers }: IncomingMessage, where: string): void {
  if (statusCode >= 500) throw new Error(`status ${statusCode}`)
  if (statusCode >= 300 && statusCode < 400) {
    throw unproven(where, 'redirects, and another address cannot speak for the domain', {
      expected: 'the document itself, with status 200',
      got: `status ${statusCode} to ${(headers.location ?? 'nowhere').slice(0, 200)}`,
    })
  }
  if (statusCode !== 200) {
    throw unproven(where, 'has no document', {
      expected: 'status 200',
      got: `status ${statusCode}`,
    })
  }
  const type = headers['content-type'] ?? 'none'
  // A site that answers every path with a page does not thereby say anything about publishers.
  if (!/^application\/json *(?:;|$)/i.test(type)) {
    const got = `content type ${type.slice(0, 100)}`
    throw unproven(where, 'is no JSON document', { expected: 'application/json', got })
  }
  const encoding = headers['content-encoding'] ?? 'identity'
  if (encoding !== 'identity') {
    const got = encoding.slice(0, 100)
    throw unproven(where, 'is compressed, unasked', { expected: 'no content encoding', got })
  }
}

async function readBody(response: IncomingMessage, where: string): Promise<Uint8Array> {
  const chunks: Buffer[] = []
  let length = 0
  // Leaving the loop destroys the response: no more than a chunk over the limit is ever held.
  for await (const chunk of response as AsyncIterable<Buffer>) {
    length += chunk.length
    if (length > DOCUMENT_BYTES) {
      throw new RegistryError('LIMIT_EXCEEDED', `${where} answers too much.`, {
        expected: `at most ${DOCUMENT_BYTES} bytes`,
        got: `more than ${DOCUMENT_BYTES} bytes`,
        next: 'Ask the owner of the domain to correct it.',
      })
    }
    chunks.push(chunk)
  }
  return Buffer.concat(chunks)
}

function unproven(
  where: string,
  problem: string,
  values: { readonly expected: string; readonly got: string },
): RegistryError {
  return new RegistryError('NAMESPACE_UNPROVEN', `${where} ${problem}.`, {
    ...values,
    next: 'If the domain is yours, serve the document there (docs/namespaces.md), or prove the namespace by DNS.',
  })
}

/** As node:tls names what a certificate fails on. */
const CERTIFICATE =
  /^(?:ERR_TLS_CERT_ALTNAME_|CERT_|DEPTH_ZERO_SELF_SIGNED_CERT|SELF_SIGNED_CERT|UNABLE_TO_)/

/** A certificate that is not the domain’s proves nothing; a connection that fails says nothing either way. */
function failureOf(cause: unknown, where: string, deadline?: string): RegistryError {
  if (cause instanceof RegistryError) return cause
  const { code = '', message } = cause as NodeJS.ErrnoException
  if (CERTIFICATE.test(code)) {
    const host = new URL(where).hostname
    return unproven(where, 'shows a certificate that does not prove the domain', {
      expected: `a valid certificate for ${host}`,
      got: code,
    })
  }
  return new RegistryError('SERVER_FAILED', `${where} gave no answer.`, {
    expected: 'a document within the time allowed',
    got: deadline ?? (code === '' ? message : code),
    next: 'Try again, or ask DNS alone with `--method dns`.',
    cause,
  })
}
