// A timestamp authority that shares no code with ours, nor with Sigstore’s: `openssl ts`, with an authority and a key of its own, behind the
// JSON that Sigstore’s clients send.

import { execFile, execFileSync } from 'node:child_process'
import { once } from 'node:events'
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { createServer, type IncomingMessage } from 'node:http'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { promisify } from 'node:util'

export interface OpensslTsa extends AsyncDisposable {
  readonly url: string
  /** DER, leaf first. */
  readonly chain: readonly Buffer[]
  /** How many it has given. */
  readonly count: () => number
}

const CONFIG = `[tsa]
default_tsa = own
[own]
serial = serial
default_policy = 1.2.3.4.1
digests = sha256
signer_digest = sha256
ess_cert_id_alg = sha256
accuracy = secs:1
[stamp]
basicConstraints = critical,CA:FALSE
keyUsage = critical,digitalSignature
extendedKeyUsage = critical,timeStamping
subjectKeyIdentifier = hash
authorityKeyIdentifier = keyid
`

/** Undefined, with a warning, where there is no openssl. */
export async function startOpensslTsa(): Promise<OpensslTsa | undefined> {
  const folder = mkdtempSync(join(tmpdir(), 'toolmark-tsa-'))
  const run = (words: string): void => {
    execFileSync('openssl', words.split(' '), { cwd: folder, stdio: 'ignore' })
  }
  const drop = (): void => rmSync(folder, { recursive: true, force: true })
  try {
    run('version')
  } catch {
    drop()
    console.warn('skipped: openssl is absent, so no independent timestamp authority')
    return undefined
  }
  writeFileSync(join(folder, 'ts.cnf'), CONFIG)
  writeFileSync(join(folder, 'serial'), '1000\n')
  const key = '-newkey ec -pkeyopt ec_paramgen_curve:prime256v1 -nodes'
  run(`req -x509 ${key} -days 2 -subj /CN=tsa-root -keyout ca.key -out ca.pem`)
  run(`req ${key} -subj /CN=tsa -keyout tsa.key -out tsa.csr`)
  run(
    'x509 -req -in tsa.csr -CA ca.pem -CAkey ca.key -CAcreateserial -days 2 -extfile ts.cnf -extensions stamp -out tsa.pem',
  )
  let count = 0
  const server = createServer((request, response) => {
    stamp(folder, request, count++).then(
      (body) =>
        response.writeHead(201, { 'content-type': 'application/timestamp-reply' }).end(body),
      (error) => response.writeHead(500).end(`${error}`),
    )
  })
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  const { port } = server.address() as { port: number }
  return {
    url: `http://127.0.0.1:${port}/stamp`,
    chain: ['tsa.pem', 'ca.pem'].map((name) => derOf(readFileSync(join(folder, name), 'utf8'))),
    count: () => count,
    [Symbol.asyncDispose]: async () => {
      server.closeAllConnections()
      server.close()
      await once(server, 'close')
      drop()
    },
  }
}

const runFile = promisify(execFile)

async function stamp(folder: string, request: IncomingMessage, number: number): Promise<Buffer> {
  const chunks: Buffer[] = []
  for await (const chunk of request) chunks.push(chunk)
  const { artifactHash } = JSON.parse(Buffer.concat(chunks).toString())
  const digest = Buffer.from(artifactHash, 'base64').toString('hex')
  const [query, reply] = [`${number}.tsq`, `${number}.tsr`]
  const openssl = (words: string) => runFile('openssl', words.split(' '), { cwd: folder })
  await openssl(`ts -query -digest ${digest} -sha256 -out ${query}`)
  await openssl(
    `ts -reply -config ts.cnf -section own -queryfile ${query} -signer tsa.pem -inkey tsa.key -out ${reply}`,
  )
  return readFileSync(join(folder, reply))
}

function derOf(pem: string): Buffer {
  return Buffer.from(pem.replace(/-----[A-Z ]+-----/g, '').replace(/\s/g, ''), 'base64')
}
