// A TUF repository on loopback, with one target: a program of its own, for making one patches http in its process. Its first argument is
// the target’s file. It prints its port and its root, and answers under /good, /swapped (another target than the one that is signed) and
// /foreign (metadata signed by somebody else).

import { readFileSync } from 'node:fs'
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { initializeTUFRepo, tufHandlers } from '@tufjs/repo-mock'

const content = readFileSync(process.argv[2] ?? '', 'utf8')
const targets = (text: string) => [{ name: 'trusted_root.json', content: text }]
const own = initializeTUFRepo(targets(content))
const foreign = initializeTUFRepo(targets(content))
const swapped = { ...own, targets: targets(content.replace('{', '{ ')) }
const sites = { good: own, swapped, foreign }

const answers = Object.entries(sites).flatMap(([site, repo]) =>
  tufHandlers(repo, { metadataPathPrefix: `/${site}`, targetPathPrefix: `/${site}/targets` }),
)

let asked = 0

const server = createServer((request, response) => {
  asked += 1
  const handler = answers.find(({ path }) => path === request.url?.replace(/\/[0-9a-f]{64}\./, '/'))
  const { statusCode = 404, response: body = '' } = handler?.fn() ?? {}
  if (request.url === '/asked') response.end(String(asked - 1))
  else response.writeHead(statusCode).end(body)
})

server.listen(0, '127.0.0.1', () => {
  const { port } = server.address() as AddressInfo
  process.stdout.write(`${JSON.stringify({ port, root: own.rootMeta.toJSON() })}\n`)
})
