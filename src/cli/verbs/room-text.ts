// What was dropped to make room, and what stays although nobody follows it, in words.

import type { RoomMade } from '../../registry/index.ts'
import { formatSize } from '../size.ts'

const HOLD_TEXT = {
  own: 'it is yours',
  pinned: 'its publisher is pinned to a namespace here',
  pulled: 'a release of it was pulled',
  locked: 'a lockfile names a release of it',
} as const

export function describeRoom({ evicted, held }: RoomMade): readonly string[] {
  return [
    ...evicted.map(
      ({ publisher, bytes, entries }) =>
        `Dropped ${publisher}: ${entries} entries, about ${formatSize(bytes)}`,
    ),
    ...held.map(({ publisher, because }) => `Kept ${publisher}: ${HOLD_TEXT[because]}`),
  ]
}
