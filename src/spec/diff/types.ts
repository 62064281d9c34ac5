// What a comparison of two releases answers. Plain JSON, so that a command, a lockfile and a log can all keep it.

import type { Json } from '../../lib/index.ts'

/**
 * What a change can do to whoever relies on the old content, worst first:
 *
 * - `schema-breaking`: a call that was accepted may now be refused, or a result may lack what was promised. Also
 *   whatever cannot be proven harmless.
 * - `effects-widened`: the tool may do more than it said before.
 * - `binding`: other code would run, or another address be asked.
 * - `schema-compatible`: every call accepted before is accepted still, and results promise no less.
 * - `effects-narrowed`: the tool says that it does less. A claim, which a host may answer by asking its user less often.
 * - `text`: words and pictures that a model or a person reads.
 * - `other`: the rest, such as hints and the licence.
 */
export type Risk =
  | 'schema-breaking'
  | 'effects-widened'
  | 'binding'
  | 'schema-compatible'
  | 'effects-narrowed'
  | 'text'
  | 'other'

export interface Change {
  /** JSON pointer inside the block; empty for the whole of it. */
  readonly path: string
  /** Absent when nothing was there. */
  readonly before?: Json
  /** Absent when nothing is there any more. */
  readonly after?: Json
  readonly risk: Risk
  /** Whether a model is shown this part: it belongs to the tool's surface. */
  readonly visible: boolean
  /** In a few words, where the values do not say it. */
  readonly why?: string
}

export interface ToolDiff {
  readonly kind: 'added' | 'removed' | 'changed'
  readonly name: string
  readonly visible: boolean
  /** Each class met, worst first. */
  readonly risks: readonly Risk[]
  readonly changes: readonly Change[]
}

export type Step = 'major' | 'minor' | 'patch' | 'none'

export interface VersionStep {
  readonly suggested: Step
  /** `prerelease`: only that part differs; `backward`: the second version is the lower one. */
  readonly actual: Step | 'prerelease' | 'backward'
  readonly tooSmall: boolean
}

export interface ReleaseDiff {
  /** Whether a model would see a difference. */
  readonly visible: boolean
  readonly risks: readonly Risk[]
  /** Of the release itself: its bindings, its words, its metadata. */
  readonly changes: readonly Change[]
  /** Tools that differ, by name. */
  readonly tools: readonly ToolDiff[]
  /** Names of the tools that are the same in both. */
  readonly unchanged: readonly string[]
  /** Absent for two releases of different names. */
  readonly step?: VersionStep
}
