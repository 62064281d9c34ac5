// When a log is to be committed before its end: so much of it is held in memory, or it has had its share of room.

import { RegistryError } from '../../../lib/index.ts'
import { STEP_BYTES, STEP_ENTRIES } from '../../../registry/index.ts'
import { LONG_LOGS, type Log } from './state.ts'
import type { Turn } from './turn.ts'

/** Before the end: memory is full, or the log has had its share. */
export function isDue(turn: Turn, log: Log): boolean {
  const { bytes, entries } = log.staged
  if (entries >= STEP_ENTRIES || isOverRoom(log)) return true
  // Counted only for who has the least that can be a share: this is asked of every log at every step.
  return bytes >= STEP_BYTES / LONG_LOGS && bytes >= STEP_BYTES / Math.max(1, countLong(turn))
}

function isOverRoom({ taken, from, room, used, staged }: Log): boolean {
  return taken - from >= room.entries || used + staged.bytes >= room.bytes
}

export function countLong(turn: Turn): number {
  let long = 0
  for (const { isLong, stage } of turn.logs.values()) if (isLong && stage !== 'waiting') long += 1
  return long
}

export function noRoom({ room, used, taken, to }: Log): RegistryError {
  return new RegistryError('LIMIT_EXCEEDED', 'This log is larger than what is fetched of it.', {
    expected: `at most ${room.entries} entries and ${room.bytes} bytes more`,
    got: `${used} bytes up to entry ${taken} of ${to}`,
    next: 'What has verified is kept, and goes on from there once there is room: follow the publisher with a larger budget.',
  })
}
