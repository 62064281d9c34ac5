// What a hostile or mistaken neighbour can do over the socket: get an error.

import { once } from 'node:events'
import { chmod, mkdir, rm, symlink } from 'node:fs/promises'
import { connect, createServer, type Socket } from 'node:net'
import { join } from 'node:path'
import { decode, encode } from 'cborg'
import fc from 'fast-check'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { cidOf } from '../../src/cid/index.ts'
import { FrameReader, frame } from '../../src/lib/index.ts'
import { openStore, type Store, shareStore } from '../../src/store/index.ts'
import { connectStore } from '../../src/store/socket/remote.ts'
import { block, codeOf, collect, record } from '../contracts/store.ts'
import { newFolder } from './folders.ts'

let folder: string
let store: Store
let sharing: AsyncDisposable

beforeAll(async () => {
  folder = await newFolder()
  store = await openStore(folder)
  sharing = await shareStore(store, folder)
})

afterAll(async () => {
  await sharing[Symbol.asyncDispose]()
  await store[Symbol.asyncDispose]()
})

async function dial(): Promise<Socket> {
  const socket = connect(join(folder, 'socket'))
  socket.on('error', () => {})
  await once(socket, 'connect')
  return socket
}

interface Answer {
  readonly id: unknown
  readonly ok?: unknown
  readonly error?: { readonly code: string }
}

/** Sends raw payloads, each in a frame, and returns as many answers. */
async function converse(...payloads: Uint8Array[]): Promise<Answer[]> {
  const socket = await dial()
  for (const payload of payloads) socket.write(frame(payload))
  const answers: Answer[] = []
  const reader = new FrameReader(1 << 26)
  for await (const chunk of socket) {
    for (const bytes of reader.push(chunk)) answers.push(decode(bytes))
    if (answers.length >= payloads.length) break
  }
  socket.destroy()
  return answers
}

const cid = cidOf(Buffer.from('x'))
const id = 7
const BAD: readonly (readonly [string, unknown])[] = [
  ['an unknown op', { id, op: 'drop', args: [] }],
  ['an op that objects inherit', { id, op: 'constructor', args: [] }],
  ['an op named __proto__', { id, op: '__proto__', args: [] }],
  ['an op that is no text', { id, op: 1, args: [] }],
  ['no args', { id, op: 'hello' }],
  ['too few args', { id, op: 'findBlocks', args: [] }],
  ['too many args', { id, op: 'findFloor', args: ['o', 'p'] }],
  ['cids that are no list', { id, op: 'findBlocks', args: [cid] }],
  ['too many cids', { id, op: 'findBlocks', args: [Array(1001).fill(cid)] }],
  ['a key that is a list too long', { id, op: 'findRecords', args: [[['head', 'k', 'v']]] }],
  ['a table there is not', { id, op: 'listRecords', args: ['floor', '', '', 1] }],
  ['a page of nothing', { id, op: 'listRecords', args: ['head', '', '', 0] }],
  ['a page too long', { id, op: 'listRecords', args: ['head', '', '', 1001] }],
  ['half a page', { id, op: 'listBlocks', args: [null, 0.5] }],
  ['a negative page', { id, op: 'listBlocks', args: [null, -1] }],
  ['a huge integer for a page', { id, op: 'listBlocks', args: [null, 2n ** 63n] }],
  ['a change of five parts', { id, op: 'commit', args: [[], [], [], [], []] }],
  ['text for bytes', { id, op: 'commit', args: [[[cid, 'x']], [], [], [], [], []] }],
  ['a floor as text', { id, op: 'commit', args: [[], [], [], [], [], ['o 1 root']] }],
  ['a lock without a name', { id, op: 'lock', args: [] }],
  ['a lock named by a number', { id, op: 'lock', args: [1] }],
  ['an endless name', { id, op: 'lock', args: ['n'.repeat(5000)] }],
  ['an unlock of text', { id, op: 'unlock', args: ['7'] }],
]

describe('a malformed request', () => {
  it.each(BAD)('with %s is MESSAGE_INVALID, and the next one is answered', async (_, bad) => {
    const good = encode({ id: 8, op: 'hello', args: [] })
    const [first, second] = await converse(encode(bad), good)
    expect([first?.id, first?.error?.code]).toEqual([id, 'MESSAGE_INVALID'])
    expect(second).toEqual({ id: 8, ok: [1, process.pid] })
  })

  it('with a malformed CID is CID_INVALID', async () => {
    const [answer] = await converse(encode({ id, op: 'hasBlocks', args: [['bafk']] }))
    expect(answer?.error?.code).toBe('CID_INVALID')
  })

  it.each([
    ['not CBOR', Uint8Array.of(0xff, 0xff)],
    ['nothing', new Uint8Array()],
    ['no id', encode({ op: 'hello', args: [] })],
    ['no map', encode([1, 2])],
    ['one key twice', Uint8Array.of(0xa2, 0x61, 0x61, 1, 0x61, 0x61, 2)],
    ['a million lists in each other', new Uint8Array(1_000_000).fill(0x81)],
    ['a list that claims 2³² items', Uint8Array.of(0x9a, 0xff, 0xff, 0xff, 0xff)],
  ])('that is %s is answered to nobody', async (_, payload) => {
    const [answer] = await converse(payload)
    expect([answer?.id, answer?.error?.code]).toEqual([null, 'MESSAGE_INVALID'])
  })

  it('that claims 4 GiB ends the connection, not the node', async () => {
    const socket = await dial()
    socket.write(Uint8Array.of(0xff, 0xff, 0xff, 0xff))
    const reader = new FrameReader(1 << 20)
    const answers: Answer[] = []
    for await (const chunk of socket) answers.push(...reader.push(chunk).map((it) => decode(it)))
    expect(answers.map(({ error }) => error?.code)).toEqual(['PEER_LIMIT'])
    expect(await codeOf(useStore())).toBe('no error')
  })

  it('of random values never breaks the node', async () => {
    const ops = fc.constantFrom(
      ...['findBlocks', 'hasBlocks', 'findRecords', 'listRecords', 'listBlocks', 'commit', 'lock'],
    )
    const value = fc.oneof(fc.string(), fc.integer(), fc.constant(null), fc.uint8Array())
    const args = fc.array(fc.oneof(value, fc.array(value), fc.array(fc.array(value))), {
      maxLength: 5,
    })
    await fc.assert(
      fc.asyncProperty(ops, args, async (op, given) => {
        const [answer] = await converse(encode({ id, op, args: given }))
        expect(answer?.id).toBe(id)
        expect(answer?.error?.code ?? '').not.toBe('UNEXPECTED')
      }),
      { numRuns: 150 },
    )
    expect(await codeOf(useStore())).toBe('no error')
  })

  it('cut off in the middle does nothing', async () => {
    const change = [[], [['head', 'cut', Buffer.from('v')]], [], [], []]
    const whole = frame(encode({ id, op: 'commit', args: change }))
    const socket = await dial()
    socket.end(whole.subarray(0, whole.length - 1))
    await once(socket, 'close')
    expect(await store.findRecords([{ table: 'head', key: 'cut' }])).toEqual([undefined])
  })
})

async function useStore(): Promise<void> {
  const remote = await connectStore(join(folder, 'socket'))
  await remote?.commit({ put: [record('k', 'v')] })
  await remote?.[Symbol.asyncDispose]()
}

describe('a node that lies', () => {
  async function against(answers: Readonly<Record<string, unknown>>): Promise<[Store, () => void]> {
    const path = join(await newFolder(), 's')
    const server = createServer((socket) => {
      const reader = new FrameReader(1 << 26)
      socket.on('error', () => {})
      socket.on('data', (chunk) => {
        for (const bytes of reader.push(chunk)) {
          const request = decode(bytes)
          const ok = request.op === 'hello' ? [1, 1] : answers[request.op]
          socket.write(frame(encode({ id: request.id, ok: ok ?? null })))
        }
      })
    })
    await new Promise<void>((resolve) => server.listen(path, resolve))
    const remote = await connectStore(path)
    if (remote === undefined) throw new Error('no answer')
    return [remote, () => server.close()]
  }

  it('about a block is found out by its hash', async () => {
    const [remote, close] = await against({ findBlocks: [Buffer.from('other')] })
    expect(await codeOf(remote.findBlocks([block('mine').cid]))).toBe('STORE_CORRUPT')
    await remote[Symbol.asyncDispose]()
    close()
  })

  it('about shapes is MESSAGE_INVALID, not an endless loop', async () => {
    const bad = {
      findBlocks: [],
      listRecords: [[['k']], true],
      findFloor: ['o', 'x', 1],
      hasBlocks: [1],
    }
    const [remote, close] = await against(bad)
    const one = [block('mine').cid]
    expect(await codeOf(remote.findBlocks(one))).toBe('MESSAGE_INVALID')
    expect(await codeOf(remote.hasBlocks(one))).toBe('MESSAGE_INVALID')
    expect(await codeOf(collect(remote.listRecords('head')))).toBe('MESSAGE_INVALID')
    expect(await codeOf(remote.findFloor('o'))).toBe('MESSAGE_INVALID')
    await remote[Symbol.asyncDispose]()
    close()
  })
})

describe('the socket elsewhere', () => {
  it('is refused in a folder that others can write', async () => {
    const [home, room] = [await newFolder(), await newFolder()]
    await mkdir(join(room, 'open'))
    const target = join(room, 'open', 'x.sock')
    const server = createServer(() => {})
    await new Promise<void>((resolve) => server.listen(target, resolve))
    await chmod(join(room, 'open'), 0o777)
    await symlink(target, join(home, 'socket'))
    expect(await codeOf(openStore(home))).toBe('STORE_UNAVAILABLE')
    server.close()
    await rm(join(home, 'socket'))
  })
})

describe('a commit too large for one frame', () => {
  it('says so, and the connection goes on', async () => {
    const remote = await connectStore(join(folder, 'socket'))
    if (remote === undefined) throw new Error('no answer')
    const value = new Uint8Array(65 * 1024 * 1024)
    const put = [{ table: 'head' as const, key: 'big', value }]
    expect(await codeOf(remote.commit({ put }))).toBe('LIMIT_EXCEEDED')
    await remote.commit({ put: [record('small', 'v')] })
    await remote[Symbol.asyncDispose]()
  })
})
