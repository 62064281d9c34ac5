// The home node's desk: takes submissions for the one log whose key is here. What a stranger can cost is bounded before anything
// of theirs is looked at.

import { isRegistryError, RegistryError } from '../../lib/index.ts'
import { openDraft } from '../../log/index.ts'
import type { PublisherId } from '../../spec/index.ts'
import { openKeyring } from '../publisher/keyring.ts'
import { getOwnPublisher, type Workspace } from '../workspace.ts'
import { acceptSubmission, type LogSignerFor } from './accept.ts'
import type { HomeNode, Submission, SubmissionAnswer } from './port.ts'
import { createStaging, type Room } from './staging.ts'

/** One connection to the desk; forget what it staged by disposing it. */
export type HomeSession = Pick<HomeNode, 'submit' | 'stage'> & Disposable

export interface HomeDesk {
  readonly publisher: PublisherId
  /** `remote` is who has connected; one submission of theirs is looked at at a time, however many connections they open. */
  connect(remote: string): HomeSession
}

/** Submissions that wait for the log's lock or hold it. */
const AT_ONCE = 32
/** Less than the silence after which a client gives a channel up. */
const PATIENCE_MS = 5_000

/** Opens the log key for as long as the desk is used. Throws KEY_MISSING, KEY_LOCKED and what else `openSigner` throws. */
export async function openHomeDesk(workspace: Workspace): Promise<HomeDesk> {
  const publisher = await getOwnPublisher(workspace.store)
  let keyring = await openKeyring(workspace)
  const logSignerFor: LogSignerFor = async (roles) => {
    try {
      return await keyring.logSignerFor(roles)
    } catch (error) {
      if (!isRegistryError(error, 'KEY_MISSING')) throw error
    }
    // The log key was changed while the desk is open.
    keyring = await openKeyring(workspace)
    return await keyring.logSignerFor(roles)
  }
  await logSignerFor((await openDraft(workspace.store, publisher)).state.roles)
  const room: Room = { bytes: 0 }
  const working = new Set<string>()
  return {
    publisher,
    connect: (remote) => connect({ workspace, publisher, logSignerFor, room, working, remote }),
  }
}

function connect(desk: {
  readonly workspace: Workspace
  readonly publisher: PublisherId
  readonly logSignerFor: LogSignerFor
  readonly room: Room
  /** Who has a submission here. */
  readonly working: Set<string>
  readonly remote: string
}): HomeSession {
  const { publisher, logSignerFor, room, working, remote } = desk
  const { store, now } = desk.workspace
  const staging = createStaging(room)
  let isOver = false

  async function accept(submission: Submission, signal?: AbortSignal): Promise<SubmissionAnswer> {
    await using _lock = await lockLog(signal)
    return await acceptSubmission({ store, logSignerFor, staging, now }, submission)
  }

  async function lockLog(signal: AbortSignal | undefined): Promise<AsyncDisposable> {
    const late = AbortSignal.timeout(PATIENCE_MS)
    try {
      const either = signal === undefined ? late : AbortSignal.any([late, signal])
      return await store.lock(`log/${publisher}`, { signal: either })
    } catch (error) {
      if (late.aborted && signal?.aborted !== true) throw busy('The log is being written.')
      throw error
    }
  }

  return {
    async submit(submission, { signal } = {}) {
      assertHome(publisher, submission.publisher)
      if (working.has(remote)) throw busy('Your last submission is still being looked at.')
      if (working.size >= AT_ONCE) throw busy('Too many others are submitting.')
      working.add(remote)
      try {
        return await accept(submission, signal)
      } finally {
        working.delete(remote)
        if (isOver) staging.clear()
      }
    },
    async stage(blocks) {
      if (!isOver) staging.add(blocks)
    },
    [Symbol.dispose]() {
      isOver = true
      staging.clear()
    },
  }
}

function assertHome(own: PublisherId, asked: PublisherId): void {
  if (own === asked) return
  throw new RegistryError('NOT_FOUND', 'This node is not the home of that log.', {
    expected: own,
    got: asked,
    next: 'Submit to the node that holds the log key.',
  })
}

function busy(why: string): RegistryError {
  return new RegistryError('PEER_LIMIT', `This node cannot take a submission now: ${why}`, {
    next: 'Try again in a moment.',
  })
}
