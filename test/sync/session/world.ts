// A peer and a store that are nothing but counts, so that the machine of a session can be run in any order, thousands of times.

import { type Cid, cidOf } from '../../../src/cid/index.ts'
import { RegistryError, toBase64 } from '../../../src/lib/index.ts'
import type { SignedStatement } from '../../../src/resolve/index.ts'
import { type PublisherId, publisherIdOf } from '../../../src/spec/index.ts'
import { headItem } from '../../../src/sync/heads/item.ts'
import type { Event, Job, Request, Results } from '../../../src/sync/session/machine/events.ts'
import type { Answers } from '../../../src/sync/wire/ops.ts'

export interface ModelLog {
  readonly entries: number
  /** Entries that the node holds before. */
  readonly held: number
  /** Tools of each release; every entry but the first is one. */
  readonly tools: number
}

interface Theirs extends ModelLog {
  readonly publisher: PublisherId
  readonly item: Uint8Array
}

interface Staged {
  taken: number
  entries: number
  readonly wanted: Set<Cid>
  readonly blocks: Set<Cid>
}

/** So that a step is due after some dozens of entries. */
const ENTRY_BYTES = 1024 * 1024

export class World {
  readonly theirs: ReadonlyMap<PublisherId, Theirs>
  /** What the node has made durable: entries, and blocks. */
  readonly sizes = new Map<PublisherId, number>()
  readonly blocks = new Set<Cid>()
  readonly missing = new Set<Cid>()
  /** Entries that were answered, by log: none twice. */
  readonly fetched: string[] = []
  readonly #open = new Map<PublisherId, Staged>()
  readonly #random: () => number

  constructor(logs: readonly ModelLog[], random: () => number) {
    this.#random = random
    this.theirs = new Map(
      logs.map((log, i) => {
        const publisher = publisherIdOf(utf8(`log ${i}`))
        const size = log.entries
        const head = { publisher, size, root: `${i}`.padStart(64, '0') }
        const item = headItem(head, false)
        return [publisher, { ...log, publisher, item }]
      }),
    )
    for (const { publisher, held } of this.theirs.values()) {
      if (held === 0) continue
      this.sizes.set(publisher, held)
      for (let seq = 1; seq < held; seq += 1)
        for (const cid of this.#cidsOf(publisher, seq)) this.blocks.add(cid)
    }
  }

  /** A session that was cut off: what was not committed is gone. */
  cut(): void {
    this.#open.clear()
  }

  /** Whether everything that the peer has is here. */
  differences(): readonly string[] {
    return [...this.theirs.values()].flatMap(({ publisher, entries }) => {
      // Of a release that nobody had, nobody knows the tools.
      const cids = Array.from({ length: entries - 1 }, (_, i) => {
        const [release, ...tools] = this.#cidsOf(publisher, i + 1)
        const isKnown = release !== undefined && this.blocks.has(release)
        return release === undefined ? [] : isKnown ? [release, ...tools] : [release]
      }).flat()
      const absent = cids.filter((cid) => !this.blocks.has(cid) && !this.missing.has(cid)).length
      const size = this.sizes.get(publisher)
      return size === entries && absent === 0
        ? []
        : [`${publisher}: ${size} of ${entries}, ${absent} absent`]
    })
  }

  answer(request: Request): Event {
    const { id } = request
    if (this.#random() < 0.02) {
      return { kind: 'refused', id, error: new RegistryError('PEER_LIMIT', 'Later.') }
    }
    return { kind: 'answered', id, ok: this.#answer(request) }
  }

  run(job: Job): Event {
    return { kind: 'done', id: job.id, result: this.#run(job) }
  }

  #answer(request: Request): Answers[Request['op']] {
    switch (request.op) {
      case 'scope':
        return {}
      case 'reconcile':
        return { message: Uint8Array.of(0x61) }
      case 'forks':
        return { proofs: request.ask.wants.map(() => null) }
      case 'consistency':
        return { hashes: [new Uint8Array(32)] }
      case 'entries': {
        const { publisher, start, end } = request.ask
        return { entries: this.#entries(publisher, start, this.#prefix(start, end)) }
      }
      case 'blocks': {
        const count = this.#prefix(0, request.ask.cids.length)
        return { blocks: request.ask.cids.slice(0, count).map((cid) => this.#block(cid)) }
      }
      case 'logs': {
        const count = this.#prefix(0, request.ask.wants.length)
        const logs = request.ask.wants.slice(0, count).map(({ publisher, item, from }) => {
          const log = [...this.theirs.values()].find(
            (one) => one.publisher === publisher || one.item === item,
          ) as Theirs
          const end = this.#prefix(from, Math.min(log.entries, from + 64))
          const entries = this.#entries(log.publisher, from, end)
          const note = noteOf(log)
          return { publisher: log.publisher, note, consistency: [], entries, blocks: [] }
        })
        return { logs }
      }
    }
  }

  #run(job: Job): Results[Job['kind']] {
    switch (job.kind) {
      case 'reconcile': {
        const need = [...this.theirs.values()].filter(
          ({ publisher, entries }) => this.sizes.get(publisher) !== entries,
        )
        if (job.answer === undefined) return { message: Uint8Array.of(1), need: [] }
        return { message: undefined, need: need.map(({ item }) => item) }
      }
      case 'lacking':
        return { cids: [...this.missing] }
      case 'plan':
        return {
          wants: job.hints.map((hint) => {
            const log = [...this.theirs.values()].find(
              (one) => one.publisher === hint.publisher || one.item === hint.item,
            ) as Theirs
            return { publisher: log.publisher, from: this.sizes.get(log.publisher) ?? 0 }
          }),
        }
      case 'open': {
        const { publisher } = job.piece
        const from = this.sizes.get(publisher) ?? 0
        if (from !== job.from) throw new Error('opened elsewhere than asked')
        this.#open.set(publisher, { taken: from, entries: 0, wanted: new Set(), blocks: new Set() })
        const room = { entries: Number.MAX_SAFE_INTEGER, bytes: Number.MAX_SAFE_INTEGER }
        return { kind: 'open', from, to: this.theirs.get(publisher)?.entries ?? 0, room }
      }
      case 'take': {
        const staged = this.#staged(job.publisher)
        const cids: Cid[] = []
        for (const { statement } of job.entries) {
          const seq = Number(Buffer.from(statement).toString().split(' ')[1])
          if (seq !== staged.taken) throw new Error(`entry ${seq} taken as ${staged.taken}`)
          const [release] = this.#cidsOf(job.publisher, seq)
          if (seq > 0 && release !== undefined) cids.push(release)
          staged.taken += 1
          staged.entries += 1
        }
        return this.#grown(staged, cids, 0)
      }
      case 'give': {
        const staged = this.#staged(job.publisher)
        for (const cid of job.lacking) {
          if (!staged.wanted.delete(cid)) throw new Error('lacked unasked')
          this.missing.add(cid)
        }
        const tools = job.blocks.flatMap((block) => {
          const cid = cidOf(block)
          if (!staged.wanted.delete(cid)) throw new Error('given unasked')
          staged.blocks.add(cid)
          return this.#toolsIn(block)
        })
        return this.#grown(staged, tools, job.blocks.length)
      }
      case 'commit': {
        const staged = this.#staged(job.publisher)
        const to = this.theirs.get(job.publisher)?.entries
        this.sizes.set(job.publisher, staged.taken)
        for (const cid of staged.blocks) {
          this.blocks.add(cid)
          this.missing.delete(cid)
        }
        staged.blocks.clear()
        staged.entries = 0
        if (staged.taken === to) return 'done'
        if (job.proof === undefined) throw new Error('a step without its proof')
        // As a commit does: what is on its way is lacking until it has come.
        for (const cid of staged.wanted) this.missing.add(cid)
        return 'step'
      }
      case 'close':
        this.#open.delete(job.publisher)
        return undefined
      case 'fill':
        return {
          wanted: job.blocks.flatMap((block) => this.#fill(block)),
          blocks: job.blocks.length,
        }
      case 'fork':
        return { publisher: undefined }
      case 'wait':
        return undefined
    }
  }

  #grown(staged: Staged, cids: readonly Cid[], blocks: number): Results['take'] {
    const wanted = cids.filter((cid) => !this.blocks.has(cid) && !staged.wanted.has(cid))
    for (const cid of wanted) staged.wanted.add(cid)
    const { entries } = staged
    return { wanted, blocks, staged: { bytes: entries * ENTRY_BYTES, entries } }
  }

  #fill(block: Uint8Array): readonly Cid[] {
    const cid = cidOf(block)
    if (!this.missing.delete(cid)) return []
    this.blocks.add(cid)
    const tools = this.#toolsIn(block).filter((tool) => !this.blocks.has(tool))
    for (const tool of tools) this.missing.add(tool)
    return tools
  }

  #toolsIn(block: Uint8Array): readonly Cid[] {
    const [publisher, seq, part] = Buffer.from(block).toString().split(' ')
    return part === '0' ? this.#cidsOf(publisher as PublisherId, Number(seq)).slice(1) : []
  }

  #staged(publisher: PublisherId): Staged {
    const staged = this.#open.get(publisher)
    if (staged === undefined) throw new Error('not open')
    return staged
  }

  #entries(publisher: PublisherId, start: number, end: number): readonly SignedStatement[] {
    return Array.from({ length: end - start }, (_, i) => {
      this.fetched.push(`${publisher} ${start + i}`)
      return { statement: utf8(`entry ${start + i}`), bundles: [] }
    })
  }

  /** The release first, then its tools. */
  #cidsOf(publisher: PublisherId, seq: number): readonly Cid[] {
    const tools = this.theirs.get(publisher)?.tools ?? 0
    const known = cids.get(`${publisher} ${seq}/${tools}`)
    if (known !== undefined) return known
    const made = Array.from({ length: tools + 1 }, (_, i) => {
      const bytes = utf8(`${publisher} ${seq} ${i}`)
      const cid = cidOf(bytes)
      content.set(cid, bytes)
      return cid
    })
    cids.set(`${publisher} ${seq}/${tools}`, made)
    return made
  }

  #block(cid: Cid): Uint8Array | null {
    const block = content.get(cid)
    return block === undefined || this.#random() < 0.01 ? null : block
  }

  /** Some of the time, less than was asked; never nothing. */
  #prefix(start: number, end: number): number {
    if (end <= start || this.#random() < 0.7) return end
    return start + 1 + Math.floor(this.#random() * (end - start - 1))
  }
}

/** No Buffer: a clone of one is another class. */
function utf8(text: string): Uint8Array {
  return Uint8Array.from(Buffer.from(text))
}

const content = new Map<Cid, Uint8Array>()
const cids = new Map<string, readonly Cid[]>()

function noteOf({ publisher, entries }: Theirs): Uint8Array {
  const origin = `toolmark/${publisher}`
  const text = `${origin}\n${entries}\n${toBase64(new Uint8Array(32))}\n`
  return utf8(`${text}\n\u2014 ${origin} ${toBase64(new Uint8Array(68))}\n`)
}
