// What a process comes to, seen from outside (/proc) and by its own metrics, and once a minute after a collection.

import { readdir, readFile, readlink, rm } from 'node:fs/promises'
import { setTimeout as sleep } from 'node:timers/promises'
import { probeFile, type SoakNode } from './node.ts'
import { type Parts, partsOf } from './parts.ts'

export interface Sample {
  readonly node: string
  readonly life: number
  /** Minutes since the soak began. */
  readonly at: number
  /** MiB: all, and without files that are mapped (LevelDB maps its tables). */
  readonly rss: number
  readonly anonymous: number
  readonly threads: number
  /** Open files by what they are. */
  readonly sockets: number
  readonly files: number
  /** MiB in use by the program, after a collection: on the heap and beside it; its own compiled code; and what keeps its event loop alive. */
  readonly live?: number
  readonly code?: number
  readonly handles?: number
  /** Of what the memory that belongs to no file consists. */
  readonly parts?: Parts
  readonly metrics: Readonly<Record<string, number>>
  /** Seconds of processor time since its start. */
  readonly cpu: number
}

const MIB = 1024 * 1024
const METRICS: readonly string[] = [
  'nodejs_heap_size_used_bytes',
  'toolmark_heads',
  'toolmark_forks',
  'toolmark_connected_peers',
  'toolmark_announced_logs',
  'toolmark_partial_logs',
  'toolmark_lacking_blocks',
  'toolmark_sync_entries_total',
]

/** Undefined for a node that is not running, or ends meanwhile. */
export async function sample(
  node: SoakNode,
  { at, isCollected }: { readonly at: number; readonly isCollected: boolean },
): Promise<Sample | undefined> {
  const { pid, life, name } = node
  if (pid === undefined) return undefined
  try {
    const [status, links, metrics, cpu] = await Promise.all([
      readFile(`/proc/${pid}/status`, 'utf8'),
      openFiles(pid),
      readMetrics(node.http),
      cpuOf(pid),
    ])
    const probed = isCollected ? await collect(node, pid) : undefined
    const kib = (field: string): number =>
      Number(new RegExp(`^${field}:\\s+(\\d+)`, 'm').exec(status)?.[1] ?? 0)
    return {
      ...{ node: name, life, at, metrics, cpu },
      rss: kib('VmRSS') / 1024,
      anonymous: kib('RssAnon') / 1024,
      threads: kib('Threads'),
      sockets: links.filter((link) => link.startsWith('socket:')).length,
      files: links.filter((link) => !link.startsWith('socket:')).length,
      ...probed,
    }
  } catch {
    return undefined
  }
}

async function openFiles(pid: number): Promise<readonly string[]> {
  const names = await readdir(`/proc/${pid}/fd`)
  return await Promise.all(names.map((fd) => readlink(`/proc/${pid}/fd/${fd}`).catch(() => '')))
}

async function readMetrics(http: string): Promise<Readonly<Record<string, number>>> {
  const response = await fetch(`${http}/metrics`, {
    headers: { connection: 'close' },
    signal: AbortSignal.timeout(5_000),
  })
  const text = await response.text()
  return Object.fromEntries(
    METRICS.map((name) => [name, Number(new RegExp(`^${name} (.+)$`, 'm').exec(text)?.[1])]),
  )
}

/** User and system, in seconds. */
export async function cpuOf(pid: number | 'self', ofChildren = false): Promise<number> {
  const stat = await readFile(`/proc/${pid}/stat`, 'utf8')
  const fields = stat.slice(stat.lastIndexOf(')') + 2).split(' ')
  const [user, system, children, childSystem] = fields.slice(11, 15).map(Number) as [
    number,
    number,
    number,
    number,
  ]
  return (user + system + (ofChildren ? children + childSystem : 0)) / 100
}

async function collect(
  node: SoakNode,
  pid: number,
): Promise<Required<Pick<Sample, 'live' | 'code' | 'handles' | 'parts'>> | undefined> {
  const file = probeFile(node.home)
  await rm(file, { force: true })
  process.kill(pid, 'SIGUSR2')
  for (let i = 0; i < 50; i++) {
    await sleep(100)
    const text = await readFile(file, 'utf8').catch(() => '')
    if (!text.endsWith('\n')) continue
    const { heapUsed, heapTotal, ofLevel, code, external, counts } = JSON.parse(text) as {
      readonly heapUsed: number
      readonly heapTotal: number
      readonly ofLevel: number
      readonly code: number
      readonly external: number
      readonly counts: Readonly<Record<string, number>>
    }
    const handles = Object.values(counts).reduce((sum, count) => sum + count, 0)
    const parts = await partsOf(pid, { heap: heapTotal / MIB, level: ofLevel / MIB })
    return { live: (heapUsed - code + external) / MIB, code: code / MIB, handles, parts }
  }
  return undefined
}
