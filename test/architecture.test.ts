// The import table of docs/architecture.md, section 4: arrows only point up the list, other modules are entered through their
// index, third parties stay in their place. A stranger fails here.

import { readdirSync, readFileSync } from 'node:fs'
import { dirname, join, relative, resolve } from 'node:path'
import { describe, expect, test } from 'vitest'

const SRC = resolve(import.meta.dirname, '../src')

/** Top to bottom: a module may import those before it. */
const ORDER = [
  'lib',
  'cid',
  'spec',
  'store',
  'trust',
  'log',
  'resolve',
  'registry',
  'formats',
  'sync',
  'http',
  'node',
  'cli',
]

/** Third parties, and the only modules that may import them. */
const PLACES: Readonly<Record<string, readonly string[]>> = {
  '@sigstore/bundle': ['trust'],
  '@sigstore/core': ['trust'],
  '@sigstore/protobuf-specs': ['trust'],
  '@sigstore/sign': ['trust'],
  '@sigstore/verify': ['trust'],
  'classic-level': ['store'],
  cborg: ['store', 'sync'],
  semver: ['spec'],
  'smol-toml': ['trust'],
  '@sigstore/tuf': ['trust'],
  libp2p: ['sync'],
  '@libp2p/crypto': ['sync'],
  '@libp2p/identify': ['sync'],
  '@libp2p/interface': ['sync'],
  '@libp2p/noise': ['sync'],
  '@libp2p/ping': ['sync'],
  '@libp2p/tcp': ['sync'],
  '@libp2p/websockets': ['sync'],
  '@libp2p/yamux': ['sync'],
  '@libp2p/circuit-relay-v2': ['sync'],
  '@libp2p/dcutr': ['sync'],
  '@libp2p/gossipsub': ['sync'],
  '@libp2p/kad-dht': ['sync'],
  '@libp2p/mdns': ['sync'],
  '@libp2p/pnet': ['sync'],
  '@multiformats/multiaddr': ['sync'],
  uint8arraylist: ['sync'],
  'prom-client': ['http'],
  '@modelcontextprotocol/sdk': ['formats'],
}

/**
 * Files entered past their module's index, each so that a command loads no more than it needs (a bare `registry show CID` starts in
 * about twice the time of Node itself).
 */
const SIDE_DOORS: readonly string[] = [
  'node/home.ts',
  'node/policy-file.ts',
  'node/workspace.ts',
  'node/logger.ts',
  'node/serve.ts',
  'node/status.ts',
  'node/start.ts',
  'node/sync-peers.ts',
  'registry/read-block.ts',
  'registry/start/load-locked.ts',
  'registry/start/types.ts',
  'store/open.ts',
]

interface Import {
  readonly from: string
  readonly to: string
}

const imports = listFiles(SRC).flatMap(importsOf)
const inside = imports.filter(({ to }) => to.startsWith('.'))

describe('module boundaries', () => {
  test('the table sees imports at all', () => {
    expect(inside.length).toBeGreaterThan(50)
  })

  test('every folder under src is in the table', () => {
    const folders = readdirSync(SRC, { withFileTypes: true }).filter((entry) => entry.isDirectory())
    expect(folders.map(({ name }) => name).filter((name) => !ORDER.includes(name))).toEqual([])
  })

  test('arrows only point up', () => {
    const strangers = inside.filter(({ from, to }) => {
      const [own, other] = [moduleOf(from), moduleOf(target(from, to))]
      return own !== '' && ORDER.indexOf(other) > ORDER.indexOf(own)
    })
    expect(strangers).toEqual([])
  })

  test('another module is entered through its index', () => {
    const strangers = inside.filter(({ from, to }) => {
      const reached = target(from, to)
      if (moduleOf(from) === moduleOf(reached)) return false
      return !reached.endsWith('index.ts') && !SIDE_DOORS.includes(reached)
    })
    expect(strangers).toEqual([])
  })

  test('third parties stay in their place', () => {
    const strangers = imports.filter(({ from, to }) => {
      if (to.startsWith('.') || to.startsWith('node:')) return false
      return !(PLACES[packageOf(to)] ?? []).includes(moduleOf(from))
    })
    expect(strangers).toEqual([])
  })
})

function listFiles(folder: string): string[] {
  return readdirSync(folder, { recursive: true, encoding: 'utf8' })
    .filter((path) => path.endsWith('.ts'))
    .map((path) => join(folder, path))
}

function importsOf(path: string): Import[] {
  const source = readFileSync(path, 'utf8')
  const patterns = [/^(?:import|export)\b[^'"`;]*?\bfrom\s+'([^']+)'/gm, /\bimport\(\s*'([^']+)'/g]
  const found = patterns.flatMap((pattern) => [...source.matchAll(pattern)])
  return found.map(([, to = '']) => ({ from: relative(SRC, path), to }))
}

function target(from: string, to: string): string {
  return relative(SRC, resolve(SRC, dirname(from), to))
}

/** The top folder; '' for src/index.ts, which may import everything. */
function moduleOf(path: string): string {
  return path.includes('/') ? (path.split('/')[0] ?? '') : ''
}

function packageOf(specifier: string): string {
  const parts = specifier.split('/')
  return parts.slice(0, specifier.startsWith('@') ? 2 : 1).join('/')
}
