// When a log is to be committed before its end: so much of it is held in memory, or it has had its share of room.

import { RegistryError } from '../../../lib/index.ts'
import { STEP_BYTES, STEP_ENTRIES } from '../../../registry/index.ts'
import { LONG_LOGS, type Log, OPEN_LOGS } from './state.ts'
import type { Turn } from './turn.ts'

/** Long logs that hold something: under way, and ending. */
const MOST_LONG = 2 * LONG_LOGS

/** Before the end: memory is full, or the log has had its share. */
export function isDue(turn: Turn, log: Log): boolean {
  const { bytes, entries } = log.staged
  if (entries >= STEP_ENTRIES || isOverRoom(log)) return true
  // Counted only for who has the least that can be a share: this is asked of every log at every step.
  return bytes >= STEP_BYTES / MOST_LONG && bytes >= STEP_BYTES / Math.max(1, countHeld(turn))
}

function isOverRoom({ taken, from, room, used, staged }: Log): boolean {
  return taken - from >= room.entries || used + staged.bytes >= room.bytes
}

/** Long ones that hold something. */
function countHeld(turn: Turn): number {
  let long = 0
  for (const { isLong, stage } of turn.logs.values()) if (isLong && stage !== 'waiting') long += 1
  return long
}

/** Long ones under way. The disk is not waited for, unless as many wait for it: those that end make room for others. */
export function countLong({ logs }: Turn): number {
  let [long, ending] = [0, 0]
  for (const { isLong, stage } of logs.values()) {
    if (!isLong || stage === 'waiting') continue
    if (stage === 'ending') ending += 1
    else long += 1
  }
  return long + Math.max(0, ending - LONG_LOGS)
}

/** The same of logs of any length. */
export function countOpen({ logs }: Turn): number {
  let ending = 0
  for (const { stage } of logs.values()) if (stage === 'ending') ending += 1
  return logs.size - Math.min(ending, OPEN_LOGS)
}

export function noRoom({ room, used, taken, to }: Log): RegistryError {
  return new RegistryError('LIMIT_EXCEEDED', 'This log is larger than what is fetched of it.', {
    expected: `at most ${room.entries} entries and ${room.bytes} bytes more`,
    got: `${used} bytes up to entry ${taken} of ${to}`,
    next: 'What has verified is kept, and goes on from there once there is room: follow the publisher with a larger budget.',
  })
}
