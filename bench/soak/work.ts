// What happens to the nodes: publishing with withdrawals, clients that come and go, restarts and kills, logs that are given up and taken
// again. Everything that a command has acknowledged is written down, to be looked for in the end.

import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import type { PublisherId } from '../../src/spec/index.ts'
import { connectSource, openLibp2pNetwork } from '../../src/sync/index.ts'
import { makeToolkit } from '../corpus.ts'
import { command } from './command.ts'
import type { SoakNode } from './node.ts'

/** What a publisher was told is published. */
export interface Acknowledged {
  readonly publisher: PublisherId
  readonly name: string
  readonly version: string
  readonly release: string
  said?: 'yanked' | 'deprecated' | 'revoked'
}

export interface Home {
  readonly node: SoakNode
  readonly publisher: PublisherId
}

export interface Soak {
  readonly isOver: () => boolean
  readonly nodes: readonly SoakNode[]
  readonly homes: readonly Home[]
  readonly acknowledged: Acknowledged[]
  /** Homes on which a command that writes is running. */
  readonly busy: Set<SoakNode>
  count(what: string): void
  random(): number
}

const NAMES = 40

/** `each` releases every so many milliseconds, and after every eighth time something is taken back. */
export async function publishOn(
  soak: Soak,
  { node, publisher }: Home,
  { every, each }: { readonly every: number; readonly each: number },
): Promise<void> {
  const folder = await mkdtemp(join(tmpdir(), 'soak-files-'))
  let made = 0
  for (let round = 1; !soak.isOver(); round++) {
    const began = performance.now()
    const files: string[] = []
    for (let i = 0; i < each; i++, made++) {
      const name = `${publisher}/soak-${made % NAMES}`
      const version = `1.${Math.floor(made / NAMES)}.0`
      const seed = Number.parseInt(publisher.slice(-4), 36) * 100_000 + made
      const file = join(folder, `${i}.json`)
      await writeFile(file, JSON.stringify({ ...makeToolkit(seed), name, version }))
      files.push(file)
    }
    soak.busy.add(node)
    await publishUntilTold(soak, { node, publisher }, files)
    if (round % 8 === 0) await withdraw(soak, { node, publisher })
    soak.busy.delete(node)
    await sleep(Math.max(0, every - (performance.now() - began)))
  }
  await rm(folder, { recursive: true })
}

interface PublishAnswer {
  readonly releases: readonly Pick<Acknowledged, 'name' | 'version' | 'release'>[]
}

/** A node that is killed meanwhile takes the answer with it: the same again is no other release. */
async function publishUntilTold(
  soak: Soak,
  { node, publisher }: Home,
  files: readonly string[],
): Promise<void> {
  for (let tries = 0; tries < 20; tries++) {
    const { code, json } = await command(node.home, 'publish', ...files)
    if (code === 0) {
      const { releases } = json as PublishAnswer
      for (const { name, version, release } of releases) {
        soak.acknowledged.push({ publisher, name, version, release })
      }
      return
    }
    soak.count(`publish refused: ${codeOf(json)}`)
    await sleep(1_000)
  }
  throw new Error(`${node.name}: nothing can be published any more`)
}

const codeOf = (json: unknown): string =>
  (json as { readonly error?: { readonly code: string } } | undefined)?.error?.code ?? 'killed'

async function withdraw(soak: Soak, { node, publisher }: Home): Promise<void> {
  const own = soak.acknowledged.filter((it) => it.publisher === publisher && it.said === undefined)
  const one = own[Math.floor(soak.random() * own.length)]
  if (one === undefined) return
  const target = `${one.name}@${one.version}`
  const ways = [
    ['yanked', ['yank', target, '--reason', 'Soaked.']],
    ['deprecated', ['deprecate', target, '--message', 'Soaked.']],
    ['revoked', ['revoke', target, '--reason', 'Soaked.', '--yes']],
  ] as const
  const [said, args] = ways[Math.floor(soak.random() * 3)] ?? ways[0]
  for (let tries = 0; tries < 20; tries++) {
    const { code, json } = await command(node.home, ...args)
    if (code === 0) {
      one.said = said
      soak.count(said)
      return
    }
    soak.count(`withdrawal refused: ${codeOf(json)}`)
    await sleep(1_000)
  }
}

/** New machines that pull a release from any node and verify it; a node may be down, or not have it yet. */
export async function pullNow(soak: Soak): Promise<void> {
  const node = anyOf(soak, soak.nodes)
  const one = anyOf(soak, soak.acknowledged)
  if (node === undefined || one === undefined) return
  const home = await mkdtemp(join(tmpdir(), 'soak-client-'))
  const target = `${one.name}@${one.version}`
  const { code, json } = await command(home, 'pull', target, '--from', node.address)
  const verdict = code === 0 ? 'pulled' : `pull refused: ${codeOf(json)}`
  soak.count(one.said === undefined || code === 0 ? verdict : `${verdict} (${one.said})`)
  await rm(home, { recursive: true })
}

/** Somebody of a new identity, who asks and leaves, politely or not. */
export async function visitNow(soak: Soak): Promise<void> {
  const node = anyOf(soak, soak.nodes)
  const one = anyOf(soak, soak.acknowledged)
  if (node === undefined || one === undefined || node.pid === undefined) return
  try {
    await using network = await openLibp2pNetwork({ listen: [] })
    const signal = AbortSignal.timeout(10_000)
    const source = connectSource(await network.dial(node.address, { signal }))
    await source.checkpoint(one.publisher, { signal })
    await source.blocks([one.release as never], { signal })
    if (soak.random() < 0.5) await source[Symbol.asyncDispose]()
    soak.count('visited')
  } catch (error) {
    soak.count(`visit refused: ${(error as { readonly code?: string }).code ?? 'other'}`)
  }
}

/** A stop, or a kill in the midst of a publish, here or on another node; some seconds; a start. */
export async function restartNow(soak: Soak, node: SoakNode, isKilled: boolean): Promise<void> {
  const isHome = soak.homes.some((home) => home.node === node)
  const isBusy = (): boolean => (isHome ? soak.busy.has(node) : soak.busy.size > 0)
  for (let i = 0; isKilled && !isBusy() && i < 1_000; i++) await sleep(20)
  if (isKilled) await sleep(soak.random() * 600)
  const { code, ms } = await node.end(isKilled ? 'SIGKILL' : 'SIGTERM')
  soak.count(isKilled ? 'killed' : `ended with ${code}`)
  if (!isKilled && ms > 2_500) soak.count('ended late')
  await sleep(2_000 + soak.random() * 10_000)
  await node.start()
}

/** A log is dropped with all its blocks, and fetched again. */
export async function refollowNow(soak: Soak, node: SoakNode, publisher: string): Promise<void> {
  const dropped = await command(node.home, 'unfollow', publisher)
  soak.count(dropped.code === 0 ? 'unfollowed' : `unfollow refused: ${codeOf(dropped.json)}`)
  await sleep(10_000)
  const taken = await command(node.home, 'follow', publisher)
  soak.count(taken.code === 0 ? 'followed' : `follow refused: ${codeOf(taken.json)}`)
}

/** Again and again, or so many rounds. */
export async function repeat(
  soak: Soak,
  {
    after,
    every,
    rounds = Number.POSITIVE_INFINITY,
  }: { readonly after: number; readonly every: number; readonly rounds?: number },
  act: (round: number) => Promise<void>,
): Promise<void> {
  const began = performance.now()
  for (let round = 0; round < rounds; round++) {
    const due = began + after + round * every
    while (performance.now() < due) {
      if (soak.isOver()) return
      await sleep(Math.min(500, Math.max(1, due - performance.now())))
    }
    if (soak.isOver()) return
    await act(round)
  }
}

function anyOf<T>({ random }: Soak, list: readonly T[]): T | undefined {
  return list[Math.floor(random() * list.length)]
}
