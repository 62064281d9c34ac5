// An honest peer, who asks a node the same questions again and again: over a channel that stays, and over new connections. How long the
// slowest answer took is measured, less what the machine kept the two of them from running.

import { readFileSync } from 'node:fs'
import { setTimeout as sleep } from 'node:timers/promises'
import type { Cid } from '../../../src/cid/index.ts'
import { isRegistryError } from '../../../src/lib/index.ts'
import { connectSource, openLibp2pNetwork } from '../../../src/sync/index.ts'
import type { Ready } from './siege.ts'

export interface Waited {
  /** The longest, in ms, without what the machine kept the node from running; and with that. */
  readonly slowest: number
  readonly plain: number
  /** The same of newcomers, from the dial to the answer: a dozen ways there and back. */
  readonly newcomer: number
  readonly asked: number
  /** How often it had to come again. Its wait goes on meanwhile. */
  readonly again: number
}

export interface HonestPeer extends AsyncDisposable {
  /** Until it is told to stop. */
  askOn(signal: AbortSignal): Promise<Waited>
}

/** It is kept away no longer than this; that it waited is told by its figures. */
const LONGEST_MS = 20_000

export async function openHonestPeer(
  { address, publisher, cids }: Ready,
  pid: number,
): Promise<HonestPeer> {
  const honest = await openLibp2pNetwork({ listen: [] })
  let peer = connectSource(await honest.dial(address))
  const one = cids.at(-1) as Cid
  return {
    async askOn(signal) {
      let [slowest, plain, newcomer, asked, again] = [0, 0, 0, 0, 0]
      /** A deadline by the clock on the wall may pass while the machine is busy, and a crowd may stand before the door. */
      const insist = async (
        work: () => Promise<unknown>,
        comeAgain: () => Promise<void>,
      ): Promise<void> => {
        for (const end = performance.now() + LONGEST_MS; ; ) {
          try {
            await work()
            return
          } catch (error) {
            if (!isRegistryError(error, 'PEER_UNAVAILABLE') || performance.now() > end) throw error
            again += 1
            await sleep(20)
            await comeAgain().catch(() => undefined)
          }
        }
      }
      const timed = async (
        ...[work, comeAgain]: Parameters<typeof insist>
      ): Promise<{ readonly took: number; readonly own: number }> => {
        const began = { at: performance.now(), kept: keptWaiting(pid) }
        await insist(work, comeAgain)
        const took = performance.now() - began.at
        asked += 1
        return { took: Math.round(took), own: Math.round(took - (keptWaiting(pid) - began.kept)) }
      }
      const reopen = async (): Promise<void> => {
        peer = connectSource(await honest.dial(address))
      }
      const staying = async (): Promise<void> => {
        while (!signal.aborted) {
          for (const ask of [() => peer.checkpoint(publisher), () => peer.blocks([one])]) {
            const { took, own } = await timed(ask, reopen)
            plain = Math.max(plain, took)
            slowest = Math.max(slowest, own)
          }
          await sleep(20)
        }
      }
      const coming = async (): Promise<void> => {
        while (!signal.aborted) {
          await using network = await openLibp2pNetwork({ listen: [] })
          const { own } = await timed(
            async () => {
              await using peer = connectSource(await network.dial(address))
              await peer.checkpoint(publisher)
            },
            async () => undefined,
          )
          newcomer = Math.max(newcomer, own)
          await sleep(300)
        }
      }
      await Promise.all([staying(), coming()])
      return { slowest, plain, newcomer, asked, again }
    },
    [Symbol.asyncDispose]: () => honest[Symbol.asyncDispose](),
  }
}

/**
 * Milliseconds that this process and the node were ready to run and the machine was busy with others, or was not there itself: what a hypervisor
 * takes looks to the processes as if they ran.
 */
function keptWaiting(pid: number): number {
  const waits = [process.pid, pid].map((one) => {
    const [, waited = '0'] = readFileSync(`/proc/${one}/schedstat`, 'utf8').split(' ')
    return Number(waited) / 1e6
  })
  return waits.reduce((sum, one) => sum + one, stolen())
}

/** Of all processors together, in ticks of 10 ms: the eighth figure of proc_stat(5). */
function stolen(): number {
  const [all = ''] = readFileSync('/proc/stat', 'utf8').split('\n')
  return Number(all.trim().split(/\s+/)[8] ?? 0) * 10
}
