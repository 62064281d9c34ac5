// What a reader of a static log says when the server is no static log, and how it reaches one.

import { mkdtempSync, readFileSync, rmSync } from 'node:fs'
import type { ServerResponse } from 'node:http'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import type { RegistryError } from '../../src/lib/index.ts'
import { exportStatic, pull } from '../../src/registry/index.ts'
import type { Source } from '../../src/resolve/index.ts'
import { parseStaticAddress, staticSource } from '../../src/resolve/static/index.ts'
import { makeCertificate } from '../support/certificates.ts'
import { type FileServer, serveFiles } from '../support/file-server.ts'
import { openPublisher, peerOf, type TestPublisher, toolkit } from '../support/publisher.ts'
import { consumer } from '../support/scene.ts'

const NAME = 'com.example/weather'

let alice: TestPublisher
let folder: string
let server: FileServer
let checkpoint: string

beforeAll(async () => {
  alice = await openPublisher()
  folder = join(alice.workspace.folder, 'public')
  await alice.publish(toolkit(NAME, '1.0.0', 200))
  await exportStatic(alice.workspace.store, { publisher: alice.id, folder })
  server = await serveFiles(folder)
  checkpoint = `${server.url}${alice.id}/checkpoint`
})

afterAll(async () => {
  await server[Symbol.asyncDispose]()
  await alice[Symbol.asyncDispose]()
})

function pullFrom(source: Source, store = consumer()) {
  return store.then((store) =>
    pull(
      { ...alice.workspace, store },
      { reference: NAME, publisher: alice.id, peers: [peerOf(source)] },
    ),
  )
}

async function refusalOf(work: Promise<unknown>): Promise<object> {
  const error = (await work.catch((error: unknown) => error)) as RegistryError
  const { code, message } = error
  const { cause: _cause, ...details } = error.details
  return { code, message, ...details }
}

const QUICK = { idleMs: 200, totalMs: 500 }

function answering(
  answer: (response: ServerResponse) => void,
  limits: object = {},
): Promise<object> {
  server.lie = (path, response) => {
    if (!path.endsWith('checkpoint')) return false
    answer(response)
    return true
  }
  const source = staticSource(new URL(server.url), limits)
  return refusalOf(pullFrom(source)).finally(() => {
    server.lie = undefined
  })
}

describe('says what is wrong, where, and what to do', () => {
  test('a file that is not there', async () => {
    expect(await answering((response) => response.writeHead(404).end())).toEqual({
      code: 'NOT_FOUND',
      message: `There is no file at ${checkpoint}.`,
      expected: 'HTTP 200',
      got: 'HTTP 404',
      next: 'Check the address: it is that of the folder which `registry export --static` wrote. Or ask another peer.',
    })
  })

  test('a redirect, with what it says made harmless', async () => {
    const location = `https://other.example/${'%1b'}[2J?\u0080`
    expect(await answering((r) => r.writeHead(302, { location }).end())).toEqual({
      code: 'PEER_MISBEHAVED',
      message: `${checkpoint} answered with a redirect, and redirects are not followed.`,
      expected: 'HTTP 200 and the file itself',
      got: 'HTTP 302 to https://other.example/%1b[2J?\\u{80}',
      next: 'If you trust the place it leads to, name that with `--from`.',
    })
  })

  test('a failing server', async () => {
    expect(await answering((response) => response.writeHead(503).end('busy'))).toEqual({
      code: 'PEER_UNAVAILABLE',
      message: `${checkpoint} answered with HTTP 503.`,
      expected: 'HTTP 200',
      got: 'HTTP 503',
      next: 'Try again later, or ask another peer.',
    })
  })

  test.each([
    ['silence', () => {}, 'it was silent for 200 ms'],
    [
      'silence after a byte',
      (r: ServerResponse) => r.writeHead(200).write('a'),
      'it was silent for 200 ms',
    ],
    // So long that a busy machine is not taken for silence.
    ['a byte now and then', drip, 'it took longer than 3000 ms', { idleMs: 1_500, totalMs: 3_000 }],
    ['a cut', (r: ServerResponse) => r.socket?.destroy(), 'other side closed (UND_ERR_SOCKET)'],
  ])('%s', async (_, answer, why, limits = QUICK) => {
    expect(await answering(answer, limits)).toEqual({
      code: 'PEER_UNAVAILABLE',
      message: `${checkpoint} cannot be read: ${why}.`,
      next: 'Check the address and the connection, or ask another peer.',
    })
  })

  test('t29-endless-data: a file above its limit, announced or not', async () => {
    const tooLarge = {
      code: 'PEER_LIMIT',
      message: `The file at ${checkpoint} is larger than it may be.`,
      expected: 'at most 16384 bytes',
      next: 'Nothing of it was kept. Ask another peer.',
    }
    const announced = { 'content-length': 16_385 }
    expect(await answering((r) => r.writeHead(200, announced).write('a'))).toEqual({
      ...tooLarge,
      got: '16385 bytes or more',
    })
    const endless = await answering((r) => {
      r.writeHead(200)
      r.on('drain', () => r.write(Buffer.alloc(100_000)))
      r.write(Buffer.alloc(100_000))
    })
    expect(endless).toMatchObject(tooLarge)
  })

  test('t35-compressed: a small answer that is large when unpacked', async () => {
    const { gzipSync } = await import('node:zlib')
    const bomb = gzipSync(Buffer.alloc(50 * 1024 * 1024))
    expect(
      await answering((r) => r.writeHead(200, { 'content-encoding': 'gzip' }).end(bomb)),
    ).toMatchObject({ code: 'PEER_LIMIT', expected: 'at most 16384 bytes' })
  })

  test('something else than a checkpoint', async () => {
    expect(await answering((r) => r.end('<html>'))).toMatchObject({
      code: 'CHECKPOINT_INVALID',
      message: 'This is not a signed note.',
    })
  })

  test('a host that is not there', async () => {
    const url = 'http://127.0.0.1:1/'
    expect(await refusalOf(pullFrom(staticSource(new URL(url))))).toEqual({
      code: 'PEER_UNAVAILABLE',
      message: `${url}${alice.id}/checkpoint cannot be read: bad port.`,
      next: 'Check the address and the connection, or ask another peer.',
    })
  })

  test('damaged files', async () => {
    const path = `${alice.id}/tile/0/000.p/2`
    server.lie = (asked, response) => {
      if (asked !== path) return false
      response.end(Buffer.alloc(63))
      return true
    }
    expect(await refusalOf(pullFrom(staticSource(new URL(server.url))))).toEqual({
      code: 'PEER_MISBEHAVED',
      message: `The file at ${server.url}${path} is not one of a static log.`,
      expected: '64 bytes',
      got: '63 bytes',
      next: 'Nothing of it was kept. Ask another peer; if the server is yours, export the log again into a new folder.',
    })
    server.lie = (asked, response) => {
      if (!asked.includes('/index/')) return false
      response.end('{}')
      return true
    }
    expect(await refusalOf(pullFrom(staticSource(new URL(server.url))))).toMatchObject({
      code: 'HASH_MISMATCH',
      message: expect.stringMatching(
        /^The file at http:.*\/index\/bafk\w+ is not what its name says\.$/,
      ),
      next: 'Nothing was stored. Ask another peer, and distrust this one.',
    })
    server.lie = undefined
  })
})

describe('addresses', () => {
  test.each([
    ['https://tools.example', 'https://tools.example/'],
    ['https://tools.example/public', 'https://tools.example/public/'],
    ['https://tools.example:8443/a/b/', 'https://tools.example:8443/a/b/'],
    ['http://localhost:8000/public', 'http://localhost:8000/public/'],
    ['http://127.0.0.1:8000', 'http://127.0.0.1:8000/'],
    ['http://[::1]:8000', 'http://[::1]:8000/'],
  ])('%s', (address, base) => {
    expect(parseStaticAddress(address).href).toBe(base)
  })

  test.each([
    [
      'http://tools.example/',
      'A static log is read over HTTPS: without it, anyone on the way sees which tools you pull and can hold back newer ones.',
    ],
    [
      'http://localhost.tools.example/',
      'A static log is read over HTTPS: without it, anyone on the way sees which tools you pull and can hold back newer ones.',
    ],
    [
      'http://192.168.1.2/',
      'A static log is read over HTTPS: without it, anyone on the way sees which tools you pull and can hold back newer ones.',
    ],
    ['ftp://tools.example/', 'This is not the address of a static log.'],
    ['file:///tmp/public', 'This is not the address of a static log.'],
    ['https://', 'This is not the address of a static log.'],
    [
      'https://alice:secret@tools.example/',
      'The address of a static log has no user name or password.',
    ],
    ['https://tools.example/?a=b', 'The address of a static log ends with its path.'],
    ['https://tools.example/#a', 'The address of a static log ends with its path.'],
  ])('%s is refused', (address, message) => {
    const refused = (): unknown => parseStaticAddress(address)
    expect(refused).toThrow(message)
    try {
      refused()
    } catch (error) {
      expect(error).toMatchObject({ code: 'USAGE' })
      expect(JSON.stringify((error as RegistryError).details)).not.toContain('secret')
    }
  })
})

test('a pull that was cut goes on where it was', async () => {
  const store = consumer()
  let blocks = 0
  server.lie = (path, response) => {
    if (!path.startsWith('block/')) return false
    blocks += 1
    if (blocks <= 100) return false
    response.socket?.destroy()
    return true
  }
  const cut = await refusalOf(pullFrom(staticSource(new URL(server.url)), store))
  expect(cut).toMatchObject({ code: 'PEER_UNAVAILABLE' })
  server.lie = undefined
  server.served.length = 0
  const { release, fetched } = await pullFrom(staticSource(new URL(server.url)), store)
  expect(release.tools).toHaveLength(200)
  // The release and 200 tools, less at least 64 that had come in whole answers before the cut.
  expect(fetched).toBeLessThanOrEqual(137)
  expect(server.served.filter(({ path }) => path.startsWith('block/'))).toHaveLength(fetched)
})

test('a partial file that has been removed is read from the full one', async () => {
  const missing = `${alice.id}/tile/entries/000.p/2`
  const entries = readFileSync(join(folder, missing))
  const rest = Buffer.concat(Array.from({ length: 254 }, () => Buffer.from([0, 1, 65])))
  server.lie = (path, response) => {
    if (path === missing) response.writeHead(404).end()
    else if (path === missing.replace('.p/2', '')) response.end(Buffer.concat([entries, rest]))
    else return false
    return true
  }
  const { release } = await pullFrom(staticSource(new URL(server.url)))
  expect(release.entry.version).toBe('1.0.0')
  server.lie = undefined
})

describe('over TLS', () => {
  const keys = mkdtempSync(join(tmpdir(), 'toolmark-test-'))
  afterAll(() => rmSync(keys, { recursive: true }))

  test('a certificate that nobody vouches for', async () => {
    await using tls = await serveFiles(folder, makeCertificate(keys))
    expect(await refusalOf(pullFrom(staticSource(new URL(tls.url))))).toEqual({
      code: 'PEER_UNAVAILABLE',
      message: `${tls.url}${alice.id}/checkpoint cannot be read: unable to verify the first certificate (UNABLE_TO_VERIFY_LEAF_SIGNATURE).`,
      next: 'Check the address. For a certificate authority of your own, set NODE_EXTRA_CA_CERTS.',
    })
    expect(tls.served).toEqual([])
  })
})

function drip(response: ServerResponse): void {
  response.writeHead(200)
  const timer = setInterval(() => response.write('a'), 50)
  response.on('close', () => clearInterval(timer))
}
