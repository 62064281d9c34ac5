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
import type { PublisherId } from '../../../src/spec/index.ts'
import { openHonestPeer } from './honest-peer.ts'

const MIB = 1024 * 1024

export interface VictimOptions {
  /** How many times faster than usual its clock goes, for limits of minutes. */
  readonly speed?: number
  readonly follows?: readonly string[]
  readonly peers?: readonly string[]
  readonly always?: readonly string[]
  /** C2SP vkeys of witnesses that it was told of. */
  readonly witnesses?: readonly string[]
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
  /** The longest that somebody waited who came anew, in ms. */
  readonly newcomer: number
  /** Codes that ended channels during this siege. */
  readonly verdicts: Readonly<Record<string, number>>
  /** What the attacker counted. */
  readonly told: Readonly<Record<string, number>>
}

export interface Field extends Ready, AsyncDisposable {
  health(): Promise<Health>
  /** Measures while something is done; it answers what was counted. */
  watch(name: string, act: () => Promise<Siege['told']>): Promise<Siege>
  /** For a second and a half, and until it was an attack. */
  besiege(name: string, plan?: Partial<Plan>, meanwhile?: () => Promise<void>): Promise<Siege>
}

/** A node, its attackers and an honest peer, all of whom stay for several sieges. */
export async function openField(options: VictimOptions = {}): Promise<Field> {
  const victim = start('victim-child.ts', ['--expose-gc'], JSON.stringify(options))
  const { ready } = (await heard(victim)) as { readonly ready: Ready }
  const pid = victim.pid ?? 0
  const honest = await openHonestPeer(ready, pid)
  let attackers: ChildProcess | undefined
  const health = async (): Promise<Health> => {
    victim.send('health')
    return ((await heard(victim)) as { readonly health: Health }).health
  }

  async function openAttackers(): Promise<ChildProcess> {
    if (attackers !== undefined) return attackers
    attackers = start('attacker-child.ts', [])
    // With less right to the processor than the node, as if they had one of their own.
    setPriority(attackers.pid ?? 0, 5)
    await heard(attackers)
    return attackers
  }

  /** Connections of who is gone end within a moment, but for one that just comes or goes; what stays is left over. */
  async function settled(before: Health): Promise<Health> {
    for (let i = 0; ; i++) {
      const now = await health()
      const isOver = now.files <= before.files + 2 && now.handles <= before.handles + 5
      if ((isOver && now.memory < before.memory + 10 * MIB) || i === 40) return now
      await sleep(50)
    }
  }

  async function watch(name: string, act: () => Promise<Siege['told']>): Promise<Siege> {
    const before = await health()
    const size = rssOf(pid)
    let peak = 0
    const looking = setInterval(() => {
      peak = Math.max(peak, rssOf(pid) - size)
    }, 20)
    const stop = new AbortController()
    const asking = honest.askOn(stop.signal)
    try {
      const told = await act()
      stop.abort()
      const { slowest, newcomer, ...waited } = await asking
      const { channels, connections } = await health()
      const after = { ...(await settled(before)), channels, connections }
      const verdicts = less(after.verdicts, before.verdicts)
      const left = Math.round((after.memory - before.memory) / MIB)
      const files = after.files - before.files
      const handles = after.handles - before.handles
      const figures = { peak: Math.round(peak / MIB), left, files, handles, slowest, newcomer }
      const counts = { ...told, channels, connections, verdicts }
      console.info(`${name} (MiB, ms): ${JSON.stringify({ ...counts, ...figures, ...waited })}`)
      return { before, after, verdicts, told, ...figures }
    } finally {
      clearInterval(looking)
      stop.abort()
      await asking.catch(() => undefined)
    }
  }

  return {
    ...ready,
    health,
    watch,
    besiege: async (name, plan = {}, meanwhile) => {
      const child = await openAttackers()
      return await watch(name, async () => {
        const { speed = 1 } = options
        child.send({ ...ready, name, speed, milliseconds: 1_500, enough: {}, ...plan })
        const [ended] = await Promise.all([heard(child), meanwhile?.()])
        // Else hundreds of them would take their time to leave.
        if (plan.isLast === true) child.kill('SIGKILL')
        return (ended as Pick<Siege, 'told'>).told
      })
    },
    async [Symbol.asyncDispose]() {
      attackers?.kill('SIGKILL')
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
