// One block is one kind of document (t25): what its bytes say it is, and never what somebody asks for it as.

import { describe, expect, test } from 'vitest'
import { cidOf } from '../../src/cid/index.ts'
import {
  canonicalBytes,
  isRegistryError,
  type Json,
  type JsonObject,
  utf8,
} from '../../src/lib/index.ts'
import {
  EMPTY_INDEX,
  makeGenesis,
  parseAuthorityBlock,
  parseHistory,
  parseStatement,
} from '../../src/log/index.ts'
import { parseHashedNode } from '../../src/log/map/index-node.ts'
import { parseRelease, parseTool } from '../../src/spec/index.ts'
import { createPublisher } from '../log/helpers.ts'
import { RELEASE, TOOL } from '../spec/samples.ts'

const { roles } = createPublisher()
const genesis = makeGenesis({ roles, nextKeyHashes: undefined, created: undefined }).bytes
const cid = cidOf(utf8('a'))

const KINDS: Readonly<Record<string, readonly [Json, (bytes: Uint8Array) => unknown]>> = {
  tool: [{ kind: 'tool/v1', ...TOOL }, parseTool],
  release: [RELEASE, parseRelease],
  statement: [JSON.parse(Buffer.from(genesis).toString()), parseStatement],
  index: [
    JSON.parse(Buffer.from(EMPTY_INDEX.bytes).toString()),
    (bytes) => parseHashedNode(cidOf(bytes), bytes, ''),
  ],
  history: [
    { kind: 'history/v1', name: 'com.acme/x', versions: { '1.0.0': { release: cid, seq: 1 } } },
    parseHistory,
  ],
  authority: [
    {
      kind: 'authority/v1',
      keys: [1],
      delegations: [],
      revokedKeys: [],
      claims: {},
      revoked: {},
      tombstones: {},
      recovered: {},
    },
    parseAuthorityBlock,
  ],
}
const names = Object.keys(KINDS)
const pairs = names.flatMap((a) => names.filter((b) => b !== a).map((b) => [a, b] as const))

function isRead(parse: (bytes: Uint8Array) => unknown, document: Json): boolean {
  try {
    parse(canonicalBytes(document))
    return true
  } catch (error) {
    if (isRegistryError(error)) return false
    throw error
  }
}

function kindOf(name: string): readonly [JsonObject, (bytes: Uint8Array) => unknown] {
  const found = KINDS[name]
  if (found === undefined) throw new Error(`no kind ${name}`)
  return [found[0] as JsonObject, found[1]]
}

describe('t25-polyglot', () => {
  test.each(names)('%s', (name) => {
    const [document, parse] = kindOf(name)
    expect(isRead(parse, document)).toBe(true)
  })

  test.each(pairs)('%s is not read as %s, nor is a document that is both', (one, other) => {
    const [document, parse] = kindOf(one)
    const [foreign, parseOther] = kindOf(other)
    expect(isRead(parseOther, document)).toBe(false)
    for (const both of [
      { ...document, ...foreign },
      { ...foreign, ...document },
    ] as const) {
      expect([isRead(parse, both), isRead(parseOther, both)]).toEqual([false, false])
    }
  })
})
