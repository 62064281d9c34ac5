// The configuration of a node: its schema and its parser say the same, every default is stated, and a mistake is told with its line.

import { readdirSync, readFileSync } from 'node:fs'
import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { Ajv2020 } from 'ajv/dist/2020.js'
import { stringify } from 'smol-toml'
import { describe, expect, test } from 'vitest'
import { isRegistryError, type RegistryError, utf8 } from '../../../src/lib/index.ts'
import { openConfig } from '../../../src/node/config/index.ts'
import { type Overrides, parseConfig } from '../../../src/node/config/parse-config.ts'
import { publisherIdOf } from '../../../src/spec/index.ts'

const folder = join(import.meta.dirname, '..', '..', '..', 'schema')
const schema = JSON.parse(readFileSync(join(folder, 'node.schema.json'), 'utf8'))
const ajv = new Ajv2020({ strict: true, strictRequired: false, strictTypes: false })
for (const file of readdirSync(folder)) {
  ajv.addSchema(JSON.parse(readFileSync(join(folder, file), 'utf8')))
}
const validate = ajv.getSchema('https://toolmark.dev/schema/node.schema.json')

const ID = publisherIdOf(Buffer.from('acme'))
const PEER = '/ip4/192.0.2.1/tcp/4040/p2p/12D3KooWGzBLqTLeBzkmvxTwzwKxcKmAGFwY1WwvZ5sLSRN3iuNa'
/** Every key, with another value than its default. */
const WHOLE = {
  version: 1,
  listen: ['/ip4/0.0.0.0/tcp/4040'],
  external: ['/dns4/node.example/tcp/4040'],
  accept_submissions: true,
  peers: { connect: [PEER], bootstrap: [PEER], max_connections: 20, private_network: 'swarm.key' },
  discovery: { mdns: true, dht: 'server', relay: 'client', hole_punching: true },
  follow: { publishers: [ID], namespaces: ['com.acme'], lists: [PEER], block: [ID] },
  mirror: { enabled: true, quota: '3MiB' },
  sync: { period: '5s', sessions: 2, back_off: '2s', max_back_off: '1m', timeout: '2m' },
  announce: { enabled: false, queue: 99 },
  witness: { enabled: true, name: 'w.example/1', listen: '8080', beacon: '2h' },
  http: { listen: '0.0.0.0:9464' },
  log: { level: 'debug', format: 'text' },
  budgets: { peer_requests: 9, peer_bytes: '1MiB', fetch_peer: '2GiB', fetch_publisher: '1GiB' },
}

function parse(value: object | string, overrides?: Overrides) {
  const text = typeof value === 'string' ? value : stringify(value)
  return parseConfig(utf8(text), 'node.toml', overrides)
}

function refusalOf(run: () => unknown): RegistryError {
  try {
    run()
  } catch (error) {
    if (isRegistryError(error)) return error
    throw error
  }
  throw new Error('nothing was refused')
}

type Schema = Readonly<Record<string, { properties?: Schema; default?: unknown }>>

function leaves(properties: Schema, path: readonly string[] = []): readonly (readonly string[])[] {
  return Object.entries(properties).flatMap(([key, { properties: inner }]) =>
    inner === undefined ? [[...path, key]] : leaves(inner, [...path, key]),
  )
}

function defaultsOf(properties: Schema): object {
  const pairs = Object.entries(properties).map(([key, value]) => [
    key,
    value.properties === undefined ? value.default : defaultsOf(value.properties),
  ])
  return Object.fromEntries(pairs)
}

function withValue(path: readonly string[], value: unknown): object {
  const copy = structuredClone(WHOLE) as Record<string, unknown>
  const place = path.slice(0, -1).reduce((at, key) => at[key] as Record<string, unknown>, copy)
  place[path.at(-1) ?? ''] = value
  return copy
}

describe('the schema and the parser', () => {
  test('hold the same whole configuration for good', () => {
    expect(validate?.(WHOLE)).toBe(true)
    expect(() => parse(WHOLE)).not.toThrow()
  })

  test('every key of the schema is in the whole one', () => {
    const keys = leaves(schema.properties).map((path) => path.join('.'))
    expect(leaves(toSchema(WHOLE)).map((path) => path.join('.'))).toEqual(keys)
  })

  test('every default is stated, and is what happens without a file', () => {
    const defaults = defaultsOf(schema.properties)
    expect(JSON.stringify(defaults)).toBe(JSON.stringify(defaults, (_key, v) => v ?? 'absent'))
    expect(validate?.(defaults)).toBe(true)
    expect(parse(defaults)).toEqual(parse(''))
  })

  test.each(leaves(schema.properties).map((path) => [path.join('.'), path] as const))(
    '%s is read, and refused where it is nonsense',
    (name, path) => {
      if (name !== 'version') {
        const without = withValue(path, undefined)
        expect(parse(without)).not.toEqual(parse(WHOLE))
      }
      for (const value of [{ a: 1 }, 7.5, ['x y'], 'no such\nthing', -1]) {
        const changed = withValue(path, value)
        expect(validate?.(changed)).toBe(false)
        const { code, details } = refusalOf(() => parse(changed))
        expect(code).toBe('CONFIG_INVALID')
        expect(details.path?.split('/').slice(1, path.length + 1)).toEqual(path)
        expect(details.line).toBeGreaterThan(0)
      }
    },
  )

  test.each(['', 'peers', 'discovery', 'sync', 'budgets', 'log'])(
    'a strange key in %j',
    (where) => {
      const path = where === '' ? ['perid'] : [where, 'perid']
      expect(validate?.(withValue(path, 1))).toBe(false)
      expect(refusalOf(() => parse(withValue(path, 1))).code).toBe('CONFIG_INVALID')
    },
  )
})

describe('mistakes', () => {
  test('an unknown key is told with its line and what may be meant', () => {
    const error = refusalOf(() => parse('version = 1\n\n[sync]\nsessions = 2\nperiot = "5s"\n'))
    expect(error.message).toBe(
      'node.toml, line 5: sync.periot is not a key that a configuration has.',
    )
    expect(error.details).toMatchObject({
      expected: 'period, sessions, back_off, max_back_off, timeout',
      got: '"periot"',
      next: 'Did you mean "period"?',
      line: 5,
      path: '/sync/periot',
    })
  })

  test.each([
    ['[sync]\nperiod = 60', 'sync.period is not a length of time that is possible here.', '60'],
    ['[sync]\nperiod = "2d"', 'sync.period is not a length of time that is possible here.', '"2d"'],
    ['listen = "/ip4/1.2.3.4/tcp/1"', 'listen is not such a list.', '"/ip4/1.2.3.4/tcp/1"'],
    ['listen = ["tcp:4040"]', 'listen[1] is not the address of a node.', '"tcp:4040"'],
    ['listen = ["/a", "/a"]', 'listen[2] stands there twice.', '"/a"'],
    ['[http]\nlisten = "99999"', 'http.listen does not say what it should.', '"99999"'],
    ['[discovery]\ndht = true', 'discovery.dht is none of the words known here.', 'true'],
    ['[discovery]\nmdns = "on"', 'discovery.mdns is neither yes nor no.', '"on"'],
    ['[mirror]\nquota = 10', 'mirror.quota is not a number of bytes.', '10'],
    ['[sync]\nsessions = 0', 'sync.sessions is not a number that is possible here.', '0'],
    ['[follow]\npublishers = ["p"]', 'follow.publishers[1] is not the id of a publisher.', '"p"'],
    ['[follow]\nnamespaces = ["A b"]', 'follow.namespaces[1] is not a namespace.', '"A b"'],
    ['version = 2', 'This version of the configuration is not known here.', '2'],
    ['sync = 3', 'sync is not a table.', '3'],
  ])('%j', (text, message, got) => {
    const error = refusalOf(() => parse(text))
    expect(error.message).toContain(message)
    expect(error.message).toMatch(/^node\.toml, line [12]: /)
    expect(error.details.got).toBe(got)
    expect(error.details.next).not.toBe('')
  })

  test('what is not TOML, not text or too long', () => {
    expect(refusalOf(() => parse('listen = [')).message).toMatch(/line 1: This is not TOML/)
    const binary = refusalOf(() => parseConfig(new Uint8Array([0xff])))
    expect(binary.message).toBe('node.toml: The configuration is not text.')
    const long = refusalOf(() => parse('#'.repeat(300_000)))
    expect(long.message).toBe('node.toml: The configuration is too long.')
  })
})

describe('where it comes from', () => {
  test('words of the command line win, key by key', () => {
    const file = { http: { listen: '1' }, log: { level: 'warn', format: 'text' } }
    const config = parse(file, { listen: ['/ip4/127.0.0.1/tcp/1'], log: { level: 'debug' } })
    expect(config).toMatchObject({
      listen: ['/ip4/127.0.0.1/tcp/1'],
      http: { listen: '1' },
      log: { level: 'debug', format: 'text' },
    })
  })

  test('a bad one is the command line’s, not the file’s', () => {
    const error = refusalOf(() => parse('', { log: { level: 'loud' } }))
    expect(error.code).toBe('USAGE')
    expect(error.message).toBe(
      'An option of the command line is not good: log.level is none of the words known here.',
    )
  })

  test('a file that is named has to be there; node.toml of the home folder need not', async () => {
    const path = await mkdtemp(join(tmpdir(), 'config-'))
    try {
      const home = { folder: path, keys: '', store: '', nodeKey: '' }
      const place = { folder: path, home }
      expect(await openConfig(place)).toMatchObject({ path: undefined })
      await expect(openConfig({ ...place, file: 'other.toml' })).rejects.toMatchObject({
        code: 'FILE_UNAVAILABLE',
        message: 'The configuration of the node cannot be read.',
        details: { expected: join(path, 'other.toml'), got: 'ENOENT' },
      })
      await writeFile(join(path, 'node.toml'), '[peers]\nprivate_network = "swarm.key"\n')
      const { config } = await openConfig(place)
      expect(config.peers.privateNetwork).toBe(join(path, 'swarm.key'))
    } finally {
      await rm(path, { recursive: true })
    }
  })
})

function toSchema(value: object): Schema {
  const pairs = Object.entries(value).map(([key, inner]) => [
    key,
    typeof inner === 'object' && !Array.isArray(inner) ? { properties: toSchema(inner) } : {},
  ])
  return Object.fromEntries(pairs)
}
