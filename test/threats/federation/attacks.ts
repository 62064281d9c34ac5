// The attacks, by name: each goes on until it is over, and counts what became of it.

import { randomBytes } from 'node:crypto'
import { setTimeout as sleep } from 'node:timers/promises'
import { encode } from 'cborg'
import { closed, framed, type Liar, openLiar, pour, spreadOut, TOPIC, untilOver } from './liars.ts'
import type { Plan } from './siege.ts'

interface Doing {
  readonly isOver: () => boolean
  readonly count: (what: string) => void
  /** What is to be stopped in the end. */
  readonly owned: (stop: () => unknown) => void
}

type Attack = (plan: Plan, doing: Doing) => Promise<void>

/** As many as a node lets one peer open. */
const CHANNELS = 16

async function open({ owned }: Doing, how?: { readonly gossips: boolean }): Promise<Liar> {
  const liar = await openLiar(how)
  owned(() => liar.stop())
  return liar
}

/** Again and again, on so many channels at once. */
async function onChannels(
  count: number,
  { isOver, count: note }: Doing,
  act: (channel: number) => Promise<void>,
): Promise<void> {
  const one = async (_: unknown, channel: number): Promise<void> => {
    while (!isOver()) {
      try {
        await act(channel)
        note('ended')
      } catch {
        note('refused')
        await sleep(50)
      }
    }
  }
  await Promise.all(Array.from({ length: count }, one))
}

export const ATTACKS: Readonly<Record<string, Attack>> = {
  /** A header that claims 2 GiB, and nothing after it: of a frame, and of the muxer. */
  async frames({ address }, doing) {
    const [liar, other] = [await open(doing), await open(doing)]
    await Promise.all([
      onChannels(4, doing, async () => {
        const stream = await liar.openStream(address)
        stream.send(Uint8Array.of(0x80, 0, 0, 0))
        await closed(stream)
        if (stream.status === 'open') doing.count('kept')
      }),
      onChannels(1, doing, async () => {
        const stream = await other.openStream(address)
        other.raw?.send(Uint8Array.of(0, 0, 0, 0, 0, 0, 0, 1, 0x80, 0, 0, 0))
        await closed(stream)
        doing.count(stream.status === 'open' ? 'kept' : 'connections')
        await sleep(100)
      }),
    ])
  },

  /** Large frames that say nothing, and small ones that ask for nonsense. */
  async endless({ address }, doing) {
    const liar = await open(doing)
    const rubbish = framed(Buffer.alloc(256 * 1024, 0xff))
    const one = framed(encode({ id: 1, op: 'stop' }))
    const nonsense = Buffer.concat(Array.from({ length: 20 }, () => one))
    const other = await open(doing)
    await onChannels(CHANNELS, doing, async (i) => {
      const isRubbish = i % 2 === 0
      const stream = await (isRubbish ? liar : other).openStream(address)
      await pour(stream, () => (isRubbish ? rubbish : nonsense), doing.isOver)
      if (!doing.isOver()) doing.count(isRubbish ? 'rubbish' : 'nonsense')
    })
  },

  /** 10,000 streams: some that are negotiated, the rest only opened. */
  async streams({ address }, doing) {
    const liar = await open(doing)
    await liar.openStream(address)
    await onChannels(8, doing, async (i) => {
      if (i < 4) await liar.openStream(address)
      else {
        for (let n = 0; n < 500; n++) {
          await liar.muxer?.createStream()
          doing.count('opened')
        }
        await sleep(10)
      }
    })
  },

  /** The most that one question can ask for, from eight identities on every channel, and none of the answers read. */
  async wants({ address, cids }, doing) {
    const [large] = cids
    const wanted = Array.from({ length: 1_000 }, () => large)
    for (let i = 0; i < 8; i++) {
      const liar = await open(doing)
      void onChannels(CHANNELS, doing, async () => {
        const stream = await liar.openStream(address)
        stream.pause()
        let id = 0
        const next = (): Uint8Array => framed(encode({ id: id++, op: 'blocks', cids: wanted }))
        await pour(stream, next, doing.isOver)
        if (!doing.isOver()) doing.count('cut')
      })
    }
    await untilOver(doing.isOver)
  },

  /** Forged heads, rubbish and messages that are too large. */
  async gossip({ address, publisher, oldNote }, doing) {
    const liar = await open(doing)
    await liar.meet(address)
    const note = Buffer.from(oldNote, 'base64')
    for (let i = 0; !doing.isOver(); i++) {
      const forged = Buffer.concat([note.subarray(0, -40), randomBytes(30)])
      const said = [
        encode({ v: 1, publisher, note: forged }),
        randomBytes(500),
        randomBytes(40_000),
        encode({ v: 1, publisher, fork: randomBytes(30_000) }),
      ]
      await liar.gossip?.publish(TOPIC, said[i % said.length] ?? note).catch(() => undefined)
      doing.count('said')
      if (i % 20 === 0) await sleep(1)
    }
  },

  /** A genuine old head, each time with another line of nobody, so that it is another message. */
  async replays({ address, publisher, oldNote }, doing) {
    const liar = await open(doing)
    await liar.meet(address)
    const note = Buffer.from(oldNote, 'base64')
    for (let i = 0; !doing.isOver(); i++) {
      const line = `\u2014 nobody ${randomBytes(76).toString('base64')}\n`
      const message = encode({ v: 1, publisher, note: Buffer.concat([note, Buffer.from(line)]) })
      await liar.gossip?.publish(TOPIC, message).catch(() => undefined)
      doing.count('said')
      if (i % 20 === 0) await sleep(1)
    }
  },

  /** Questions, and answers to what is asked here, a byte at a time. */
  async trickle({ address, speed }, doing) {
    const liar = await open(doing)
    const second = 1_000 / speed
    const drip = async (stream: Awaited<ReturnType<Liar['openStream']>>): Promise<void> => {
      const question = framed(encode({ id: 1, op: 'follows' }))
      for (let i = 0; stream.status === 'open' && !doing.isOver(); i++) {
        stream.send(question.subarray(i % question.length, (i % question.length) + 1))
        // A whole question would be answered, and is no attack.
        if (i === question.length - 2) await closed(stream, 60_000)
        await sleep(second)
      }
    }
    await liar.handle((stream) => {
      doing.count('asked')
      void drip(stream).catch(() => undefined)
    })
    await onChannels(8, doing, async () => drip(await liar.openStream(address)))
  },

  /** 200 identities: half of one network, half of ever another. They ask for all there is, answer whatever is asked with silence, and forge. */
  async crowd({ address, publisher, oldNote, cids }, doing) {
    const note = Buffer.from(oldNote, 'base64')
    const join = async (i: number): Promise<void> => {
      const liar = await open(doing, { gossips: i % 10 === 0 })
      await liar.handle((stream) => {
        doing.count('asked')
        // Silence, or an old head without an end.
        if (i % 2 === 0) return
        void pour(stream, () => framed(encode({ id: 0, ok: { note } })), doing.isOver)
      })
      await liar.dial(address)
      const stream = await liar.openStream(address)
      doing.count('joined')
      const ask = (): Uint8Array =>
        framed(encode({ id: 1, op: 'blocks', cids: Array.from({ length: 64 }, () => cids[0]) }))
      while (!doing.isOver() && stream.status === 'open') {
        stream.send(ask())
        const forged = Buffer.concat([note.subarray(0, -40), randomBytes(30)])
        const said = encode({ v: 1, publisher, note: i % 3 === 0 ? note : forged })
        await liar.gossip?.publish(TOPIC, said).catch(() => undefined)
        await sleep(500)
      }
    }
    const all: Promise<void>[] = []
    for (let i = 0; i < 200; i++) {
      spreadOut(i >= 100)
      all.push(join(i).catch(() => doing.count('refused')))
      await sleep(2)
    }
    await untilOver(doing.isOver)
    spreadOut(false)
  },
}
