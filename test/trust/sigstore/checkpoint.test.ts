// A proof and its checkpoint have to say the same, and the checkpoint has to be by its log’s full name. Notes whose signature is none: who
// signed is the library’s to find out, of the lines that are left.

import { expect, test } from 'vitest'
import { isRegistryError } from '../../../src/lib/index.ts'
import { withOwnLines } from '../../../src/trust/sigstore/checkpoint.ts'

type Entry = Parameters<typeof withOwnLines>[0]
type Log = Parameters<typeof withOwnLines>[1][number]

const ROOT = Buffer.alloc(32, 7)
const SIGNATURE = Buffer.alloc(68, 1).toString('base64')
const line = (name: string): string => `\u2014 ${name} ${SIGNATURE}\n`
const noteOf = (origin: string, ...names: readonly string[]): string =>
  `${origin}\n9\n${ROOT.toString('base64')}\n\n${names.map(line).join('')}`

const V1 = { kind: 'hashedrekord', version: '0.0.1' }
const V2 = { kind: 'hashedrekord', version: '0.0.2' }

function entryOf(kindVersion: Entry['kindVersion'], envelope: string, proof = {}): Entry {
  return {
    logIndex: '4',
    logId: { keyId: Buffer.from('id') },
    kindVersion,
    integratedTime: '0',
    inclusionPromise: undefined,
    inclusionProof: {
      logIndex: '4',
      rootHash: ROOT,
      treeSize: '9',
      hashes: [],
      checkpoint: { envelope },
      ...proof,
    },
    canonicalizedBody: Buffer.from('{}'),
  }
}

function logAt(baseURL: string): Log {
  const validFor = { start: new Date(0), end: new Date(1) }
  return { baseURL, logID: Buffer.from('id'), publicKey: {} as Log['publicKey'], validFor }
}

/** The names that are left, or what was wrong. */
function linesOf(entry: Entry, baseURL = 'https://log.example'): string {
  try {
    const { inclusionProof } = withOwnLines(entry, [logAt(baseURL)])
    const [, lines = ''] = inclusionProof?.checkpoint?.envelope.split('\n\n') ?? []
    return lines.replaceAll(` ${SIGNATURE}\n`, ';')
  } catch (error) {
    if (!isRegistryError(error)) throw error
    return `${error.code} ${error.details.got}`
  }
}

test.each([
  [V2, 'https://log.example', 'log.example'],
  [V2, 'log.example', 'log.example'],
  [V2, 'https://log.example/', 'log.example'],
  [V2, 'https://log.example/2026/', 'log.example'],
  [V2, 'https://log.example/2026/', 'log.example/2026'],
  [V2, 'http://log.example:3000', 'log.example:3000'],
  [V1, 'https://log.example', 'log.example'],
  [V1, 'https://log.example', 'rekor-00001-deployment'],
])('%o at %s is %s', (kind, address, name) => {
  expect(linesOf(entryOf(kind, noteOf(name, name)), address)).toBe('\u2014 log.example;')
})

test('the first log adds its tree to its name', () => {
  const note = noteOf('log.example - 77', 'log.example')
  expect(linesOf(entryOf(V1, note))).toBe('\u2014 log.example;')
  expect(linesOf(entryOf(V2, note))).toBe('LOG_ENTRY_INVALID one of log.example - 77')
})

test.each([
  [V2, 'log.example', 'log'],
  [V2, 'log.example', 'example'],
  [V2, 'log.example', 'https://log.example'],
  [V2, 'log.example', 'o'],
  [V2, 'other.example', 'log.example'],
  [V2, 'other.example', 'other.example'],
  [V1, 'log.example', 'log'],
  [V1, 'log.example - 77', 'example'],
  [V1, 'log.example-77', 'log.example'],
])('t28-part-of-a-name: %o of %s by %s is of nobody', (kind, origin, name) => {
  expect(linesOf(entryOf(kind, noteOf(origin, name)))).toBe(`LOG_ENTRY_INVALID one of ${origin}`)
})

test('lines by others are left out', () => {
  const note = noteOf('log.example', 'witness.example', 'log.example', 'log', 'log.example')
  expect(linesOf(entryOf(V2, note))).toBe('\u2014 log.example;\u2014 log.example;')
})

test.each([
  ['another size', { treeSize: '8' }, '8'],
  ['no size', { treeSize: '0' }, '0'],
  ['another root hash', { rootHash: Buffer.alloc(32) }, Buffer.alloc(32).toString('base64')],
  ['no root hash', { rootHash: Buffer.alloc(0) }, 'none'],
])('a proof with %s beside its checkpoint', (_what, proof, got) => {
  for (const kind of [V1, V2]) {
    const entry = entryOf(kind, noteOf('log.example', 'log.example'), proof)
    expect(linesOf(entry)).toBe(`LOG_ENTRY_INVALID ${got}`)
  }
})

test('an entry has the index of its proof, but for the first log, which counts over all its trees', () => {
  const entry = (kind: Entry['kindVersion']): Entry => ({
    ...entryOf(kind, noteOf('log.example', 'log.example')),
    logIndex: '1004',
  })
  expect(linesOf(entry(V1))).toBe('\u2014 log.example;')
  expect(linesOf(entry(V2))).toBe('LOG_ENTRY_INVALID 1004')
})

test.each(['0x9', '09', '9 ', '-9', '9e0'])('a size is decimal, not %j', (size) => {
  const note = noteOf('log.example', 'log.example').replace('\n9\n', `\n${size}\n`)
  expect(linesOf(entryOf(V2, note, { treeSize: size }))).toBe(`LOG_ENTRY_INVALID ${size}`)
})

test('a log that nobody knows is told of by others', () => {
  const entry = { ...entryOf(V2, noteOf('x', 'y')), logId: { keyId: Buffer.from('other') } }
  expect(withOwnLines(entry, [logAt('https://log.example')])).toBe(entry)
})
