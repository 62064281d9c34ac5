// What every Network promises (src/sync/network.ts), as one suite that each implementation runs.

import { setTimeout as sleep } from 'node:timers/promises'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { FRAME_LIMIT } from '../../src/spec/index.ts'
import type { Channel, Network } from '../../src/sync/index.ts'

export interface NetworkPair {
  readonly server: Network
  readonly client: Network
}

const KIB = 1024
const MIB = 1024 * KIB

export function testNetworkContract(name: string, makePair: () => Promise<NetworkPair>): void {
  describe(`network contract: ${name}`, () => {
    let pair: NetworkPair
    beforeEach(async () => {
      pair = await makePair()
    })
    afterEach(async () => {
      await pair.client[Symbol.asyncDispose]()
      await pair.server[Symbol.asyncDispose]()
    })

    const dial = (): Promise<Channel> => pair.client.dial(pair.server.addresses[0]!)

    /** Both ends of one channel. */
    async function join(): Promise<{ near: Channel; far: Channel; done: () => void }> {
      const hold = Promise.withResolvers<void>()
      const arrived = Promise.withResolvers<Channel>()
      pair.server.handle(async (channel) => {
        arrived.resolve(channel)
        await hold.promise
      })
      const near = await dial()
      return { near, far: await arrived.promise, done: hold.resolve }
    }

    it.each([0, 1, 64 * KIB, MIB, FRAME_LIMIT])('carries a frame of %i bytes', async (size) => {
      const { near, far } = await join()
      const sent = new Uint8Array(size).map((_, i) => i * 31)
      const sending = near.send(sent)
      const got = await far.receive()
      await sending
      expect(Buffer.compare(got!, sent)).toBe(0)
    })

    it('keeps the order of frames of mixed sizes, both ways at once', async () => {
      const { near, far } = await join()
      const sizes = Array.from({ length: 200 }, (_, i) => (i * 7919) % 9000)
      const pump = async (from: Channel, to: Channel): Promise<number[]> => {
        const sending = Promise.all(sizes.map((size) => from.send(new Uint8Array(size))))
        const got: number[] = []
        while (got.length < sizes.length) got.push((await to.receive())!.length)
        await sending
        return got
      }
      const [there, back] = await Promise.all([pump(near, far), pump(far, near)])
      expect(there).toEqual(sizes)
      expect(back).toEqual(sizes)
    })

    it('makes the sender wait for a slow reader', async () => {
      const { near, far } = await join()
      let accepted = 0
      const sending = (async () => {
        for (let i = 0; i < 128; i += 1) {
          await near.send(new Uint8Array(64 * KIB).fill(i))
          accepted += 64 * KIB
        }
        await near.close()
      })()
      await sleep(700)
      // Window, inbox and socket buffers of both sides; without back-pressure all 8 MiB would be accepted.
      expect(accepted).toBeLessThan(4 * MIB)
      for (let i = 0; i < 128; i += 1) {
        const frame = await far.receive()
        expect([frame!.length, frame![0]]).toEqual([64 * KIB, i])
        if (i % 32 === 0) await sleep(20)
      }
      expect(await far.receive()).toBeUndefined()
      await sending
    })

    it('delivers what was sent before close, then undefined, again and again', async () => {
      const { near, far } = await join()
      await near.send(Uint8Array.of(1))
      await near.send(Uint8Array.of(2))
      await near.close()
      await near.close()
      expect(await far.receive()).toEqual(Uint8Array.of(1))
      expect(await far.receive()).toEqual(Uint8Array.of(2))
      expect(await far.receive()).toBeUndefined()
      expect(await far.receive()).toBeUndefined()
      await expect(near.send(Uint8Array.of(3))).rejects.toMatchObject({ code: 'PEER_UNAVAILABLE' })
      expect(await near.receive()).toBeUndefined()
    })

    it('tells an abort from a close', async () => {
      const { near, far } = await join()
      const reading = far.receive()
      near.abort(new Error('enough'))
      await expect(reading).rejects.toMatchObject({ code: 'PEER_UNAVAILABLE' })
      await expect(near.receive()).rejects.toMatchObject({ code: 'PEER_UNAVAILABLE' })
      await expect(near.send(new Uint8Array(1))).rejects.toMatchObject({ code: 'PEER_UNAVAILABLE' })
      await expect(far.send(new Uint8Array(1))).rejects.toMatchObject({ code: 'PEER_UNAVAILABLE' })
    })

    it('frees a sender that waits when the other side aborts', async () => {
      const { near, far } = await join()
      const sending = Promise.all(
        Array.from({ length: 128 }, () => near.send(new Uint8Array(64 * KIB))),
      )
      const refused = expect(sending).rejects.toMatchObject({ code: 'PEER_UNAVAILABLE' })
      await sleep(100)
      far.abort(new Error('enough'))
      await refused
    })

    it('refuses to send a frame that is too large', async () => {
      const { near, far } = await join()
      await expect(near.send(new Uint8Array(FRAME_LIMIT + 1))).rejects.toMatchObject({
        code: 'PEER_LIMIT',
      })
      await expect(far.receive()).rejects.toMatchObject({ code: 'PEER_UNAVAILABLE' })
    })

    it('gives up waiting on a signal and loses no frame by it', async () => {
      const { near, far } = await join()
      const stop = new AbortController()
      const reading = far.receive({ signal: stop.signal })
      stop.abort(new Error('no longer'))
      await expect(reading).rejects.toThrow('no longer')
      await near.send(Uint8Array.of(7))
      expect(await far.receive()).toEqual(Uint8Array.of(7))
    })

    it('aborts only the channel whose handler throws', async () => {
      let count = 0
      pair.server.handle(async (channel) => {
        count += 1
        if (count === 1) throw new Error('broken handler')
        await channel.receive()
        await channel.send(Uint8Array.of(1))
        await channel.close()
      })
      const broken = await dial()
      await expect(broken.receive()).rejects.toMatchObject({ code: 'PEER_UNAVAILABLE' })
      const whole = await dial()
      await whole.send(Uint8Array.of(0))
      expect(await whole.receive()).toEqual(Uint8Array.of(1))
    })

    it('opens and closes many channels one after another', async () => {
      pair.server.handle(async (channel) => {
        for (;;) {
          const frame = await channel.receive()
          if (frame === undefined) break
          await channel.send(frame)
        }
        await channel.close()
      })
      for (let i = 0; i < 60; i += 1) {
        const channel = await dial()
        await channel.send(Uint8Array.of(i))
        expect(await channel.receive()).toEqual(Uint8Array.of(i))
        await channel.close()
      }
    })

    it('breaks open channels when its network is disposed, and dials no more', async () => {
      const { near, far } = await join()
      const broken = expect(far.receive()).rejects.toMatchObject({ code: 'PEER_UNAVAILABLE' })
      await pair.client[Symbol.asyncDispose]()
      await broken
      await expect(near.receive()).rejects.toMatchObject({ code: 'PEER_UNAVAILABLE' })
    })

    it('says who cannot be reached and what to do', async () => {
      const address = pair.server.addresses[0]!
      await pair.server[Symbol.asyncDispose]()
      const started = performance.now()
      const error = await pair.client.dial(address).catch((e: unknown) => e)
      expect(error).toMatchObject({ code: 'PEER_UNAVAILABLE' })
      expect((error as Error).message).toContain(address)
      expect((error as { details: { next: string } }).details.next).toContain('registry serve')
      expect(performance.now() - started).toBeLessThan(6_000)
    })
  })
}
