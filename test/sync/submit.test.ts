// The ops of a home node over a channel: what is carried, what is refused unread, and what a refusal may say.

import { encode } from 'cborg'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { cidOf } from '../../src/cid/index.ts'
import { type ErrorCode, RegistryError, utf8 } from '../../src/lib/index.ts'
import type { HomeSession, Submission } from '../../src/registry/index.ts'
import {
  type Channel,
  connectSource,
  createBudget,
  createMemoryHub,
  type MemoryHub,
  type PeerSource,
  serveSource,
} from '../../src/sync/index.ts'
import { decodeRequest } from '../../src/sync/wire/messages.ts'
import { createFakeSource, PUBLISHER } from './fake-source.ts'

const CID = cidOf(utf8('a statement'))
const SUBMISSION: Submission = {
  publisher: PUBLISHER,
  head: CID,
  entries: [{ statement: Uint8Array.of(1, 2), bundles: [Uint8Array.of(3)] }],
}
/** A terminal would clear its screen, and the reader would read backwards. */
const EVIL = 'No.\u001b[2J Run \u202ehs | elpmaxe.live lruc'
const ESCAPED = 'No.\\u{1b}[2J Run \\u{202e}hs | elpmaxe.live lruc'

let hub: MemoryHub
let peer: PeerSource | undefined
beforeEach(() => {
  hub = createMemoryHub()
  peer = undefined
})
afterEach(async () => {
  await peer?.[Symbol.asyncDispose]()
})

async function connectTo(home: Partial<HomeSession> | undefined): Promise<PeerSource> {
  const session = home as HomeSession | undefined
  hub.open('home').handle((channel) => serveSource(channel, createFakeSource(1), { home: session }))
  peer = connectSource(await hub.open('client').dial('memory:home'))
  return peer
}

/** Answers each request with these bytes, whatever they are. */
async function connectToEvil(answer: (id: number) => unknown): Promise<PeerSource> {
  hub.open('home').handle(async (channel: Channel) => {
    for (;;) {
      const frame = await channel.receive()
      if (frame === undefined) return
      await channel.send(encode(answer(decodeRequest(frame).id)))
    }
  })
  peer = connectSource(await hub.open('client').dial('memory:home'))
  return peer
}

function refusing(code: ErrorCode): Partial<HomeSession> {
  return {
    submit: async () => {
      throw new RegistryError(code, EVIL, { expected: EVIL, got: 7, next: EVIL })
    },
  }
}

describe('a submission', () => {
  it('arrives as it was sent, and so does its answer', async () => {
    let got: unknown
    const answer = {
      missing: [CID],
      entries: [{ kind: 'unchanged' as const, seq: 2 ** 40, statement: CID }],
    }
    const home = await connectTo({
      submit: async (submission) => {
        got = submission
        return answer
      },
    })
    expect(await home.submit(SUBMISSION)).toEqual(answer)
    expect(got).toEqual(SUBMISSION)
  })

  it('is refused unread where there is no home', async () => {
    const home = await connectTo(undefined)
    await expect(home.submit(SUBMISSION)).rejects.toMatchObject({
      code: 'NOT_FOUND',
      message: 'The home node home refused: This node takes no submissions.',
    })
    await expect(home.stage([utf8('x')])).rejects.toMatchObject({ code: 'NOT_FOUND' })
  })

  it('is not read with 65 entries, none, or a statement of 17 KiB', async () => {
    let read = 0
    const home = await connectTo({
      submit: async () => {
        read += 1
        return { missing: [], entries: [] }
      },
    })
    const [entry] = SUBMISSION.entries as [Submission['entries'][number]]
    const bent: readonly Submission['entries'][] = [
      [],
      Array.from({ length: 65 }, () => entry),
      [{ ...entry, statement: new Uint8Array(17 * 1024) }],
      [{ ...entry, bundles: [] }],
    ]
    for (const entries of bent) {
      await expect(home.submit({ ...SUBMISSION, entries })).rejects.toMatchObject({
        code: 'MESSAGE_INVALID',
      })
    }
    expect(read).toBe(0)
  })

  it('is charged to a budget of its own', async () => {
    const limits = { requestsPerSecond: 0, requestBurst: 2, bytesPerSecond: 1, byteBurst: 1_000 }
    const home: Partial<HomeSession> = { submit: async () => ({ missing: [CID], entries: [] }) }
    hub.open('home').handle((channel) =>
      serveSource(channel, createFakeSource(1), {
        home: home as HomeSession,
        submissions: createBudget(limits),
      }),
    )
    peer = connectSource(await hub.open('client').dial('memory:home'))
    for (let i = 0; i < 2; i++) await peer.submit(SUBMISSION)
    await expect(peer.submit(SUBMISSION)).rejects.toMatchObject({ code: 'PEER_LIMIT' })
    expect((await peer.checkpoint(PUBLISHER)).length).toBe(4)
  })
})

describe('a refusal', () => {
  it('keeps its code and its words, escaped, and loses its advice', async () => {
    const home = await connectTo(refusing('SIGNER_UNAUTHORIZED'))
    await expect(home.submit(SUBMISSION)).rejects.toMatchObject({
      code: 'SIGNER_UNAUTHORIZED',
      message: `The home node home refused: ${ESCAPED}`,
      details: {
        expected: ESCAPED,
        got: '7',
        next: 'Nothing was appended. Ask whoever runs the home node if you do not know why.',
      },
    })
  })

  it('says nothing of what went wrong inside the node', async () => {
    for (const code of ['STORE_CORRUPT', 'KEY_LOCKED', 'ROLLBACK', 'UNEXPECTED'] as const) {
      hub = createMemoryHub()
      const home = await connectTo(refusing(code))
      await expect(home.submit(SUBMISSION)).rejects.toMatchObject({
        code: 'SERVER_FAILED',
        message: 'The peer home answered: This node could not answer.',
      })
    }
  })

  it('with a code that is no refusal ends the connection', async () => {
    for (const code of ['STORE_CORRUPT', 'FORKED', 'toString', '']) {
      hub = createMemoryHub()
      const home = await connectToEvil((id) => ({ id, error: { code, message: 'x' } }))
      await expect(home.submit(SUBMISSION)).rejects.toMatchObject({ code: 'PEER_MISBEHAVED' })
    }
  })

  it('of another op than a submission ends the connection as well', async () => {
    const error = { code: 'SIGNER_UNAUTHORIZED', message: 'x' }
    const home = await connectToEvil((id) => ({ id, error }))
    await expect(home.checkpoint(PUBLISHER)).rejects.toMatchObject({ code: 'PEER_MISBEHAVED' })
  })

  it('that carries advice, or pages of words, ends the connection', async () => {
    for (const more of [{ next: 'curl' }, { expected: 'x'.repeat(301) }, { got: 7 }]) {
      hub = createMemoryHub()
      const error = { code: 'CONFLICT', message: 'x', ...more }
      const home = await connectToEvil((id) => ({ id, error }))
      await expect(home.submit(SUBMISSION)).rejects.toMatchObject({ code: 'PEER_MISBEHAVED' })
    }
  })
})

describe('an answer', () => {
  it('of another shape ends the connection', async () => {
    const entry = { kind: 'appended', seq: 1, statement: CID }
    for (const ok of [
      {},
      { missing: [], entries: [{ ...entry, kind: 'perhaps' }] },
      { missing: [], entries: [{ ...entry, seq: -1 }] },
      { missing: ['bafk'], entries: [] },
      { missing: Array.from({ length: 1_025 }, () => CID), entries: [] },
      { missing: [], entries: [], more: 1 },
    ]) {
      hub = createMemoryHub()
      const home = await connectToEvil((id) => ({ id, ok }))
      await expect(home.submit(SUBMISSION)).rejects.toMatchObject({ code: 'PEER_MISBEHAVED' })
    }
  })
})
