// What the owner of an agent can say to its guard.

import type { GuardGroup } from './group.ts'
import type { Quarantined } from './report.ts'

export interface GuardOptions {
  /** Told once of each tool that is taken out, and again when it changes further. */
  readonly onQuarantine?: (event: Quarantined) => void
  /** Told of verified tools that the server does not list, whenever that set changes. */
  readonly onMissing?: (tools: readonly string[]) => void
  /** Shared by the guards of one agent: no server takes a name that another one has. */
  readonly group?: GuardGroup
  /** The server’s `instructions` are withheld unless this is true, or `sha256-` and the hex digest of them. */
  readonly allowInstructions?: boolean | string
  /** Milliseconds for a check of the list, after which nothing may be called; 30 seconds unless said. */
  readonly timeout?: number
  /** A call asks for the list again when the last one is older than this, in milliseconds; a minute unless said. */
  readonly maxAge?: number
}
