// Whether an answer is about what was asked, and has no more in it. One that is not ends the session: a peer that answers something else
// than it was asked is not worth another question.

import { equalBytes } from '../../lib/index.ts'
import { digestOf, ownerOf } from '../heads/item.ts'
import { misbehaved } from '../peer-errors.ts'
import type { Answers } from '../wire/ops.ts'
import type { LogAnswer, Subject } from '../wire/sync-ops.ts'
import type { Request } from './machine/events.ts'

/** Throws PEER_MISBEHAVED. */
export function assertAnswers(remote: string, request: Request, ok: unknown): void {
  const assertAtMost = (got: readonly unknown[], asked: number, what: string): void => {
    if (got.length > asked) throw misbehaved(remote, `it sent more ${what} than were asked for`)
  }
  switch (request.op) {
    case 'logs': {
      const { logs } = ok as Answers['logs']
      assertAtMost(logs, request.ask.wants.length, 'logs')
      for (const [i, log] of logs.entries()) assertAbout(remote, request.ask.wants[i], log)
      return
    }
    case 'forks':
      assertAtMost((ok as Answers['forks']).proofs, request.ask.wants.length, 'proofs')
      return
    case 'entries': {
      const { start, end } = request.ask
      assertAtMost((ok as Answers['entries']).entries, end - start, 'entries')
      return
    }
    case 'blocks':
      assertAtMost((ok as Answers['blocks']).blocks, request.ask.cids.length, 'blocks')
      return
    default:
  }
}

function assertAbout(remote: string, wanted: Subject | undefined, log: LogAnswer): void {
  if ('unknown' in log || wanted === undefined) return
  const { publisher, item } = wanted
  const isAbout =
    item === undefined
      ? publisher === log.publisher
      : equalBytes(ownerOf(item), digestOf(log.publisher).subarray(0, ownerOf(item).length))
  if (!isAbout) throw misbehaved(remote, 'it sent the log of another publisher than was asked for')
  if (log.blocks.length > log.entries.length) {
    throw misbehaved(remote, 'it sent more blocks than entries')
  }
}
