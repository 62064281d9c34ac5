// What sessions and announcements have come to since the node was started: plain counts, read by `status` and by the metrics.

import type { ErrorCode } from '../../lib/index.ts'

export interface Tally {
  sessions: number
  failures: number
  logs: number
  entries: number
  blocks: number
  bytesReceived: number
  bytesSent: number
  roundTrips: number
  milliseconds: number
  forks: number
  announced: number
  heard: number
  overflows: number
  cosigned: number
  served: number
  /** Of logs and of whole sessions, by code. */
  readonly refusals: Map<ErrorCode, number>
}

export function createTally(): Tally {
  return {
    sessions: 0,
    failures: 0,
    logs: 0,
    entries: 0,
    blocks: 0,
    bytesReceived: 0,
    bytesSent: 0,
    roundTrips: 0,
    milliseconds: 0,
    forks: 0,
    announced: 0,
    heard: 0,
    overflows: 0,
    cosigned: 0,
    served: 0,
    refusals: new Map(),
  }
}

export function countRefusal({ refusals }: Tally, code: ErrorCode): void {
  refusals.set(code, (refusals.get(code) ?? 0) + 1)
}
