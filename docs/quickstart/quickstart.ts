// The whole story on one machine: two nodes as two processes with two folders, a real MCP server, one flipped byte.
// Run it with `npm run quickstart`. It ends by itself and removes what it made.

import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import { cp, mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises'
import { createRequire } from 'node:module'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'

// The library as it is installed: built, not the sources.
const built = new URL('../../dist/index.js', import.meta.url).href
const { loadTools }: typeof import('../../src/index.ts') = await import(built)

const REGISTRY = join(import.meta.dirname, '..', '..', 'dist', 'bin', 'registry.js')
const folder = await mkdtemp(join(tmpdir(), 'toolmark-quickstart-'))
const alice = join(folder, 'alice')
const bob = join(folder, 'bob')
let node: ChildProcess | undefined

try {
  await tell()
} finally {
  if (node !== undefined && node.exitCode === null) {
    node.kill('SIGTERM')
    await once(node, 'exit')
  }
  await rm(folder, { recursive: true, force: true })
}

async function tell(): Promise<void> {
  say('1. Alice makes a publisher: a signing key, a log key, and the first entry of her log.')
  const { publisher } = await registry(alice, 'init')
  say(`   Her id is the hash of that entry: ${publisher}`)

  say('2. She publishes the tools of a real MCP server, asked over stdio.')
  const published = await registry(alice, 'publish', '--mcp', `node ${serverPath()} stdio`)
  const [release] = published.releases
  say(`   ${release.name}@${release.version}`)
  say(`   release ${release.release}, signed as entry ${release.seq}: ${release.statement}`)
  for (const tool of release.tools) say(`   tool    ${tool.cid}  ${tool.name}`)

  say(
    '3. Her node serves them; Bob’s node, with nothing in common but the address and her id, pulls them.',
  )
  const address = await serve()
  say(`   ${address}`)
  const out = join(folder, 'pulled')
  const pulled = await registry(bob, 'pull', release.name, '--from', address, '--out', out)
  say(
    `   ${pulled.verdict}: ${pulled.fetched} blocks came over libp2p; entry ${pulled.log.index} of ${pulled.log.size}`,
  )
  expect(pulled.release === release.release, 'Bob holds the release that Alice signed')

  say('4. Bob proves it again, says whom he trusts, and locks what he has looked at.')
  const { results } = await registry(bob, 'verify', release.name)
  say(`   registry verify: ${results[0].verdict}`)
  await registry(bob, 'trust', 'init')
  await registry(bob, 'trust', 'add', publisher)
  await registry(bob, 'add', release.name, '--approve')
  const [lockfile, policy] = ['tools.lock.json', 'trust.toml'].map((name) => join(folder, name))
  say('   trust.toml names the publisher; tools.lock.json holds every tool by its hash.')

  say('5. An agent starts: both files, the store, no network.')
  const tools = await loadTools({ home: bob, lockfile, policy })
  say(`   loadTools(): ${tools.length} frozen tools: ${tools.map((tool) => tool.name).join(', ')}`)
  expect(tools.length === release.tools.length, 'every tool was loaded')

  say('6. Somebody flips one bit in a copy of a tool.')
  const copy = join(folder, 'tampered')
  await cp(out, copy, { recursive: true })
  const [victim = ''] = await readdir(join(copy, 'tools'))
  const path = join(copy, 'tools', victim)
  const bytes = await readFile(path)
  bytes.writeUInt8(bytes.readUInt8(bytes.length - 3) ^ 1, bytes.length - 3)
  await writeFile(path, bytes)
  const refused = await registry(bob, 'verify', path)
  const [result] = refused.results
  say(
    `   registry verify ${victim}: ${result.verdict}. ${result.error?.message.replaceAll(folder, '…')}`,
  )
  say(`   expected ${result.error?.expected}`)
  say(`   got      ${result.error?.got}`)
  expect(result.verdict === 'MISMATCH', 'the changed tool was refused')
  say('Done. Nothing is left running, and the folder is removed.')
}

/** Runs one command with --json in a folder of its own and answers what it printed. */
// biome-ignore lint/suspicious/noExplicitAny: the shapes are those of docs/cli.md; this script only tells a story with them.
async function registry(home: string, ...args: string[]): Promise<any> {
  const child = spawn(process.execPath, [REGISTRY, '--home', home, '--json', ...args], {
    cwd: folder,
    stdio: ['ignore', 'pipe', 'inherit'],
  })
  const chunks: Buffer[] = []
  child.stdout.on('data', (chunk: Buffer) => chunks.push(chunk))
  await once(child, 'close')
  const answer = JSON.parse(Buffer.concat(chunks).toString('utf8'))
  if (answer.error !== undefined)
    throw new Error(`registry ${args[0]}: ${JSON.stringify(answer.error)}`)
  return answer
}

/** Starts Alice’s node and answers the address it prints. */
async function serve(): Promise<string> {
  const child = spawn(process.execPath, [REGISTRY, '--home', alice, '--json', 'serve'], {
    stdio: ['ignore', 'pipe', 'inherit'],
  })
  node = child
  const [line] = (await once(child.stdout, 'data')) as [Buffer]
  return JSON.parse(line.toString('utf8')).addresses[0]
}

function serverPath(): string {
  const require = createRequire(import.meta.url)
  const manifest = require.resolve('@modelcontextprotocol/server-everything/package.json')
  return join(dirname(manifest), 'dist', 'index.js')
}

function expect(holds: boolean, what: string): void {
  if (!holds) throw new Error(`The quickstart failed: ${what} was expected.`)
}

function say(text: string): void {
  process.stdout.write(`${text}\n`)
}
