// A web site with a certificate: node:https on loopback, and an authority of the test’s own, made by openssl.

import { once } from 'node:events'
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import type { RequestListener } from 'node:http'
import { createServer } from 'node:https'
import type { Socket } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { openssl } from '../trust/openssl.ts'

export interface Certificate {
  readonly key: string
  readonly cert: string
}

export interface Authority extends Disposable {
  /** Its own certificate. */
  readonly pem: string
  readonly file: string
  /** Valid for ten years, or, with `expired`, for a day of the year 2020. */
  issue(host: string, options?: { readonly expired?: boolean }): Certificate
}

const CONFIG = `[ca]
default_ca = own
[own]
database = index.txt
new_certs_dir = .
serial = serial
default_md = sha256
policy = any
copy_extensions = copy
[any]
commonName = supplied
`

export function makeAuthority(): Authority {
  const folder = mkdtempSync(join(tmpdir(), 'toolmark-ca-'))
  const at = (name: string): string => join(folder, name)
  writeFileSync(at('ca.cnf'), CONFIG.replaceAll('= .\n', `= ${folder}\n`))
  writeFileSync(at('index.txt'), '')
  writeFileSync(at('serial'), '1000\n')
  const config = readFileSync(at('ca.cnf'), 'utf8')
  writeFileSync(
    at('ca.cnf'),
    config.replace('index.txt', at('index.txt')).replace('= serial', `= ${at('serial')}`),
  )
  const newKey = ['-newkey', 'ec', '-pkeyopt', 'ec_paramgen_curve:P-256', '-nodes']
  openssl(
    ...['req', '-x509', ...newKey, '-keyout', at('ca.key'), '-out', at('ca.pem')],
    ...['-days', '3650', '-subj', '/CN=A test authority'],
  )
  let made = 0
  return {
    pem: readFileSync(at('ca.pem'), 'utf8'),
    file: at('ca.pem'),
    issue: (host, { expired = false } = {}) => {
      const name = `site-${made++}`
      openssl(
        ...['req', ...newKey, '-keyout', at(`${name}.key`), '-out', at(`${name}.csr`)],
        ...['-subj', `/CN=${name}`, '-addext', `subjectAltName=DNS:${host}`],
      )
      const dates = expired
        ? ['-startdate', '20200101000000Z', '-enddate', '20200102000000Z']
        : ['-days', '3650']
      openssl(
        ...['ca', '-batch', '-notext', '-config', at('ca.cnf'), ...dates],
        ...['-cert', at('ca.pem'), '-keyfile', at('ca.key')],
        ...['-in', at(`${name}.csr`), '-out', at(`${name}.pem`)],
      )
      return {
        key: readFileSync(at(`${name}.key`), 'utf8'),
        cert: readFileSync(at(`${name}.pem`), 'utf8'),
      }
    },
    [Symbol.dispose]: () => rmSync(folder, { recursive: true, force: true }),
  }
}

export interface WebSite extends AsyncDisposable {
  readonly port: number
  /** `METHOD host path` of every request. */
  readonly asked: string[]
  /** What it answers; a test sets it. */
  answer: RequestListener
  /** Answers every request with this document. */
  serve(body: string, headers?: Readonly<Record<string, string>>, status?: number): void
}

export async function startWebSite(certificate: Certificate): Promise<WebSite> {
  const asked: string[] = []
  const sockets = new Set<Socket>()
  const server = createServer({ ...certificate }, (request, response) => {
    asked.push(`${request.method} ${request.headers.host} ${request.url}`)
    site.answer(request, response)
  })
  server.on('connection', (socket: Socket) => sockets.add(socket))
  server.on('tlsClientError', () => {})
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  const { port } = server.address() as { port: number }
  const site: WebSite = {
    port,
    asked,
    answer: (_request, response) => {
      response.writeHead(404).end()
    },
    serve: (body, headers = { 'content-type': 'application/json' }, status = 200) => {
      site.answer = (_request, response) => {
        response.writeHead(status, headers).end(body)
      }
    },
    [Symbol.asyncDispose]: async () => {
      for (const socket of sockets) socket.destroy()
      server.close()
      await once(server, 'close')
    },
  }
  return site
}
