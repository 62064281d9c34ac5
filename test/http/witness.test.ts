// C2SP tlog-witness over HTTP, both sides: each status the specification names, and a log that asks until it has its cosignature.

import { request } from 'node:http'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { type Listening, serveWitness, submitCheckpoint } from '../../src/http/index.ts'
import { sha256Hex, utf8 } from '../../src/lib/index.ts'
import { findCosignatures, originOf, parseWitness } from '../../src/log/index.ts'
import {
  addWitness,
  askWitnesses,
  createWitness,
  listForks,
  pull,
  type Witness,
} from '../../src/registry/index.ts'
import { localSource, parseWitnessPolicy } from '../../src/resolve/index.ts'
import { openMemoryStore, type Store } from '../../src/store/index.ts'
import { createSigner } from '../log/helpers.ts'
import { copyStore } from '../support/copy-store.ts'
import { forgeLog, forgeryOf } from '../support/forged-log.ts'
import { openPublisher, peerOf, type TestPublisher, toolkit } from '../support/publisher.ts'
import { openTestLog, type TestLog } from '../support/tlog.ts'

const NAME = 'witness.example/w1'
const NOW = new Date('2026-06-01T00:00:00Z')

let log: TestLog
let witness: Witness
let server: Listening

beforeAll(async () => {
  log = await openTestLog('example.com/log', 4)
  const cosigner = { name: NAME, signer: createSigner('ed25519') }
  witness = createWitness(openMemoryStore(), cosigner, { now: () => NOW, logs: [log.vkey] })
  server = await serveWitness('127.0.0.1:0', witness)
})
afterAll(() => server[Symbol.asyncDispose]())

interface Answer {
  readonly status: number
  readonly type: string | null
  readonly body: string
}

async function post(body: string | Uint8Array, path = '/add-checkpoint'): Promise<Answer> {
  const response = await fetch(`${server.url}${path}`, { method: 'POST', body: Buffer.from(body) })
  const type = response.headers.get('content-type')
  return { status: response.status, type, body: await response.text() }
}

/** Of a line that ends in base64. */
function flipLastBit(line: string): string {
  const bytes = Buffer.from(line, 'base64')
  bytes.writeUInt8((bytes.at(-1) ?? 0) ^ 1, bytes.length - 1)
  return `${bytes.toString('base64')}\n`
}

async function bodyOf(branch: 'a' | 'b', old: number, size: number, from = old): Promise<string> {
  const proof = await log.proof(branch, from, size)
  const lines = proof.map((hash) => `${Buffer.from(hash).toString('base64')}\n`).join('')
  return `old ${old}\n${lines}\n${Buffer.from(await log.note(branch, size))}`
}

test('one log, from its first checkpoint on, as the specification says', async () => {
  const first = await post(await bodyOf('a', 0, 3))
  expect([first.status, first.type]).toEqual([200, 'text/plain; charset=utf-8'])
  expect(first.body).toMatch(/^\u2014 witness\.example\/w1 [A-Za-z0-9+/]+=*\n$/)
  const signed = Buffer.concat([await log.note('a', 3), Buffer.from(first.body)])
  const key = parseWitness(witness.vkey)
  expect(findCosignatures(signed, [key])).toEqual([{ witness: key, time: NOW }])
  // Who does not know where it stands asks with 0.
  const conflict = await post(await bodyOf('a', 0, 7))
  expect(conflict).toEqual({ status: 409, type: 'text/x.tlog.size', body: '3\n' })
  expect((await post(await bodyOf('a', 3, 7))).status).toBe(200)
  // The same again is a newer word about the same state.
  expect((await post(await bodyOf('a', 7, 7))).status).toBe(200)
  expect((await post(await bodyOf('a', 3, 3))).body).toBe('7\n')
  const monitor = await fetch(`${server.url}/${sha256Hex(utf8(log.origin))}/checkpoint`)
  const kept = new Uint8Array(await monitor.arrayBuffer())
  expect(findCosignatures(kept, [key])).toHaveLength(1)
  expect(Buffer.from(kept).toString()).toContain(`\n7\n`)
  expect((await fetch(`${server.url}/${'0'.repeat(64)}/checkpoint`)).status).toBe(404)
})

describe('what is refused', () => {
  beforeAll(async () => {
    const { body } = await post(await bodyOf('a', 0, 7))
    if (body !== '7\n') throw new Error(`the first test left another state: ${body}`)
  })
  const changed = async (change: (body: string) => string) => change(await bodyOf('a', 7, 9))

  test.each<[string, number, () => Promise<string>]>([
    ['another history of the same size', 422, () => bodyOf('b', 7, 7)],
    ['another history that grew', 422, () => bodyOf('b', 7, 9)],
    ['a proof from another size', 422, () => bodyOf('a', 7, 9, 6)],
    [
      'no proof',
      422,
      () => changed((body) => body.replace(/(old 7\n)[^\n]*\n[\s\S]*?\n\n/, '$1\n')),
    ],
    ['an old size above the checkpoint’s', 400, () => bodyOf('a', 9, 8, 8)],
    ['a leading zero', 400, () => changed((body) => body.replace('old 7', 'old 07'))],
    ['no old size', 400, () => changed((body) => body.replace('old 7\n', ''))],
    ['a hash of 31 bytes', 400, async () => `old 7\n${Buffer.alloc(31).toString('base64')}\n\nx`],
    [
      '64 hashes',
      400,
      async () => `old 7\n${`${Buffer.alloc(32).toString('base64')}\n`.repeat(64)}\nx`,
    ],
    ['nothing', 400, async () => ''],
    ['no note', 400, async () => 'old 0\n\nhello\n'],
    [
      'an unknown log',
      404,
      () => changed((body) => body.replaceAll('example.com/log', 'example.com/other')),
    ],
    [
      'a flipped bit of the signature',
      403,
      () => changed((body) => body.replace(/[A-Za-z0-9+/]+=*\n$/, flipLastBit)),
    ],
    [
      'a signature by nobody known',
      403,
      () => changed((body) => body.replace(/\u2014 example\.com\/log/, '\u2014 example.com/other')),
    ],
    ['more bytes than a request has', 413, async () => 'x'.repeat(64 * 1024)],
  ])('%s: %i', async (_, status, body) => {
    const answer = await post(await body())
    expect([answer.status, answer.body]).toEqual([status, expect.stringMatching(/\n$/)])
    expect((await post(await bodyOf('a', 0, 9))).body).toBe('7\n')
  })

  test('another method, another path', async () => {
    expect((await fetch(`${server.url}/add-checkpoint`)).status).toBe(405)
    expect((await post('', '/sign-subtree')).status).toBe(404)
  })

  test('a body that never ends is cut off', async () => {
    const { port } = new URL(server.url)
    const status = await new Promise((resolve, reject) => {
      const call = request({ port, host: '127.0.0.1', path: '/add-checkpoint', method: 'POST' })
      call.once('response', (response) => resolve(response.statusCode))
      call.once('error', reject)
      call.write('x'.repeat(32 * 1024))
    })
    expect(status).toBe(413)
  })

  test('of a log without entries only the empty root', async () => {
    const empty = await openTestLog('example.com/empty', 0)
    const cosigner = { name: NAME, signer: createSigner('ed25519') }
    const fresh = createWitness(openMemoryStore(), cosigner, { now: () => NOW, logs: [empty.vkey] })
    const note = await empty.note('a', 0)
    expect(await fresh.addCheckpoint({ oldSize: 0, proof: [], note })).toHaveLength(1)
    const grown = await empty.note('a', 5)
    const odd = { oldSize: 0, proof: [new Uint8Array(32)], note: grown }
    await expect(fresh.addCheckpoint(odd)).rejects.toMatchObject({ code: 'PROOF_INVALID' })
    expect(await fresh.addCheckpoint({ oldSize: 0, proof: [], note: grown })).toHaveLength(1)
  })
})

describe('a publisher that asks', () => {
  let alice: TestPublisher
  let holder: Store
  let node: Witness
  let listening: Listening
  beforeAll(async () => {
    alice = await openPublisher()
    await alice.publish(toolkit('weather', '1.0.0'))
    holder = await copyStore(alice.workspace.store)
    node = createWitness(
      holder,
      { name: NAME, signer: createSigner('ed25519') },
      { now: () => NOW },
    )
    listening = await serveWitness('127.0.0.1:0', node)
  })
  afterAll(async () => {
    await listening[Symbol.asyncDispose]()
    await alice[Symbol.asyncDispose]()
  })
  const ask = () => askWitnesses(alice.workspace.store, alice.id, submitCheckpoint)

  test('gets a line, serves it, and a consumer who demands it is served', async () => {
    const { store } = alice.workspace
    expect(await ask()).toEqual([])
    await addWitness(store, node.vkey, `${listening.url}/`)
    // The witness holds two entries; three are proven to it.
    await alice.publish(toolkit('weather', '1.1.0'))
    expect(await ask()).toEqual([{ name: NAME, url: listening.url, error: undefined }])
    const note = await localSource(store).checkpoint(alice.id)
    const key = parseWitness(node.vkey)
    expect(findCosignatures(note, [key])).toEqual([{ witness: key, time: NOW }])
    const bob = { ...alice.workspace, store: openMemoryStore(), now: () => NOW }
    const witnesses = parseWitnessPolicy({ witnesses: [node.vkey] })
    const request = { reference: `${alice.id}/weather`, publisher: alice.id, witnesses }
    const { freshness } = await pull(bob, { ...request, peers: [peerOf(localSource(store))] })
    expect(freshness).toEqual({ time: NOW, by: [NAME], ahead: [] })
    // What the witness still holds itself is behind what it cosigned: it says nothing of that.
    expect(await node.cosignHead(alice.id)).toMatchObject({ kind: 'behind', size: 2 })
  })

  test('what contradicts what the witness holds is proof of a fork', async () => {
    const forged = await forgeLog(alice, [forgeryOf(alice, toolkit('evil', '6.6.6'))])
    const note = await forged.checkpoint(alice.id)
    const refused = submitCheckpoint(listening.url, { oldSize: 0, proof: [], note }, {})
    await expect(refused).rejects.toMatchObject({
      code: 'PEER_MISBEHAVED',
      message: `The witness at ${listening.url} did not cosign: it has seen another history of this log.`,
    })
    expect(await listForks(holder)).toMatchObject([{ publisher: alice.id }])
    await expect(node.cosignHead(alice.id)).rejects.toMatchObject({ code: 'FORKED' })
  })

  test.each([
    [200, '', 'text/plain', `What URL answered is no cosignature.`],
    [200, 'x'.repeat(20_000), 'text/plain', 'The answer of the witness at URL is too long.'],
    [
      403,
      'no\n',
      'text/plain',
      'The witness at URL did not cosign: it trusts another key for this log.',
    ],
    [404, 'no\n', 'text/plain', 'The witness at URL did not cosign: it does not witness this log.'],
    [
      409,
      '3\n',
      'text/plain',
      'The witness at URL did not cosign: it names no size that it cosigned last.',
    ],
    [409, '99\n', 'text/x.tlog.size', 'The witness at URL has cosigned more of this log.'],
    [409, '1\n', 'text/x.tlog.size', 'The witness at URL names another size each time.'],
    [503, '\u001b[2J', 'text/plain', 'The witness at URL did not cosign: it does not say why.'],
  ])('a witness that answers %i %j', async (status, body, type, message) => {
    const { openHttp } = await import('../../src/http/index.ts')
    await using odd = await openHttp('127.0.0.1:0', async () => ({ status, body, type }))
    const store = await copyStore(alice.workspace.store)
    await addWitness(store, node.vkey, odd.url)
    const [asked] = await askWitnesses(store, alice.id, submitCheckpoint)
    expect(asked?.error?.message).toBe(message.replace('URL', odd.url))
    expect(asked?.error?.details.next).toMatch(/\.$/)
    expect(asked?.error?.details.got).not.toMatch(/\u001b/)
  })

  test('a witness that is away costs nothing but its word', async () => {
    const store = await copyStore(alice.workspace.store)
    await addWitness(store, node.vkey, 'http://127.0.0.1:9')
    const [asked] = await askWitnesses(store, alice.id, submitCheckpoint)
    expect(asked?.error).toMatchObject({
      code: 'PEER_UNAVAILABLE',
      message: 'The witness at http://127.0.0.1:9 did not answer: it cannot be reached.',
    })
  })

  test('a log that nobody is told of is witnessed for nobody', async () => {
    const store = await copyStore(alice.workspace.store)
    const hidden = createWitness(
      store,
      { name: NAME, signer: createSigner('ed25519') },
      {
        now: () => NOW,
        isHidden: async (publisher) => publisher === alice.id,
      },
    )
    const note = await alice.source.checkpoint(alice.id)
    const asked = { oldSize: 0, proof: [], note }
    await expect(hidden.addCheckpoint(asked)).rejects.toMatchObject({ code: 'NOT_FOUND' })
    expect((await hidden.cosignHead(alice.id)).kind).toBe('cosigned')
    expect(await hidden.findCheckpoint(sha256Hex(utf8(originOf(alice.id))))).toBeUndefined()
  })
})
