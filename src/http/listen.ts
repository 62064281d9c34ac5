// An HTTP server for short questions: bounded in time, bytes and connections, closed at once when it is told to. What it answers is the
// handler’s; no framework, no TLS (a reverse proxy’s work).

import { createServer, type IncomingMessage, type Server } from 'node:http'
import { isIP } from 'node:net'
import { RegistryError } from '../lib/index.ts'

export interface HttpAnswer {
  readonly status: number
  readonly type?: string
  readonly body?: string | Uint8Array
  readonly headers?: Readonly<Record<string, string>>
}

export type HttpHandler = (request: IncomingMessage) => Promise<HttpAnswer>

export interface Listening extends AsyncDisposable {
  /** `http://HOST:PORT`, with the port that was got. */
  readonly url: string
}

const CONNECTIONS = 64
const REQUEST_MS = 10_000

/** `listen` is HOST:PORT; a PORT alone is one of this machine. Throws USAGE and PEER_UNAVAILABLE. */
export async function openHttp(listen: string, handler: HttpHandler): Promise<Listening> {
  const { host, port } = parseListen(listen)
  const isLocal = host === 'localhost' || host === '::1' || host.startsWith('127.')
  const server = createServer({ maxHeaderSize: 8 * 1024 }, (request, response) => {
    const send = ({
      status,
      type = 'text/plain; charset=utf-8',
      body = '',
      headers,
    }: HttpAnswer) => {
      response.writeHead(status, {
        'content-type': type,
        'content-length': Buffer.byteLength(body),
        'cache-control': 'no-store',
        'x-content-type-options': 'nosniff',
        ...headers,
      })
      response.end(request.method === 'HEAD' ? undefined : body)
    }
    // A page in a browser that has its own name point here must not read what is for this machine (DNS rebinding).
    if (isLocal && !isLocalName(request.headers.host)) {
      send({ status: 421, body: 'This is for this machine alone.\n' })
      return
    }
    handler(request).then(send, () => send({ status: 500, body: 'This node could not answer.\n' }))
  })
  server.maxConnections = CONNECTIONS
  server.requestTimeout = REQUEST_MS
  server.headersTimeout = REQUEST_MS
  server.keepAliveTimeout = REQUEST_MS
  server.setTimeout(REQUEST_MS)
  await start(server, { host, port, listen })
  const address = server.address()
  const got = typeof address === 'object' && address !== null ? address.port : port
  return {
    url: `http://${isIP(host) === 6 ? `[${host}]` : host}:${got}`,
    [Symbol.asyncDispose]: async () => {
      const ended = new Promise((resolve) => server.close(resolve))
      server.closeAllConnections()
      await ended
    },
  }
}

function parseListen(listen: string): { readonly host: string; readonly port: number } {
  const [, host = '127.0.0.1', digits] = /^(?:(.+):)?([0-9]{1,5})$/.exec(listen) ?? []
  const port = Number(digits)
  if (digits !== undefined && port < 65_536) return { host: host.replace(/^\[(.*)\]$/, '$1'), port }
  throw new RegistryError('USAGE', 'This is not an address to serve HTTP on.', {
    expected: 'HOST:PORT, or a PORT of this machine alone',
    got: listen.slice(0, 120),
    next: 'Write it as 127.0.0.1:9464.',
  })
}

function isLocalName(header: string | undefined): boolean {
  const name = (header ?? '').replace(/:[0-9]{1,5}$/, '').toLowerCase()
  return name === 'localhost' || name === '[::1]' || /^127(?:\.[0-9]{1,3}){3}$/.test(name)
}

function start(
  server: Server,
  { host, port, listen }: { readonly host: string; readonly port: number; readonly listen: string },
): Promise<void> {
  return new Promise((resolve, reject) => {
    server.once('error', (cause: NodeJS.ErrnoException) => {
      reject(
        new RegistryError('PEER_UNAVAILABLE', `HTTP cannot be served on ${listen}.`, {
          expected: 'an address of this machine that nobody else uses',
          got: cause.code ?? cause.message,
          next: 'Choose another port, or stop the program that has it.',
          cause,
        }),
      )
    })
    server.listen({ host, port }, () => {
      server.removeAllListeners('error')
      // A failed accept (too many open files) concerns one client, not this process.
      server.on('error', () => {})
      resolve()
    })
  })
}
