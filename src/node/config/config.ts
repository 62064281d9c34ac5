// What a node can be told, and what it does when it is told nothing: the one table of it. schema/node.schema.json says the same in JSON
// Schema, and a test compares the two.

import { type PublisherId, parsePublisherId, splitName } from '../../spec/index.ts'
import {
  bytes,
  count,
  type Field,
  flag,
  invalid,
  list,
  nameOf,
  oneOf,
  optionalText,
  table,
  time,
} from './read.ts'

export type LogLevel = 'debug' | 'info' | 'warn' | 'error'

export interface NodeConfig {
  readonly version: 1
  /** Multiaddrs. */
  readonly listen: readonly string[]
  /** Told to others instead of the addresses listened on: behind a router, or a name. */
  readonly external: readonly string[]
  readonly acceptSubmissions: boolean
  readonly peers: {
    /** Kept up with as long as the node runs. */
    readonly connect: readonly string[]
    /** Asked for others at the start. */
    readonly bootstrap: readonly string[]
    readonly maxConnections: number
    /** Path of a pre-shared key: only nodes with the same one are spoken with. */
    readonly privateNetwork: string | undefined
  }
  readonly discovery: {
    readonly mdns: boolean
    readonly dht: 'off' | 'client' | 'server'
    readonly relay: 'off' | 'client' | 'server'
    readonly holePunching: boolean
  }
  readonly follow: {
    readonly publishers: readonly PublisherId[]
    readonly namespaces: readonly string[]
    /** Peers whose own list is followed, by address. */
    readonly lists: readonly string[]
    readonly block: readonly PublisherId[]
  }
  readonly mirror: { readonly enabled: boolean; readonly quota: number }
  readonly sync: {
    readonly period: number
    readonly sessions: number
    readonly backOff: number
    readonly maxBackOff: number
    readonly timeout: number
  }
  readonly announce: { readonly enabled: boolean; readonly queue: number }
  readonly witness: {
    readonly enabled: boolean
    /** Undefined: toolmark.node/PEERID. */
    readonly name: string | undefined
    /** HOST:PORT of C2SP tlog-witness over HTTP. */
    readonly listen: string | undefined
    readonly beacon: number
  }
  /** HOST:PORT of /metrics, /healthz and /readyz. */
  readonly http: { readonly listen: string | undefined }
  readonly log: { readonly level: LogLevel; readonly format: 'json' | 'text' }
  readonly budgets: {
    /** What one peer may ask of this node. */
    readonly peerRequests: number
    readonly peerBytes: number
    /** What this node takes of one peer, and of one publisher, in an hour. */
    readonly fetchPeer: number
    readonly fetchPublisher: number
  }
}

const multiaddr = (value: unknown, path: string): string => {
  if (typeof value === 'string' && /^\/[\x21-\x7e]{1,500}$/.test(value)) return value
  throw invalid(path, `${nameOf(path)} is not the address of a node.`, {
    expected: 'a multiaddr such as /ip4/192.0.2.1/tcp/4040',
    got: value,
  })
}

const publisher = (value: unknown, path: string): PublisherId => {
  try {
    return parsePublisherId(value)
  } catch {
    const told = { expected: '"p" and 52 characters of lower-case base32', got: value }
    throw invalid(path, `${nameOf(path)} is not the id of a publisher.`, told)
  }
}

const namespace = (value: unknown, path: string): string => {
  try {
    return splitName(`${String(value)}/x`).namespace
  } catch {
    const told = { expected: 'a domain in reverse, such as com.acme', got: value }
    throw invalid(path, `${nameOf(path)} is not a namespace.`, told)
  }
}

/** A port without a host is one of this machine alone: whoever wants the world has to write it. */
const HOST_PORT = /^(?:(?:[A-Za-z0-9.-]{1,253}|\[[0-9A-Fa-f:.]{2,45}\]):)?[0-9]{1,5}$/
const httpListen = (): Field<string | undefined> =>
  optionalText(
    (text) => HOST_PORT.test(text) && Number(text.split(':').at(-1)) < 65_536,
    'HOST:PORT, or a PORT of this machine alone, or "" for none',
  )
const path = (what: string): Field<string | undefined> =>
  optionalText((text) => /^[^\p{Cc}]{1,500}$/u.test(text), what)

const version: Field<1> = {
  fallback: 1,
  read(value, at) {
    if (value === 1) return 1
    throw invalid(at, 'This version of the configuration is not known here.', {
      expected: 1,
      got: value,
      next: 'Write `version = 1`, or use a newer release of this program.',
    })
  },
}

export const CONFIG: Field<NodeConfig> = table<NodeConfig>({
  version,
  listen: list(multiaddr, ['/ip4/127.0.0.1/tcp/0', '/ip4/127.0.0.1/tcp/0/ws'], 32),
  external: list(multiaddr, [], 32),
  acceptSubmissions: flag(false),
  peers: table<NodeConfig['peers']>({
    connect: list(multiaddr, [], 256),
    bootstrap: list(multiaddr, [], 64),
    maxConnections: count(200, { least: 4, most: 10_000 }),
    privateNetwork: path('the path of a pre-shared key, or "" for none'),
  }),
  discovery: table<NodeConfig['discovery']>({
    mdns: flag(false),
    dht: oneOf(['off', 'client', 'server'], 'off'),
    relay: oneOf(['off', 'client', 'server'], 'off'),
    holePunching: flag(false),
  }),
  follow: table<NodeConfig['follow']>({
    publishers: list(publisher, [], 10_000),
    namespaces: list(namespace, [], 64),
    lists: list(multiaddr, [], 64),
    block: list(publisher, [], 10_000),
  }),
  mirror: table<NodeConfig['mirror']>({ enabled: flag(false), quota: bytes('10GiB') }),
  sync: table<NodeConfig['sync']>({
    period: time('60s', { least: '1s', most: '1d' }),
    sessions: count(4, { least: 1, most: 64 }),
    backOff: time('5s', { least: '1s', most: '1h' }),
    maxBackOff: time('10m', { least: '1s', most: '1d' }),
    timeout: time('1h', { least: '10s', most: '1d' }),
  }),
  announce: table<NodeConfig['announce']>({
    enabled: flag(true),
    queue: count(1_024, { least: 16, most: 65_536 }),
  }),
  witness: table<NodeConfig['witness']>({
    enabled: flag(false),
    name: optionalText(
      (text) => /^[\x21-\x2a\x2c-\x7e]{1,200}$/.test(text),
      'a name without spaces and +, such as witness.example.com/w1, or "" for one made of the peer id',
    ),
    listen: httpListen(),
    beacon: time('1h', { least: '1m', most: '7d' }),
  }),
  http: table<NodeConfig['http']>({ listen: httpListen() }),
  log: table<NodeConfig['log']>({
    level: oneOf(['debug', 'info', 'warn', 'error'], 'info'),
    format: oneOf(['json', 'text'], 'json'),
  }),
  budgets: table<NodeConfig['budgets']>({
    peerRequests: count(1_000, { least: 1, most: 1_000_000 }),
    peerBytes: bytes('32MiB'),
    fetchPeer: bytes('16GiB'),
    fetchPublisher: bytes('4GiB'),
  }),
})
