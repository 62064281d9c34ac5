// The services of Sigstore on loopback, each on a port of its own, as a program: importing @sigstore/mock patches http for the whole
// process. Told over IPC which service shall fail and how; tells its ports, its trusted root and the key its tokens are signed with.

import { createHash, createPublicKey, generateKeyPairSync, verify } from 'node:crypto'
import { once } from 'node:events'
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http'
import {
  fulcioHandler,
  initializeCTLog,
  initializeTLog,
  initializeTSA,
  rekorHandler,
  tsaHandler,
} from '@sigstore/mock'
import { makeAuthority } from './authority.ts'
import { makeRekorV2 } from './rekor-v2.ts'
import type { Fault, Ready, Service, ToChild } from './sigstore.ts'
import { toTrustedRoot } from './trusted-root.ts'

interface Answer {
  readonly status: number
  readonly body: string | Uint8Array
  readonly type?: string
  readonly location?: string
}

type Serve = (request: { method: string; path: string; body: string }) => Promise<Answer>

const faults = new Map<Service, Fault>()
const asked: Record<Service, number> = { fulcio: 0, rekor1: 0, rekor2: 0, tsa: 0 }

const HOUR = 3_600_000
const newKey = () => generateKeyPairSync('ec', { namedCurve: 'P-256' })
const issuerKey = newKey()

// Certificates.

const ctLog = await initializeCTLog(newKey())
const authority = makeAuthority(
  async (precertificate, issuerId) => {
    const [certificate, issuer] = [precertificate, issuerId].map(alone) as [
      ArrayBuffer,
      ArrayBuffer,
    ]
    return new Uint8Array(await ctLog.log(certificate, issuer))
  },
  () => new Date(Date.now() - (faults.get('fulcio') === 'expired' ? HOUR : 0)),
)
const fulcio = fulcioHandler(
  {
    rootCertificate: authority.rootCertificate,
    issueCertificate: (request) => authority.issueCertificate(forKey(request)),
  },
  { subjectClaim: 'loopback_san' },
)

function forKey<T extends { readonly publicKey: ArrayBufferView<ArrayBuffer> }>(request: T): T {
  return faults.get('fulcio') === 'other-key' ? { ...request, publicKey: otherKey() } : request
}

function otherKey(): Buffer<ArrayBuffer> {
  return Buffer.from(
    new Uint8Array(newKey().publicKey.export({ type: 'spki', format: 'der' })).buffer,
  )
}

/** What Fulcio checks and @sigstore/mock does not: the token’s signature, audience and time, and that the asker holds the key. */
const serveFulcio: Serve = async ({ body }) => {
  const request = JSON.parse(body)
  const token: string = request.credentials.oidcIdentityToken
  const [head = '', payload = '', signature = ''] = token.split('.')
  const claims = JSON.parse(Buffer.from(payload, 'base64url').toString())
  const isSigned = verify(
    'sha256',
    Buffer.from(`${head}.${payload}`),
    { key: issuerKey.publicKey, dsaEncoding: 'ieee-p1363' },
    Buffer.from(signature, 'base64url'),
  )
  const now = Date.now() / 1000
  if (!isSigned || claims.aud !== 'sigstore' || claims.exp < now || claims.nbf > now) {
    return refuse(401, 'There was an error processing the identity token')
  }
  const { publicKey, proofOfPossession } = request.publicKeyRequest
  const challenge = Buffer.from(claims.email ?? claims.sub)
  const proof = Buffer.from(proofOfPossession, 'base64')
  if (!verify('sha256', challenge, createPublicKey(publicKey.content), proof)) {
    return refuse(400, 'The signature supplied in the request could not be verified')
  }
  const san = claims.job_workflow_ref
    ? `https://github.com/${claims.job_workflow_ref}`
    : (claims.email ?? claims.sub)
  // The handler reads the token it is handed for the subject’s name and the claims, and nothing else of it.
  const read = Buffer.from(JSON.stringify({ ...claims, loopback_san: san })).toString('base64url')
  request.credentials.oidcIdentityToken = `${head}.${read}.${signature}`
  return fromHandler(await fulcio.fn(JSON.stringify(request)))
}

// Logs.

const certificateOfAnother = async (): Promise<Buffer> =>
  authority.issueCertificate({
    publicKey: otherKey(),
    subjectAltName: 'https://github.com/mallory/tools/.github/workflows/x.yml@refs/heads/main',
  })
const anothers = await certificateOfAnother()
const pemOf = (bytes: Buffer): string =>
  `-----BEGIN CERTIFICATE-----\n${bytes.toString('base64').replace(/(.{64})(?!$)/g, '$1\n')}\n-----END CERTIFICATE-----\n`

const entries = new Map<string, string>()

async function makeServeRekor1(url: string): Promise<{ serve: Serve; spki: Buffer }> {
  const log = await initializeTLog(url, newKey())
  const handler = rekorHandler(log)
  const serve: Serve = async ({ method, path, body }) => {
    if (method === 'GET') {
      const found = entries.get(path.split('/').at(-1) ?? '')
      return found === undefined ? refuse(404, 'no such entry') : json(200, found)
    }
    // An entry that is there is not added again: the answer says where it is.
    const uuid = createHash('sha256').update(body).digest('hex')
    if (entries.has(uuid)) {
      return {
        ...refuse(409, 'an equivalent entry already exists'),
        location: `/api/v1/log/entries/${uuid}`,
      }
    }
    const entry = JSON.parse(body)
    if (faults.get('rekor1') === 'other-key') {
      const [signature] = entry.spec.content.envelope.signatures
      signature.publicKey = Buffer.from(pemOf(anothers)).toString('base64')
    }
    const answer = fromHandler(await handler.fn(JSON.stringify(entry)))
    entries.set(uuid, JSON.stringify({ [uuid]: Object.values(JSON.parse(`${answer.body}`))[0] }))
    return faults.get('rekor1') === 'lost'
      ? refuse(503, 'the answer was lost')
      : json(201, entries.get(uuid) ?? '')
  }
  return { serve, spki: log.publicKey }
}

// Time. DER forbids trailing zeros in a fraction of a second, which is what @sigstore/mock writes now and then: whole seconds.

const tsa = await initializeTSA(newKey())
Object.assign(tsa, { getCurrentTime: () => new Date(Math.floor(Date.now() / 1000) * 1000) })
const stamp = tsaHandler(tsa)
const serveTsa: Serve = async ({ body }) => fromHandler(await stamp.fn(body))

// Servers.

async function listen(
  service: Service,
  makeServe: (url: string) => Promise<Serve>,
): Promise<string> {
  let serve: Serve | undefined
  const server = createServer((request, response) => {
    void answer(service, request, response, serve)
  })
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  const { port } = server.address() as { port: number }
  const url = `http://127.0.0.1:${port}`
  serve = await makeServe(url)
  return url
}

async function answer(
  service: Service,
  request: IncomingMessage,
  response: ServerResponse,
  serve: Serve | undefined,
): Promise<void> {
  const chunks: Buffer[] = []
  for await (const chunk of request) chunks.push(chunk)
  asked[service]++
  const reply = (await failOf(service)) ?? (await serveSafely(serve, request, chunks))
  if (reply === 'hang') return
  const { status, body, type = 'text/plain', location } = reply
  const headers = { 'content-type': type, ...(location === undefined ? {} : { location }) }
  response.writeHead(status, headers).end(body)
}

async function serveSafely(
  serve: Serve | undefined,
  { method = '', url = '' }: IncomingMessage,
  chunks: readonly Buffer[],
): Promise<Answer> {
  try {
    const body = Buffer.concat(chunks).toString()
    return (await serve?.({ method, path: url, body })) ?? refuse(503, 'starting')
  } catch (error) {
    return refuse(400, `${error}`)
  }
}

async function failOf(service: Service): Promise<Answer | 'hang' | undefined> {
  switch (faults.get(service)) {
    case 'error':
      return refuse(500, 'broken')
    case 'busy-once':
      faults.delete(service)
      return refuse(503, 'busy')
    case 'refuse':
      return refuse(400, 'not like this')
    case 'hang':
      return 'hang'
    case 'garbage':
      return { status: 201, body: '<html>what?</html>', type: 'application/json' }
    case 'empty':
      return { status: 201, body: '{}', type: 'application/json' }
    default:
      return undefined
  }
}

function refuse(status: number, message: string): Answer {
  return json(status, JSON.stringify({ code: status, message }))
}

function json(status: number, body: string): Answer {
  return { status, body, type: 'application/json' }
}

interface Handled {
  readonly statusCode: number
  readonly response: string | ArrayBufferView<ArrayBuffer>
  readonly contentType?: string
}

function fromHandler({ statusCode, response, contentType }: Handled): Answer {
  const body =
    typeof response === 'string'
      ? response
      : new Uint8Array(response.buffer, response.byteOffset, response.byteLength)
  return { status: statusCode, body, ...(contentType === undefined ? {} : { type: contentType }) }
}

function alone(bytes: Uint8Array): ArrayBuffer {
  return new Uint8Array(bytes).buffer
}

const endpoints = { fulcio: '', rekor1: '', rekor2: '', tsa: '' }
const none: Buffer = Buffer.alloc(0)
const spkis = { rekor1: none, rekor2: none, rekor2Id: none }
endpoints.fulcio = await listen('fulcio', async () => serveFulcio)
endpoints.rekor1 = await listen('rekor1', async (url) => {
  const { serve, spki } = await makeServeRekor1(url)
  spkis.rekor1 = spki
  return serve
})
endpoints.rekor2 = await listen('rekor2', async (url) => {
  const isOther = (): boolean => faults.get('rekor2') === 'other-key'
  const log = makeRekorV2(new URL(url).host, (own) =>
    isOther() ? anothers.toString('base64') : own,
  )
  spkis.rekor2 = log.spki
  spkis.rekor2Id = log.logId
  return async ({ body }) => json(201, JSON.stringify(log.add(JSON.parse(body))))
})
endpoints.tsa = `${await listen('tsa', async () => serveTsa)}/api/v1/timestamp`

const view = (bytes: ArrayBufferView<ArrayBuffer>): Buffer =>
  Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength)

const ready: Ready = {
  kind: 'ready',
  endpoints,
  issuerKey: issuerKey.privateKey.export({ type: 'pkcs8', format: 'pem' }).toString(),
  trustedRoot: toTrustedRoot({
    endpoints,
    authority,
    ctLog: { spki: ctLog.publicKey, logId: view(ctLog.logID) },
    rekor1: spkis.rekor1,
    rekor2: { spki: spkis.rekor2, logId: spkis.rekor2Id },
    tsa: [view(tsa.intCertificate), view(tsa.rootCertificate)],
  }),
}

process.on('message', (message: ToChild) => {
  if (message.kind === 'fault') {
    if (message.fault === 'none') faults.delete(message.service)
    else faults.set(message.service, message.fault)
  }
  process.send?.({ kind: 'done', asked })
})
process.on('disconnect', () => process.exit(0))
process.send?.(ready)
