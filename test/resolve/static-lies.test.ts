// A web server that lies about a static log: every file that a pull reads × every way to change it. Generated from the files of one
// honest pull. Each lie ends in a coded error with nothing kept, or, where it changed bytes that this pull does not depend on, in the
// very release that the honest server gives.

import { readFile } from 'node:fs/promises'
import type { ServerResponse } from 'node:http'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { isRegistryError, type RegistryError } from '../../src/lib/index.ts'
import { exportStatic, type Pulled, pull } from '../../src/registry/index.ts'
import { staticSource } from '../../src/resolve/static/index.ts'
import type { Floor } from '../../src/store/index.ts'
import { type FileServer, serveFiles } from '../support/file-server.ts'
import { findLeftovers } from '../support/invariants.ts'
import { flip } from '../support/mutate.ts'
import { openPublisher, peerOf, type TestPublisher, toolkit } from '../support/publisher.ts'
import { consumer } from '../support/scene.ts'

const NAME = 'com.example/weather'
/** Each byte of a file of at most this size is changed once; of a larger one, so many. */
const SMALL = 300
const SAMPLES = 24
/** Lies that are only told by waiting; a deadline this short would hide the others on a busy machine. */
const SLOW: readonly string[] = ['no answer', 'a body that stalls', 'a body that drips']
const QUICK = { idleMs: 200, totalMs: 500 }

let alice: TestPublisher
let folder: string
/** The same log, 2 entries shorter. */
let older: string
let server: FileServer
let floor: Floor
let honest: Pulled
let listed: ReadonlySet<string>
/** Paths by what they are; the publisher’s folder left out. */
const files = new Map<string, string>()
const contents = new Map<string, Uint8Array>()

const KINDS: readonly [kind: string, path: RegExp][] = [
  ['checkpoint', /checkpoint$/],
  ['full entries', /tile\/entries\/000$/],
  ['partial entries', /tile\/entries\/001\.p/],
  ['full signatures', /signatures\/000$/],
  ['partial signatures', /signatures\/001\.p/],
  ['full tile', /tile\/0\/000$/],
  ['partial tile', /tile\/0\/001\.p/],
  ['tile of level 1', /tile\/1\/000\.p/],
  ['index root', /index\//],
  ['index leaf', /index\//],
  ['history', /index\//],
  ['leaf of the authority', /index\//],
  ['release', /block\//],
  ['tool', /block\//],
]

beforeAll(async () => {
  alice = await openPublisher()
  folder = join(alice.workspace.folder, 'public')
  older = join(alice.workspace.folder, 'older')
  const releases = Array.from({ length: 267 }, (_, i) =>
    i === 100 ? toolkit(NAME, '1.0.0', 1) : toolkit(`com.example/other-${i}`, '1.0.0', 1),
  )
  await alice.publish(...releases)
  const { store } = alice.workspace
  ;[floor] = (await store.listFloors()) as [Floor]
  await exportStatic(store, { publisher: alice.id, folder: older })
  await exportStatic(store, { publisher: alice.id, folder })
  await alice.publish(toolkit('com.example/b', '1.0.0', 1), toolkit('com.example/c', '1.0.0', 1))
  await exportStatic(store, { publisher: alice.id, folder })
  server = await serveFiles(folder)
  honest = await pullFrom()
  listed = new Set([honest.release.cid, ...honest.release.tools.map(({ cid }) => cid)])
  const paths = server.served.map(({ path }) => path)
  for (const [kind, pattern] of KINDS) {
    const path = paths.find((one) => pattern.test(one)) ?? `no ${kind}`
    files.set(kind, path)
    contents.set(kind, await readFile(join(folder, path)))
    paths.splice(paths.indexOf(path), 1)
  }
  expect(paths).toEqual([])
})

afterAll(async () => {
  await server[Symbol.asyncDispose]()
  await alice[Symbol.asyncDispose]()
})

async function pullFrom(store = consumer([floor]), limits = {}): Promise<Pulled> {
  const source = staticSource(new URL(server.url), limits)
  return pull(
    { ...alice.workspace, store: await store },
    { reference: NAME, publisher: alice.id, peers: [peerOf(source)] },
  )
}

/** The refusal, after which nothing may be left; undefined when the very release of the honest server came. */
async function refusal(limits = {}): Promise<RegistryError | undefined> {
  const store = await consumer([floor])
  try {
    const { release } = await pullFrom(Promise.resolve(store), limits)
    expect(release).toEqual(honest.release)
    return undefined
  } catch (error) {
    if (!isRegistryError(error) || error.verdict === 'FAILED') throw error
    expect(await findLeftovers(store, { listed, floors: [floor] })).toEqual([])
    return error
  }
}

/** One file is answered by `answer`. */
function lieAbout(kind: string, answer: (response: ServerResponse) => void): void {
  const wanted = files.get(kind)
  server.lie = (path, response) => {
    if (path !== wanted) return false
    answer(response)
    return true
  }
}

function serve(kind: string, bytes: Uint8Array): void {
  lieAbout(kind, (response) => response.end(bytes))
}

const kinds = KINDS.map(([kind]) => kind)
/** Nothing in these can change without being noticed: they are signed or named by their hash, or read to the last byte. */
const NODES = ['index root', 'index leaf', 'history', 'leaf of the authority']
const TIGHT = ['checkpoint', ...NODES, 'release', 'tool']

describe.each(kinds)('%s', (kind) => {
  const bytes = (): Uint8Array => contents.get(kind) as Uint8Array

  test('with one bit changed, anywhere', async () => {
    const { length } = bytes()
    const places = length <= SMALL ? length : SAMPLES
    let accepted = 0
    for (let i = 0; i < places; i++) {
      serve(kind, flip(bytes(), Math.floor((i * length) / places), i % 8))
      if ((await refusal()) === undefined) accepted += 1
    }
    if (TIGHT.includes(kind)) expect(accepted).toBe(0)
    // All that is read of the others is one entry, or the hashes beside it.
    else expect(accepted).toBeLessThan(places)
  })

  test('shorter, longer, empty', async () => {
    const half = bytes().subarray(0, bytes().length >> 1)
    const longer = Buffer.concat([bytes(), Uint8Array.of(0)])
    for (const changed of [half, bytes().subarray(0, -1), longer, new Uint8Array()]) {
      serve(kind, changed)
      expect(await refusal()).toBeDefined()
    }
  })

  test('with the content of another file', async () => {
    for (const other of kinds.filter((other) => other !== kind)) {
      serve(kind, contents.get(other) as Uint8Array)
      expect(await refusal(), other).toBeDefined()
    }
  })

  // An older checkpoint is an older log, and has a test of its own (T1).
  test.each(kind === 'checkpoint' ? [] : ['under the new name'])(
    'as it was in an older export, %s',
    async () => {
      const path = (files.get(kind) ?? '').replace(/\.p\/14$/, '.p/12')
      const stale = await readFile(join(older, path)).catch(() => undefined)
      if (stale === undefined) return expect(NODES).toContain(kind)
      serve(kind, stale)
      const error = await refusal()
      if (Buffer.compare(stale, bytes()) === 0) expect(error).toBeUndefined()
      else expect(error).toBeDefined()
    },
  )

  test.each([
    [
      'a redirect',
      'PEER_MISBEHAVED',
      (r: ServerResponse) => r.writeHead(301, { location: '/x' }).end(),
    ],
    ['HTTP 500', 'PEER_UNAVAILABLE', (r: ServerResponse) => r.writeHead(500).end('sorry')],
    ['HTTP 200 without a body', undefined, (r: ServerResponse) => r.writeHead(200).end()],
    ['HTTP 206', 'PEER_UNAVAILABLE', (r: ServerResponse) => r.writeHead(206).end('part')],
    ['no answer', 'PEER_UNAVAILABLE', () => {}],
    ['a cut connection', 'PEER_UNAVAILABLE', (r: ServerResponse) => r.socket?.destroy()],
    ['a body that stalls', 'PEER_UNAVAILABLE', (r: ServerResponse) => r.writeHead(200).write('a')],
    ['a body that drips', 'PEER_UNAVAILABLE', drip],
    ['an endless body', 'PEER_LIMIT', pour],
    [
      'a length above the limit',
      'PEER_LIMIT',
      (r: ServerResponse) => r.writeHead(200, { 'content-length': 2 ** 40 }).write('a'),
    ],
    [
      'a length above the body',
      'PEER_UNAVAILABLE',
      (r: ServerResponse) => {
        r.writeHead(200, { 'content-length': bytes().length + 1 }).write(bytes(), () =>
          r.socket?.end(),
        )
      },
    ],
    [
      'a length below the body',
      undefined,
      (r: ServerResponse) => {
        r.writeHead(200, { 'content-length': bytes().length - 1 }).end(bytes())
      },
    ],
  ] as const)('%s', async (what, code, answer) => {
    lieAbout(kind, answer)
    const error = await refusal(SLOW.includes(what) ? QUICK : {})
    expect(error).toBeDefined()
    // A full tile with one byte more is above the limit as well.
    const isFull = kind === 'full tile' && what === 'a length above the body'
    if (code !== undefined) expect(error?.code).toBe(isFull ? 'PEER_LIMIT' : code)
  })

  test('gone', async () => {
    lieAbout(kind, (response) => response.writeHead(404).end())
    const error = await refusal()
    expect(error?.code).toBe(NODES.includes(kind) ? 'PEER_MISBEHAVED' : 'NOT_FOUND')
  })
})

// The checkpoint of an older export is judged here.
describe('a whole server', () => {
  const from = (root: string, paths: RegExp) => {
    server.lie = (path, response) => {
      if (!paths.test(path)) return false
      readFile(join(root, path)).then(
        (bytes) => response.end(bytes),
        () => response.writeHead(404).end(),
      )
      return true
    }
  }

  test('t01-rollback: the older export, to one who has seen the newer', async () => {
    from(older, /./)
    const newest = (await alice.workspace.store.listFloors()) as [Floor]
    const store = await consumer(newest)
    const error = await pullFrom(Promise.resolve(store)).catch((error: unknown) => error)
    expect(error).toMatchObject({
      code: 'ROLLBACK',
      message: `${server.url} offers an older state of this log than one already accepted here.`,
      details: { expected: 'at least 270 entries', got: '268 entries' },
    })
    expect(await findLeftovers(store, { listed: new Set(), floors: newest })).toEqual([])
  })

  test('the newer checkpoint, everything else as it was before', async () => {
    from(older, /\/(tile|signatures|index)\//)
    expect((await refusal())?.code).toBe('NOT_FOUND')
  })

  test('the older checkpoint, everything else newer: an export takes nothing from who reads along', async () => {
    from(older, /checkpoint$/)
    server.served.length = 0
    const { release } = await pullFrom()
    expect(release.entry.checkpoint.size).toBe(268)
    expect(server.served.some(({ path }) => path.endsWith('tile/entries/001.p/12'))).toBe(true)
  })

  test('t08-replay: the log of another publisher under this one’s name', async () => {
    await using mallory = await openPublisher()
    await mallory.publish(toolkit(NAME, '1.0.0', 1))
    const root = join(mallory.workspace.folder, 'public')
    await exportStatic(mallory.workspace.store, { publisher: mallory.id, folder: root })
    server.lie = (path, response) => {
      readFile(join(root, path.replace(alice.id, mallory.id))).then(
        (bytes) => response.end(bytes),
        () => response.writeHead(404).end(),
      )
      return true
    }
    const error = await refusal()
    expect(error?.code).toBe('CHECKPOINT_INVALID')
    expect(error?.details.expected).toBe(`toolmark/${alice.id}`)
  })
})

function drip(response: ServerResponse): void {
  response.writeHead(200)
  const timer = setInterval(() => response.write('a'), 50)
  response.on('close', () => clearInterval(timer))
}

function pour(response: ServerResponse): void {
  response.writeHead(200)
  const chunk = Buffer.alloc(256 * 1024)
  const more = (): void => {
    while (!response.destroyed && response.write(chunk));
  }
  response.on('drain', more)
  more()
}
