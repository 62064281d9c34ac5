// The services of Sigstore on loopback, each on a port of its own, as a program: importing @sigstore/mock patches http for the whole
// process. Told over IPC which service shall fail and how; tells its ports, its trusted root and the key its tokens are signed with.

import { once } from 'node:events'
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http'
import { initializeTSA, tsaHandler } from '@sigstore/mock'
import { type Answer, fromHandler, json, newKey, refuse, type Serve, view } from './answer.ts'
import { makeFulcio, otherKey } from './fulcio.ts'
import { makeRekorV1 } from './rekor-v1.ts'
import { makeRekorV2 } from './rekor-v2.ts'
import type { Fault, Ready, Service, ToChild } from './sigstore.ts'
import { toTrustedRoot } from './trusted-root.ts'

const faults = new Map<Service, Fault>()
const asked: Record<Service, number> = { fulcio: 0, rekor1: 0, rekor2: 0, tsa: 0 }
const faultOf = (service: Service) => () => faults.get(service)

const issuerKey = newKey()
const fulcio = await makeFulcio(issuerKey.publicKey, faultOf('fulcio'))
const another = await fulcio.authority.issueCertificate({
  publicKey: otherKey(),
  subjectAltName: 'https://github.com/mallory/tools/.github/workflows/x.yml@refs/heads/main',
})

// DER forbids trailing zeros in a fraction of a second, which is what @sigstore/mock writes now and then: whole seconds.
const tsa = await initializeTSA(newKey())
Object.assign(tsa, { getCurrentTime: () => new Date(Math.floor(Date.now() / 1000) * 1000) })
const stamp = tsaHandler(tsa)

interface Listening {
  readonly url: string
  serve: Serve
}

/** Whoever needs the port to make the service sets `serve` afterwards. */
async function listen(service: Service): Promise<Listening> {
  const starting: Serve = async () => refuse(503, 'starting')
  const server = createServer((request, response) => {
    void answer(service, request, response)
  })
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  const { port } = server.address() as { port: number }
  return { url: `http://127.0.0.1:${port}`, serve: starting }
}

async function answer(
  service: Service,
  request: IncomingMessage,
  response: ServerResponse,
): Promise<void> {
  const chunks: Buffer[] = []
  for await (const chunk of request) chunks.push(chunk)
  asked[service]++
  const reply = failOf(service) ?? (await serveSafely(service, request, chunks))
  if (reply === 'hang') return
  const { status, body, type = 'text/plain', location } = reply
  const headers = { 'content-type': type, ...(location === undefined ? {} : { location }) }
  response.writeHead(status, headers).end(body)
}

async function serveSafely(
  service: Service,
  { method = '', url = '' }: IncomingMessage,
  chunks: readonly Buffer[],
): Promise<Answer> {
  try {
    const body = Buffer.concat(chunks).toString()
    return await listening[service].serve({ method, path: url, body })
  } catch (error) {
    return refuse(400, `${error}`)
  }
}

function failOf(service: Service): Answer | 'hang' | undefined {
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

const listening: Readonly<Record<Service, Listening>> = {
  fulcio: await listen('fulcio'),
  rekor1: await listen('rekor1'),
  rekor2: await listen('rekor2'),
  tsa: await listen('tsa'),
}
const endpoints = {
  fulcio: listening.fulcio.url,
  rekor1: listening.rekor1.url,
  rekor2: listening.rekor2.url,
  tsa: `${listening.tsa.url}/api/v1/timestamp`,
}
const rekor1 = await makeRekorV1(endpoints.rekor1, another, faultOf('rekor1'))
const rekor2 = makeRekorV2(new URL(endpoints.rekor2).host, (own) =>
  faults.get('rekor2') === 'other-key' ? another.toString('base64') : own,
)
listening.fulcio.serve = fulcio.serve
listening.rekor1.serve = rekor1.serve
listening.rekor2.serve = async ({ body }) => json(201, JSON.stringify(rekor2.add(JSON.parse(body))))
listening.tsa.serve = async ({ body }) => fromHandler(await stamp.fn(body))

const ready: Ready = {
  kind: 'ready',
  endpoints,
  issuerKey: issuerKey.privateKey.export({ type: 'pkcs8', format: 'pem' }).toString(),
  trustedRoot: toTrustedRoot({
    endpoints,
    authority: fulcio.authority,
    ctLog: fulcio.ctLog,
    rekor1: rekor1.spki,
    rekor2,
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
