// The HomeNode port: where the key of a log lives, and others hand in what they have signed. A peer implements it over a channel
// (sync/client), the home desk answers it (home.ts).

import type { Cid } from '../../cid/index.ts'
import type { SignedStatement, Source, SourceOptions } from '../../resolve/index.ts'
import type { PublisherId } from '../../spec/index.ts'

export interface Submission {
  readonly publisher: PublisherId
  /** The newest statement of the log that the entries follow: compare-and-set. */
  readonly head: Cid
  /** 1 to 64, each the successor of the one before. */
  readonly entries: readonly SignedStatement[]
}

export interface Submitted {
  /** `unchanged` where the log has said this before, in whichever entry. */
  readonly kind: 'appended' | 'unchanged'
  readonly seq: number
  readonly statement: Cid
}

/** One of the two is empty: either blocks are missing, and nothing was appended, or all of the entries are in the log. */
export interface SubmissionAnswer {
  /** Blocks that the entries name and that are not here, at most 1,024: stage them, then submit again. */
  readonly missing: readonly Cid[]
  readonly entries: readonly Submitted[]
}

/**
 * Implementations MUST take nothing but what the log's state authorises, MUST append all entries of a submission or none, and keep nothing
 * of one that is refused. `submit` throws CONFLICT when `head` is not the newest statement, PEER_LIMIT when the caller is to come again
 * later, NOT_FOUND for a log that has no home there, else the code of what is wrong with the submission.
 * Callers MUST NOT take the answer for proof: what was appended is proven by reading it from the log.
 */
export interface HomeNode extends Source {
  submit(submission: Submission, options?: SourceOptions): Promise<SubmissionAnswer>
  /** Only what the last `submit` of this connection called missing; kept in memory until then. */
  stage(blocks: readonly Uint8Array[], options?: SourceOptions): Promise<void>
}

/** Statements in one submission: one frame, and one turn of the log's lock. */
export const SUBMISSION_ENTRIES = 64
/** Blocks named missing in one answer: `LIMITS.wantList`. */
export const MISSING_BLOCKS = 1_024
