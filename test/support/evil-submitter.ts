// Submissions that no client makes: each built right first, then bent where a test says.

import { type Cid, cidOf } from '../../src/cid/index.ts'
import {
  type ActionOf,
  findHead,
  findName,
  type History,
  historyAfter,
  historyBlock,
  indexReader,
  type LogHead,
  makeStatement,
  type Position,
  parseHistory,
  type Statement,
  updateIndex,
} from '../../src/log/index.ts'
import type { Submission } from '../../src/registry/index.ts'
import { splitToolkit, type Toolkit } from '../../src/spec/index.ts'
import { type Signer, signStatement } from '../../src/trust/index.ts'
import type { TestPublisher } from './publisher.ts'

export interface Bent {
  /** What the statement says, in place of what its release says. */
  readonly name?: string
  readonly version?: string
  readonly subject?: Cid
  /** Where it says it stands, in place of the end of the log. */
  readonly position?: Partial<Position>
  readonly signer?: Signer
}

export interface Crafted {
  readonly submission: Submission
  readonly statement: Statement
  readonly release: Uint8Array
  readonly tools: readonly Uint8Array[]
}

/** What an honest machine would submit, but for what is bent. */
export async function craft(
  publisher: TestPublisher,
  toolkit: Toolkit,
  bent: Bent = {},
): Promise<Crafted> {
  const { release, tools, ...named } = splitToolkit(toolkit, publisher.id)
  const { name = named.name, version = named.version, subject = release.cid } = bent
  const entry = await craftEntry(publisher, { kind: 'release', name, version, subject }, bent)
  return { ...entry, release: release.bytes, tools: tools.map(({ bytes }) => bytes) }
}

export async function craftEntry(
  { id, workspace: { store }, signing }: TestPublisher,
  action: ActionOf<'release' | 'yank'>,
  { position, signer = signing }: Pick<Bent, 'position' | 'signer'> = {},
): Promise<Pick<Crafted, 'submission' | 'statement'>> {
  const { name, version } = action
  const head = (await findHead(store, id)) as LogHead
  const read = indexReader(store, id)
  const before = await historyOf()
  const isSaid = action.kind === 'release' && before?.versions[version] !== undefined
  const after = isSaid ? before : historyAfter(before, action, head.size)
  const entry = { name, history: historyBlock(after as History).cid }
  const { root } = await updateIndex(head.index, [entry], read)
  const end = { publisher: id, seq: head.size, prev: head.statement, index: root }
  const statement = makeStatement(action, { ...end, ...position })
  const entries = [await signed(statement.bytes, signer)]
  return { submission: { publisher: id, head: head.statement, entries }, statement }

  async function historyOf(): Promise<History | undefined> {
    const { history } = await findName(head.index, name, read)
    const [bytes] = history === undefined ? [] : await read([history])
    return bytes && parseHistory(bytes)
  }
}

export async function signed(
  statement: Uint8Array,
  signer: Signer,
): Promise<Submission['entries'][number]> {
  return { statement, bundles: [await signStatement(statement, signer)] }
}

export const OTHER_CID: Cid = cidOf(Buffer.from('something else'))
