// A siege: a node in one process, liars in others, and an honest peer in this one that asks all the while. What the node's memory and handles
// come to, and how long the honest peer waits, is measured; what it may come to is for each test to say.

import { type ChildProcess, fork } from 'node:child_process'
import { once } from 'node:events'
import { readFileSync } from 'node:fs'
import { setPriority } from 'node:os'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import type { Cid } from '../../../src/cid/index.ts'
import type { NodeStatus } from '../../../src/node/federation/status.ts'
import type { Source } from '../../../src/resolve/index.ts'
import type { PublisherId } from '../../../src/spec/index.ts'
import { connectSource, openLibp2pNetwork } from '../../../src/sync/index.ts'

const MIB = 1024 * 1024

export interface VictimOptions {
  /** How many times faster than usual its clock goes, for limits of minutes. */
  readonly speed?: number
  readonly follows?: readonly string[]
  readonly peers?: readonly string[]
  readonly always?: readonly string[]
}

export type ToVictim = 'health' | 'stop'

export interface Health {
  /** On the heap and beside it, after a collection. */
  readonly memory: number
  readonly files: number
  readonly handles: number
  /** The most peers that were connected, and the most channels that one of them had, at a time, since the question before. */
  readonly connections: number
  readonly channels: number
  /** Why channels to it have ended, by code, and what became of announcements, by verdict. */
  readonly verdicts: Readonly<Record<string, number>>
  readonly status: NodeStatus
}

export interface Ready {
  readonly address: string
  readonly publisher: PublisherId
  readonly cids: readonly Cid[]
  /** A head of its own log that is no longer the newest. */
  readonly oldNote: string
}

/** What an attack is told. */
export interface Plan extends Ready {
  readonly name: string
  readonly milliseconds: number
  /** What has to have been counted before it may end. */
  readonly enough: Readonly<Record<string, number>>
  readonly speed: number
  readonly isLast?: boolean
}

export interface Siege {
  readonly before: Health
  readonly after: Health
  /** MiB of the process over what it was, at the worst moment, and what is left of it in memory afterwards. */
  readonly peak: number
  readonly left: number
  /** Files and handles of the node over what they were. */
  readonly files: number
  readonly handles: number
  /** The longest that the honest peer waited, in ms, without what the machine kept it and the node from running. */
  readonly slowest: number
  /** Codes that ended channels during this siege. */
  readonly verdicts: Readonly<Record<string, number>>
  /** What the attacker counted. */
  readonly told: Readonly<Record<string, number>>
}

export interface Field extends Ready, AsyncDisposable {
  health(): Promise<Health>
  /** For a second and a half, and until it was an attack. */
  besiege(name: string, plan?: Partial<Plan>, meanwhile?: () => Promise<void>): Promise<Siege>
}

/** A node, its attackers and an honest peer, all of whom stay for several sieges. */
export async function openField(options: VictimOptions = {}): Promise<Field> {
  const victim = start('victim-child.ts', ['--expose-gc'], JSON.stringify(options))
  // With less right to the processor than the node, as if they had one of their own.
  const attackers = start('attacker-child.ts', [])
  setPriority(attackers.pid ?? 0, 5)
  const [said] = await Promise.all([heard(victim), heard(attackers)])
  const { ready } = said as { readonly ready: Ready }
  const pid = victim.pid ?? 0
  const honest = await openLibp2pNetwork({ listen: [] })
  const peer = connectSource(await honest.dial(ready.address))
  const health = async (): Promise<Health> => {
    victim.send('health')
    return ((await heard(victim)) as { readonly health: Health }).health
  }

  /** Connections of who is gone end within a moment; what stays is left over. */
  async function settled(before: Health): Promise<Health> {
    for (let i = 0; ; i++) {
      const now = await health()
      const isOver = now.files <= before.files && now.handles <= before.handles
      if ((isOver && now.memory < before.memory + 10 * MIB) || i === 40) return now
      await sleep(50)
    }
  }

  return {
    ...ready,
    health,
    async besiege(name, plan = {}, meanwhile) {
      const before = await health()
      const size = rssOf(pid)
      let peak = 0
      const watch = setInterval(() => {
        peak = Math.max(peak, rssOf(pid) - size)
      }, 20)
      const stop = new AbortController()
      const asking = askOn(ready, { pid, peer, signal: stop.signal })
      const { speed = 1 } = options
      attackers.send({ ...ready, name, speed, milliseconds: 1_500, enough: {}, ...plan })
      const [ended] = await Promise.all([heard(attackers), meanwhile?.()])
      const { told } = ended as Pick<Siege, 'told'>
      // Else hundreds of them would take their time to leave.
      if (plan.isLast === true) attackers.kill('SIGKILL')
      stop.abort()
      const { slowest, plain, asked } = await asking
      clearInterval(watch)
      const { channels, connections } = await health()
      const after = { ...(await settled(before)), channels, connections }
      const siege: Siege = {
        ...{ before, after, slowest, told, verdicts: less(after.verdicts, before.verdicts) },
        peak: Math.round(peak / MIB),
        left: Math.round((after.memory - before.memory) / MIB),
        files: after.files - before.files,
        handles: after.handles - before.handles,
      }
      const { left, files, handles, verdicts } = siege
      const figures = {
        ...told,
        ...{ channels, connections },
        verdicts,
        peak: siege.peak,
        left,
        files,
        handles,
        asked,
        slowest,
      }
      console.info(`${name} (MiB, ms): ${JSON.stringify({ ...figures, plain })}`)
      return siege
    },
    async [Symbol.asyncDispose]() {
      attackers.kill('SIGKILL')
      await honest[Symbol.asyncDispose]()
      const ended = once(victim, 'exit')
      const late = setTimeout(() => victim.kill('SIGKILL'), 5_000)
      victim.send('stop')
      const [code] = (await ended) as [number | null]
      clearTimeout(late)
      if (code !== 0) throw new Error(`The node ended with ${code}.`)
    },
  }
}

function less(
  after: Readonly<Record<string, number>>,
  before: Readonly<Record<string, number>>,
): Readonly<Record<string, number>> {
  const counts = Object.entries(after).map(([code, n]) => [code, n - (before[code] ?? 0)] as const)
  return Object.fromEntries(counts.filter(([, n]) => n > 0))
}

/** The same questions again and again, over a channel that stays and over new connections. */
async function askOn(
  { address, publisher, cids }: Ready,
  {
    pid,
    peer,
    signal,
  }: { readonly pid: number; readonly peer: Source; readonly signal: AbortSignal },
): Promise<{ readonly slowest: number; readonly plain: number; readonly asked: number }> {
  const one = cids.at(-1) as Cid
  let [slowest, plain, asked] = [0, 0, 0]
  const timed = async (work: () => Promise<unknown>): Promise<void> => {
    const began = { at: performance.now(), kept: keptWaiting(pid) }
    await work()
    const took = performance.now() - began.at
    plain = Math.max(plain, Math.round(took))
    slowest = Math.max(slowest, Math.round(took - (keptWaiting(pid) - began.kept)))
    asked += 1
  }
  const staying = async (): Promise<void> => {
    while (!signal.aborted) {
      await timed(() => peer.checkpoint(publisher))
      await timed(() => peer.blocks([one]))
      await sleep(20)
    }
  }
  const coming = async (): Promise<void> => {
    while (!signal.aborted) {
      await using network = await openLibp2pNetwork({ listen: [] })
      await timed(async () => {
        await using peer = connectSource(await network.dial(address))
        await peer.checkpoint(publisher)
      })
      await sleep(300)
    }
  }
  await Promise.all([staying(), coming()])
  return { slowest, plain, asked }
}

/** Milliseconds that this process and the node were ready to run and the machine was busy with others. */
function keptWaiting(pid: number): number {
  const waits = [process.pid, pid].map((one) => {
    const [, waited = '0'] = readFileSync(`/proc/${one}/schedstat`, 'utf8').split(' ')
    return Number(waited) / 1e6
  })
  return waits.reduce((sum, one) => sum + one, 0)
}

function start(
  file: string,
  execArgv: readonly string[],
  ...args: readonly string[]
): ChildProcess {
  const child = fork(join(import.meta.dirname, file), args, {
    execArgv: [...execArgv],
    stdio: ['ignore', 'inherit', 'inherit', 'ipc'],
  })
  return child
}

/** The next message of it. */
function heard(child: ChildProcess): Promise<unknown> {
  return new Promise((resolve, reject) => {
    const onExit = (code: number | null): void => {
      child.off('message', onMessage)
      reject(new Error(`A child process ended with ${code}.`))
    }
    const onMessage = (message: unknown): void => {
      child.off('exit', onExit)
      resolve(message)
    }
    child.once('exit', onExit).once('message', onMessage)
  })
}

function rssOf(pid: number): number {
  const status = readFileSync(`/proc/${pid}/status`, 'utf8')
  return Number(/VmRSS:\s+(\d+)/.exec(status)?.[1] ?? 0) * 1024
}
